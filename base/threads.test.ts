import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { endThread, startThread } from './threads.ts'

const home = new URL('./threads.ts', import.meta.url).href

/** A thread that runs `source`, which has `unbroken`, `words` and `wait(ms)`. */
async function threadOf(source: string) {
  const words = new Int32Array(new SharedArrayBuffer(8))
  const whole = `
    import { unbroken } from ${JSON.stringify(home)}
    import { setTimeout as wait } from 'node:timers/promises'
    import { parentPort, workerData as words } from 'node:worker_threads'
    parentPort.postMessage('here')
    ${source}`
  const entry = new URL(`data:text/javascript,${encodeURIComponent(whole)}`)
  const worker = startThread(entry, { workerData: words })
  await once(worker, 'message')
  return { worker, words }
}

const isOver = (worker: Worker) => worker.threadId === -1

describe('a thread that is ended', () => {
  test.each([
    ['a call', '() => { words[0] = 1; const until = performance.now() + 5;'],
    [
      'a promise',
      'async () => { words[0] = 1; const until = performance.now() + 5; await wait(3);',
    ],
  ])('has left %s that is not to be broken', async (_, begin) => {
    for (let round = 0; round < 8; round++) {
      const { worker, words } = await threadOf(`for (;;) {
        await unbroken(${begin} while (performance.now() < until); words[0] = 0 })
        words[1]++
      }`)
      await expect.poll(() => words[1], { interval: 1, timeout: 20_000 }).toBeGreaterThan(1)
      await endThread(worker)
      expect(words[0]).toBe(0)
      expect(isOver(worker)).toBe(true)
    }
  })

  test('is ended in the midst of anything else, however long it would take', async () => {
    const { worker, words } = await threadOf('unbroken(() => 1); words[1] = 1; for (;;);')
    await expect.poll(() => words[1], { timeout: 20_000 }).toBe(1)
    await endThread(worker)
    expect(isOver(worker)).toBe(true)
  })

  test('that hangs beside a call that is not to be broken is ended all the same', async () => {
    const { worker, words } = await threadOf(
      'unbroken(() => new Promise(() => {})); words[1] = 1; for (;;);',
    )
    await expect.poll(() => words[1], { timeout: 20_000 }).toBe(1)
    await endThread(worker, 50)
    expect(isOver(worker)).toBe(true)
  })

  test('by two, by itself inside, or before', async () => {
    const { worker } = await threadOf('for (;;) await unbroken(() => wait(1))')
    await Promise.all([endThread(worker), endThread(worker)])
    const left = await threadOf('unbroken(() => process.exit(3))')
    await endThread(left.worker)
    await endThread(left.worker)
    expect([worker, left.worker].map(isOver)).toEqual([true, true])
  })
})

test('what a call gives or throws is what its caller has, and it ends', async () => {
  const { worker, words } = await threadOf(`
    const failure = new Error('inside')
    const caught = async (call) => { try { return await call() } catch (error) { return error } }
    const results = [
      await caught(() => unbroken(() => unbroken(() => 7))),
      await caught(() => unbroken(() => { throw failure })),
      await caught(() => unbroken(async () => { throw failure })),
    ]
    words[0] = results[0] === 7 && results[1] === failure && results[2] === failure ? 1 : 2
    for (;;) await wait(1)`)
  await expect.poll(() => words[0], { timeout: 20_000 }).toBe(1)
  await endThread(worker)
  expect(isOver(worker)).toBe(true)
})
