/**
 * Loaded into a server before anything else (`node --import`): what is written and flushed reaches
 * the file a little later, and a flush says at once that it is done. A planted bug.
 */
import { open } from 'node:fs/promises'
import { systemClock } from '../../base/index.ts'

const LATE_MS = 20

type Write = (bytes: Uint8Array, offset: number, length: number, at: number) => Promise<unknown>
const handle = await open(process.execPath, 'r')
const prototype = Object.getPrototypeOf(handle) as { write: Write; datasync(): Promise<void> }
await handle.close()
const { write } = prototype
prototype.write = function (this: unknown, bytes, offset, length, at) {
  const copy = bytes.slice(offset, offset + length)
  void systemClock.sleep(LATE_MS).then(() => write.call(this, copy, 0, length, at))
  return Promise.resolve({ bytesWritten: length })
}
prototype.datasync = () => Promise.resolve()
