/**
 * Events in frames of 16-byte records, little-endian words:
 *
 *   user u32 | pin u32 | board u32 (2^32 - 1: none) |
 *   kind, 4 bits; rank, 8 bits (255: none); time, 20 bits
 *
 * Time counts units of the stream since the frame's start, so that every frame of a stream has one
 * layout. Numbers are ids: user 7 is `u7`, and so on.
 */
import type { EpochMs } from '../../../base/index.ts'

/** Events of a frame. */
export const FRAME_EVENTS = 4_096
export const RECORD_WORDS = 4
export const NO_RANK = 255
const RANK_SHIFT = 4
const TIME_SHIFT = 12
/** Times of a frame are below it. */
export const TIME_UNITS = 2 ** 20

export type Frame = {
  /** Its events are [first, first + count). */
  first: number
  count: number
  start: EpochMs
  /** Milliseconds: a power of two. */
  unit: number
  readonly words: Uint32Array
}

export const emptyFrame = (): Frame => ({
  first: 0,
  count: 0,
  start: 0,
  unit: 1,
  words: new Uint32Array(FRAME_EVENTS * RECORD_WORDS),
})

/** As a signed word. */
export const packWord = (kind: number, rank: number, units: number) =>
  kind | (rank << RANK_SHIFT) | (units << TIME_SHIFT)
export const kindOf = (word: number) => word & 15
export const rankOf = (word: number) => (word >>> RANK_SHIFT) & 255
export const unitsOf = (word: number) => word >>> TIME_SHIFT

/** One event in numbers. */
export type StreamRecord = {
  kind: number
  user: number
  pin: number
  /** NONE for the implicit board. */
  board: number
  time: EpochMs
  rank: number
}

/** Reads event `at` of a frame into `out`. */
export function readFrame(frame: Frame, at: number, out: StreamRecord): StreamRecord {
  const { words } = frame
  const word = words[at * RECORD_WORDS + 3]!
  out.user = words[at * RECORD_WORDS]!
  out.pin = words[at * RECORD_WORDS + 1]!
  out.board = words[at * RECORD_WORDS + 2]!
  out.kind = kindOf(word)
  out.rank = rankOf(word)
  out.time = frame.start + unitsOf(word) * frame.unit
  return out
}

export const streamRecord = (): StreamRecord => ({
  kind: 0,
  user: 0,
  pin: 0,
  board: 0,
  time: 0,
  rank: NO_RANK,
})
