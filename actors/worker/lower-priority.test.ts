import { once } from 'node:events'
import { constants, getPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'

const isLinux = process.platform === 'linux'

test('a thread lowers its own priority, and that of no other', async () => {
  const module = new URL('./lower-priority.ts', import.meta.url).href
  const script = `
    const { readlinkSync } = require('node:fs')
    const { parentPort } = require('node:worker_threads')
    import('${module}').then(({ lowerPriority }) => {
      lowerPriority()
      parentPort.postMessage(Number(readlinkSync('/proc/thread-self').split('/').at(-1)))
      setInterval(() => {}, 1000)
    })`
  const before = getPriority()
  const worker = new Worker(script, { eval: true })
  const [thread] = (await once(worker, 'message')) as [number]
  expect(getPriority(thread)).toBe(isLinux ? constants.priority.PRIORITY_LOW : before)
  expect(getPriority()).toBe(before)
  await worker.terminate()
})
