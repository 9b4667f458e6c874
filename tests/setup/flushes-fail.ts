/**
 * Loaded into a server before anything else (`node --import`): after some good flushes every fsync
 * of a file fails with EIO, as on a disk that breaks. How many is in the address:
 * `flushes-fail.ts?after=20`.
 */
import { open } from 'node:fs/promises'

const after = Number(new URL(import.meta.url).searchParams.get('after'))
const handle = await open(process.execPath, 'r')
const prototype = Object.getPrototypeOf(handle) as { datasync(): Promise<void> }
await handle.close()
const datasync = prototype.datasync
let flushes = 0
prototype.datasync = function (this: unknown) {
  flushes++
  if (flushes > after) return Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }))
  return datasync.call(this)
}
