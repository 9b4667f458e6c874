/** That each fault does to a real server what it says. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../base/index.ts'
import { memoryDisk } from '../../../tests/setup/memory-disk.ts'
import { describeWith } from '../../../tests/setup/require.ts'
import { ask } from './http-ask.ts'
import { LEVERS_POLL_MS } from './levers.ts'
import { fill, mountMemory, unmount } from './tight-disk.ts'
import { VictimServer } from './victim-server.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-faults-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const agent = new Agent({ keepAlive: true })
afterAll(() => agent.destroy())

describe('around a server', () => {
  let server: VictimServer
  beforeAll(async () => {
    server = await VictimServer.open({
      program: 'serving/pinwheel.mjs',
      directory: join(scratch, 'server'),
    })
  })
  afterAll(() => server.close())

  let saves = 0
  const save = (patienceMs?: number) => {
    const entry = { kind: 'save', id: `e${saves++}`, time: systemClock.now(), user: 'u', pin: 'p' }
    const body = { entries: [entry] }
    const url = `${server.address}v1/events`
    return ask({ agent, method: 'POST', url, body, ...(patienceMs && { patienceMs }) })
  }
  /** The first answer for which it is so; there is one as soon as the levers are seen. */
  const until = async (isSo: (answer: Awaited<ReturnType<typeof save>>) => boolean) => {
    for (let n = 0; n < 500; n++) {
      const answer = await save()
      if (isSo(answer)) return answer
      await systemClock.sleep(LEVERS_POLL_MS)
    }
    throw new Error('it never was')
  }
  const isTaken = (answer: Awaited<ReturnType<typeof save>>) =>
    typeof answer === 'object' && JSON.stringify(answer.body).includes('"accepted"')

  test('a clock that steps back has what is stamped now in its future; and forward again', async () => {
    expect(isTaken(await save())).toBe(true)
    server.pull({ clockMs: -2 * 86_400_000 })
    const answer = await until((one) => !isTaken(one))
    expect(JSON.stringify(answer)).toContain('ENTRY_FUTURE')
    server.pull({})
    await until(isTaken)
  })

  test('a slow disk holds up each acknowledgement', async () => {
    server.pull({ flushMs: 400 })
    await systemClock.sleep(LEVERS_POLL_MS)
    const took = async () => {
      const began = systemClock.monotonic()
      await save()
      return systemClock.monotonic() - began
    }
    // Not one that had begun before the lever was seen.
    let longest = 0
    for (let n = 0; n < 20 && longest < 390; n++) longest = await took()
    expect(longest).toBeGreaterThanOrEqual(390)
    server.pull({})
  })

  test('a paused one is silent, and answers what waited when it goes on', async () => {
    server.pause()
    expect(await save(200)).toBe('silent')
    const waiting = save()
    server.resume()
    expect(isTaken(await waiting)).toBe(true)
  })

  test('a cut breaks what is under way, and the next connection works', async () => {
    server.pause()
    const waiting = save()
    await systemClock.sleep(50)
    server.cut()
    expect(await waiting).toBe('broken')
    server.resume()
    expect(isTaken(await save())).toBe(true)
  })

  test('a killed one breaks connections, and is back at the same address', async () => {
    const { address } = server
    await server.kill()
    expect(server.isUp).toBe(false)
    expect(await save()).toBe('broken')
    await server.start()
    expect(server.address).toBe(address)
    expect(isTaken(await save())).toBe(true)
    expect(await server.stop()).toBe(0)
    expect(server.surprises).toEqual([])
  })
})

describeWith(memoryDisk, 'a disk that is filled', () => {
  const folder = mkdtempSync(join(scratch, 'tight-'))
  beforeAll(() => mountMemory(folder, 2))
  afterAll(() => unmount(folder))

  test('has no byte left, and all of them again', () => {
    const free = () => statfsSync(folder).bavail
    const before = free()
    const empty = fill(folder)
    expect(free()).toBe(0)
    empty()
    expect(free()).toBe(before)
  })
})
