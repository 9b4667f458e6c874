import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { endThread, startThread } from '../../base/index.ts'

test('threads that are ended while they multiply leave the process alive', async () => {
  const home = new URL('./index.ts', import.meta.url).href
  const source = `
    import { parentPort } from 'node:worker_threads'
    import { Gemm } from ${JSON.stringify(home)}
    const gemm = new Gemm(1)
    const a = { rows: 16, columns: 16, values: new Float32Array(256).fill(1) }
    for (;;) {
      await gemm.multiply({ a, b: a })
      parentPort.postMessage('done')
    }`
  const entry = new URL(`data:text/javascript,${encodeURIComponent(source)}`)
  for (let round = 0; round < 12; round++) {
    const worker = startThread(entry, {})
    await once(worker, 'message')
    await setTimeout(round / 4)
    await endThread(worker)
    expect(worker.threadId).toBe(-1)
  }
})
