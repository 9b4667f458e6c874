/**
 * Frames on disk: a header of 40 bytes, then the payload. All little-endian.
 *
 * u32 magic "PWF1" · u32 CRC-32 of the rest of the header and the payload · u32 payload bytes ·
 * u32 entries · u64 first position · u64 sequence · u32 partition · u32 bytes before it that were
 * not flushed when it was written
 *
 * What lies before those bytes was flushed when the frame was written. So a bad frame that lies
 * before them is damage; one among them may be what a power loss leaves of writes that were not
 * flushed, though later parts of them are there.
 */
import { crc32 } from 'node:zlib'
import { limits } from '../../base/index.ts'
import type { Frame } from './event-log.ts'

export const FRAME_HEADER_BYTES = 40
const MAGIC = 0x31465750

/** Of a frame with so many bytes of payload. */
export const frameBytes = (payload: number): number => FRAME_HEADER_BYTES + payload

/** `behind` counts the bytes before the frame that are not flushed yet. */
export function encodeFrame(frame: Frame, behind = 0): Uint8Array {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + frame.payload.length)
  bytes.writeUInt32LE(MAGIC, 0)
  bytes.writeUInt32LE(frame.payload.length, 8)
  bytes.writeUInt32LE(frame.count, 12)
  bytes.writeBigUInt64LE(BigInt(frame.first), 16)
  bytes.writeBigUInt64LE(BigInt(frame.sequence), 24)
  bytes.writeUInt32LE(frame.partition, 32)
  bytes.writeUInt32LE(behind, 36)
  bytes.set(frame.payload, FRAME_HEADER_BYTES)
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4)
  return bytes
}

export type Decoded =
  | { readonly frame: Frame; readonly end: number }
  | { readonly problem: string; readonly frame?: undefined }

/** The frame at `at`, or what is wrong there. The payload is a view of `bytes`. */
export function decodeFrame(bytes: Uint8Array, at: number): Decoded {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (at + FRAME_HEADER_BYTES > bytes.length) return { problem: 'the header is cut off' }
  if (buffer.readUInt32LE(at) !== MAGIC) return { problem: 'no frame begins here' }
  const length = buffer.readUInt32LE(at + 8)
  if (length > limits.frameBytesMax) return { problem: `its length ${length} is absurd` }
  const end = at + FRAME_HEADER_BYTES + length
  if (end > bytes.length) return { problem: 'the payload is cut off' }
  if (crc32(buffer.subarray(at + 8, end)) !== buffer.readUInt32LE(at + 4)) {
    return { problem: 'its CRC differs' }
  }
  return {
    end,
    frame: {
      partition: buffer.readUInt32LE(at + 32),
      sequence: Number(buffer.readBigUInt64LE(at + 24)),
      first: Number(buffer.readBigUInt64LE(at + 16)),
      count: buffer.readUInt32LE(at + 12),
      payload: buffer.subarray(at + FRAME_HEADER_BYTES, end),
    },
  }
}

/** Gives the frame in [at, end) the CRC of what it holds now. */
export function resealFrame(bytes: Uint8Array, at: number, end: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(
    at + 4,
    crc32(bytes.subarray(at + 8, end)),
    true,
  )
}

/** Where the next whole, valid frame after `at` begins; the end when there is none. */
export function nextFrame(bytes: Uint8Array, at: number): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const magic = Buffer.alloc(4)
  magic.writeUInt32LE(MAGIC, 0)
  let next = buffer.indexOf(magic, at + 1)
  while (next >= 0 && !decodeFrame(bytes, next).frame) next = buffer.indexOf(magic, next + 1)
  return next < 0 ? bytes.length : next
}

/** Where what the frame at `at` shows to have been flushed before it ends. */
export function flushedBefore(bytes: Uint8Array, at: number): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return at - buffer.readUInt32LE(at + 36)
}

/** Whether a later frame shows that what lies at `at` had been flushed. */
export function wasFlushed(bytes: Uint8Array, at: number): boolean {
  for (let next = nextFrame(bytes, at); next < bytes.length; next = nextFrame(bytes, next)) {
    if (at < flushedBefore(bytes, next)) return true
  }
  return false
}
