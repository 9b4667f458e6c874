/**
 * Lists of float32 behind a head of JSON, as one run of bytes: eight bytes that say what it is, the
 * length of the head, the head, the lists, a CRC-32 of all before it.
 */
import { crc32 } from 'node:zlib'
import { type Allocator, f32Array, heapAllocator } from '../../../base/index.ts'

export type ListFile<Head> = { readonly head: Head; readonly lists: readonly Float32Array[] }

/** Of one part. */
const CHUNK_BYTES = 2 ** 26

/** The bytes, part by part; `magic` has eight characters. */
export function* encodeLists<Head>(
  magic: string,
  { head, lists }: ListFile<Head>,
): IterableIterator<Uint8Array> {
  let sum = 0
  const lengths = lists.map(({ length }) => length)
  const text = Buffer.from(JSON.stringify({ head, lengths }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  const bytesOf = (list: Float32Array) =>
    new Uint8Array(list.buffer, list.byteOffset, list.byteLength)
  for (const part of [Buffer.from(magic), length, text, ...lists.map(bytesOf)]) {
    for (let from = 0; from < part.length; from += CHUNK_BYTES) {
      const chunk = part.subarray(from, from + CHUNK_BYTES)
      sum = crc32(chunk, sum)
      yield chunk
    }
  }
  const trailer = Buffer.alloc(4)
  trailer.writeUInt32LE(sum)
  yield trailer
}

/**
 * What was encoded, in memory from `allocate`; throws RangeError, saying what is wrong with the
 * bytes.
 */
export function decodeLists<Head>(
  magic: string,
  bytes: Uint8Array,
  allocate: Allocator = heapAllocator,
): ListFile<Head> {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const begin = magic.length + 4
  if (all.length < begin + 4 || all.toString('latin1', 0, magic.length) !== magic) {
    throw new RangeError('it does not begin like one')
  }
  const body = all.subarray(0, -4)
  if (crc32(body) !== all.readUInt32LE(body.length)) throw new RangeError('its checksum differs')
  const end = begin + body.readUInt32LE(magic.length)
  // The checksum holds: what follows is what was written.
  const { head, lengths } = JSON.parse(body.toString('utf8', begin, end)) as {
    head: Head
    lengths: number[]
  }
  const words = lengths.reduce((sum, length) => sum + length, 0)
  if (end + 4 * words !== body.length) throw new RangeError('its lists are not as long as it says')
  let at = end
  const lists = lengths.map((length) => {
    const list = f32Array(allocate, length)
    new Uint8Array(list.buffer).set(body.subarray(at, at + 4 * length))
    at += 4 * length
    return list
  })
  return { head, lists }
}
