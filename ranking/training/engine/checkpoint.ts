/**
 * A training on disk: `PWCKPT1\n`, the length of a JSON head, the head, lists of float32, a CRC-32
 * of all before it. Written beside the former one, flushed, renamed over it: whenever the process
 * ends, one whole checkpoint is there.
 */
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { pinwheelError } from '../../../base/index.ts'

const MAGIC = Buffer.from('PWCKPT1\n')
/** Of one write. */
const CHUNK_BYTES = 2 ** 26

export type Checkpoint<Head> = { readonly head: Head; readonly lists: readonly Float32Array[] }

/** CHECKPOINT_FAILED when the disk refuses; the former checkpoint stays. */
export async function writeCheckpoint<Head>(
  file: string,
  { head, lists }: Checkpoint<Head>,
): Promise<void> {
  const fresh = `${file}.new`
  try {
    const handle = await open(fresh, 'w')
    try {
      await writeAll(handle, head, lists)
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

async function writeAll(handle: FileHandle, head: unknown, lists: readonly Float32Array[]) {
  let sum = 0
  const write = async (bytes: Uint8Array) => {
    for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
      const chunk = bytes.subarray(from, from + CHUNK_BYTES)
      sum = crc32(chunk, sum)
      for (let done = 0; done < chunk.length; ) {
        done += (await handle.write(chunk, done)).bytesWritten
      }
    }
  }
  const lengths = lists.map(({ length }) => length)
  const text = Buffer.from(JSON.stringify({ head, lengths }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  for (const part of [MAGIC, length, text]) await write(part)
  for (const list of lists) {
    await write(new Uint8Array(list.buffer, list.byteOffset, list.byteLength))
  }
  const trailer = Buffer.alloc(4)
  trailer.writeUInt32LE(sum)
  await handle.write(trailer)
}

/** Undefined when there is no such file; CHECKPOINT_UNFIT when it is damaged or of another kind. */
export async function readCheckpoint<Head>(file: string): Promise<Checkpoint<Head> | undefined> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!bytes) return undefined
  const unfit = (reason: string, cause?: unknown) =>
    pinwheelError('CHECKPOINT_UNFIT', { file, reason }, cause)
  const body = bytes.subarray(0, -4)
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) throw unfit('it does not begin like one')
  if (crc32(body) !== bytes.readUInt32LE(body.length)) throw unfit('its checksum differs')
  const begin = MAGIC.length + 4
  const end = begin + body.readUInt32LE(MAGIC.length)
  // The checksum holds: what follows is what was written.
  const { head, lengths } = JSON.parse(body.toString('utf8', begin, end)) as {
    head: Head
    lengths: number[]
  }
  let at = end
  const lists = lengths.map((length) => {
    const list = new Float32Array(length)
    new Uint8Array(list.buffer).set(body.subarray(at, at + 4 * length))
    at += 4 * length
    return list
  })
  return { head, lists }
}
