/**
 * One file of a snapshot: eight bytes of magic, then chunks of u32 length, u32 CRC-32 and that many
 * bytes, little-endian. What the chunks hold is their owner's business; a reader gets exactly the
 * chunks that were written, or BASE_DAMAGED.
 */
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { pinwheelError } from '../../base/index.ts'
import type { Disk, DiskFile } from '../log/index.ts'

const MAGIC = Buffer.from('PWSNAP1\n')
const HEAD_BYTES = 8
/** A chunk is about this long, and never much longer. */
export const CHUNK_BYTES = 1 << 20
/** Longer is damage: the largest state is below it. */
const CHUNK_BYTES_MAX = 1 << 28

/** A file of a snapshot, as its manifest names it. */
export type Section = { readonly name: string; readonly bytes: number; readonly chunks: number }

/** What a section is made of; drawn one by one, since each takes about a millisecond to make. */
export type Chunks = Iterable<Uint8Array>

/**
 * Writes a section, flushes it and reads it again. `between` runs after each chunk, so that others
 * get their turn.
 */
export async function writeSection(
  disk: Disk,
  folder: string,
  { name, chunks }: { readonly name: string; readonly chunks: Chunks | AsyncIterable<Uint8Array> },
  between: () => Promise<void>,
): Promise<Section> {
  const file = await disk.open(join(folder, name), 'create')
  let bytes = MAGIC.length
  let count = 0
  try {
    await file.write(MAGIC, 0)
    for await (const chunk of chunks) {
      const head = Buffer.alloc(HEAD_BYTES)
      head.writeUInt32LE(chunk.length, 0)
      head.writeUInt32LE(crc32(chunk), 4)
      await file.write(Buffer.concat([head, chunk]), bytes)
      bytes += HEAD_BYTES + chunk.length
      count++
      await between()
    }
    await file.flush()
  } finally {
    await file.close()
  }
  const section = { name, bytes, chunks: count }
  for await (const _ of readSection(disk, folder, section)) await between()
  return section
}

/**
 * The chunks of a section, each valid until the next is asked for: what would be read into memory
 * of its own is touched for the first time then, which takes longer than reading. The next is read
 * meanwhile. BASE_DAMAGED.
 */
export async function* readSection(
  disk: Disk,
  folder: string,
  { name, bytes, chunks }: Section,
): AsyncGenerator<Uint8Array, void> {
  const path = join(folder, name)
  const damaged = (offset: number, reason: string) =>
    pinwheelError('BASE_DAMAGED', { file: path, offset, reason })
  let file: DiskFile
  try {
    const size = await disk.size(path)
    if (size !== bytes) throw damaged(size, `it has ${size} bytes instead of ${bytes}`)
    file = await disk.open(path, 'read')
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error
    throw damaged(0, 'it is missing')
  }
  const buffers = [new Uint8Array(0), new Uint8Array(0)]
  /** Reads chunk `n`, whose head this is, and the head of the next. */
  const begin = (n: number, head: Uint8Array, at: number): Ahead => {
    if (head.length < HEAD_BYTES) throw damaged(at, 'it is cut off')
    const view = new DataView(head.buffer, head.byteOffset)
    const [length, crc] = [view.getUint32(0, true), view.getUint32(4, true)]
    if (length > CHUNK_BYTES_MAX) throw damaged(at, `a chunk of ${length} bytes is absurd`)
    const wanted = length + HEAD_BYTES
    if (buffers[n % 2]!.length < wanted) buffers[n % 2] = new Uint8Array(wanted + CHUNK_BYTES / 4)
    const found = read(file, buffers[n % 2]!.subarray(0, wanted), at + HEAD_BYTES)
    // Heard when the chunk is asked for.
    found.catch(() => {})
    return { at, length, crc, found }
  }
  let ahead: Ahead | undefined
  try {
    const head = await read(file, new Uint8Array(MAGIC.length + HEAD_BYTES), 0)
    if (!MAGIC.equals(head.subarray(0, MAGIC.length))) throw damaged(0, 'no section begins here')
    let end = MAGIC.length
    if (chunks > 0) ahead = begin(0, head.subarray(end), end)
    for (let n = 1; ahead; n++) {
      const { at, length, crc } = ahead
      const found = await ahead.found
      const chunk = found.subarray(0, length)
      if (chunk.length < length) throw damaged(at, 'it is cut off')
      if (crc32(chunk) !== crc) throw damaged(at, 'its CRC differs')
      end = at + HEAD_BYTES + length
      ahead = n < chunks ? begin(n, found.subarray(length), end) : undefined
      yield chunk
    }
    if (end !== bytes) throw damaged(end, 'there is more than was written')
  } finally {
    await ahead?.found.catch(() => {})
    await file.close()
  }
}

/** A chunk on its way. */
type Ahead = {
  readonly at: number
  readonly length: number
  readonly crc: number
  readonly found: Promise<Uint8Array>
}

/** What of `into` the file has from `at` on: less at its end. */
async function read(file: DiskFile, into: Uint8Array, at: number): Promise<Uint8Array> {
  let done = 0
  while (done < into.length) {
    const got = await file.read(done === 0 ? into : into.subarray(done), at + done)
    if (got === 0) break
    done += got
  }
  return into.subarray(0, done)
}

/** Collects what a section is made of: gives a chunk when it is full. */
export class ChunkWriter {
  #bytes = new Uint8Array(4096)
  #view = new DataView(this.#bytes.buffer)
  length = 0

  get isFull(): boolean {
    return this.length >= CHUNK_BYTES
  }

  /** What was collected, from here on the caller's; the writer begins anew. */
  take(): Uint8Array {
    const chunk = this.#bytes.slice(0, this.length)
    this.length = 0
    return chunk
  }

  u8(value: number): void {
    this.#room(1)
    this.#bytes[this.length++] = value
  }

  u32(value: number): void {
    this.#room(4)
    this.#view.setUint32(this.length, value, true)
    this.length += 4
  }

  f64(value: number): void {
    this.#room(8)
    this.#view.setFloat64(this.length, value, true)
    this.length += 8
  }

  words(words: Uint32Array): void {
    this.#room(4 * words.length)
    const view = this.#view
    let at = this.length
    for (let i = 0; i < words.length; i++, at += 4) view.setUint32(at, words[i]!, true)
    this.length = at
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Room for `count` bytes that the caller fills: where they begin in `target`. */
  reserve(count: number): { readonly target: Uint8Array; readonly at: number } {
    this.#room(count)
    const at = this.length
    this.length += count
    return { target: this.#bytes, at }
  }

  #room(count: number): void {
    if (this.length + count <= this.#bytes.length) return
    const wider = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count))
    wider.set(this.#bytes.subarray(0, this.length))
    this.#bytes = wider
    this.#view = new DataView(wider.buffer)
  }
}

/** A chunk of words, seen as such. */
export function wordsOf(chunk: Uint8Array): Uint32Array {
  const aligned = chunk.byteOffset % 4 === 0 ? chunk : chunk.slice()
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2)
}

/** Reads what a `ChunkWriter` wrote. */
export class ChunkReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  u8(): number {
    return this.#view.getUint8(this.#at++)
  }

  u32(): number {
    this.#at += 4
    return this.#view.getUint32(this.#at - 4, true)
  }

  f64(): number {
    this.#at += 8
    return this.#view.getFloat64(this.#at - 8, true)
  }

  /** A view of the next bytes. */
  bytes(count: number): Uint8Array {
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }
}
