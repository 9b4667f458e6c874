import { expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { SimulatedProcess, Stalled, VirtualTime } from './virtual-time.ts'

/** Three that wait and speak; what was heard, in order, with the time. */
async function heard(seed: number): Promise<string[]> {
  const time = new VirtualTime(new Random(seed))
  const host = new SimulatedProcess(time, 1_000)
  const lines: string[] = []
  let open = 3
  const speaker = async (name: string) => {
    for (let n = 0; n < 5; n++) {
      await (n % 2 === 0 ? host.yield() : host.sleep(1))
      lines.push(`${name}${n} at ${host.now()}`)
    }
    open--
  }
  for (const name of ['a', 'b', 'c']) void speaker(name)
  await time.run(() => open === 0)
  return lines
}

test('a run is a function of its seed, and seeds differ', async () => {
  const runs = await Promise.all([1, 1, 2, 3, 4].map(heard))
  expect(runs[0]).toEqual(runs[1])
  expect(new Set(runs.map(String)).size).toBe(4)
})

test('promises settle before the next task', async () => {
  const time = new VirtualTime(new Random(1))
  const order: string[] = []
  time.at(1, () => {
    order.push('first')
    let chain = Promise.resolve()
    for (let n = 0; n < 50; n++) chain = chain.then(() => {})
    void chain.then(() => order.push('its promises'))
  })
  time.at(1, () => order.push('second'))
  await time.run(() => order.length === 3)
  expect(order).toEqual(['first', 'its promises', 'second'])
})

test('a process that is killed hears nothing more; one that is paused hears it later', async () => {
  const time = new VirtualTime(new Random(1))
  const [killed, paused] = [new SimulatedProcess(time, 0), new SimulatedProcess(time, 0)]
  const order: string[] = []
  void killed.sleep(10).then(() => order.push('killed'))
  void paused.sleep(10).then(() => order.push(`paused at ${Math.floor(time.now / 10) * 10}`))
  killed.kill()
  paused.pause()
  time.at(50, () => paused.resume())
  time.at(60, () => order.push('end'))
  await time.run(() => order.includes('end'))
  expect(order).toEqual(['paused at 50', 'end'])
})

test('the wall clock may go back; the other one may not', () => {
  const host = new SimulatedProcess(new VirtualTime(new Random(1)), 5_000)
  host.jump(-2_000)
  expect([host.now(), host.monotonic()]).toEqual([3_000, 0])
})

test('a simulation in which nobody has anything to do says so', async () => {
  const time = new VirtualTime(new Random(1))
  time.at(3, () => {})
  await expect(time.run(() => false)).rejects.toThrow(Stalled)
  const again = () => void time.after(0, again)
  again()
  await expect(time.run(() => false, 100)).rejects.toThrow(Stalled)
})
