/**
 * A training on disk. Written beside the former one, flushed, renamed over it: whenever the process
 * ends, one whole checkpoint is there.
 */
import { open, readFile, rename, rm } from 'node:fs/promises'
import { pinwheelError } from '../../../base/index.ts'
import { decodeLists, encodeLists, type ListFile } from './list-file.ts'

const MAGIC = 'PWCKPT1\n'

/** CHECKPOINT_FAILED when the disk refuses; the former checkpoint stays. */
export async function writeCheckpoint<Head>(
  file: string,
  checkpoint: ListFile<Head>,
): Promise<void> {
  const fresh = `${file}.new`
  try {
    const handle = await open(fresh, 'w')
    try {
      for (const part of encodeLists(MAGIC, checkpoint)) {
        for (let done = 0; done < part.length; ) {
          done += (await handle.write(part, done)).bytesWritten
        }
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, file)
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined)
    const reason = error instanceof Error ? error.message : String(error)
    throw pinwheelError('CHECKPOINT_FAILED', { file, reason }, error)
  }
}

/** Undefined when there is no such file; CHECKPOINT_UNFIT when it is damaged. */
export async function readCheckpoint<Head>(file: string): Promise<ListFile<Head> | undefined> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!bytes) return undefined
  try {
    return decodeLists<Head>(MAGIC, bytes)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw pinwheelError('CHECKPOINT_UNFIT', { file, reason }, error)
  }
}
