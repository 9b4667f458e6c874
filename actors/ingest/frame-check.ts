/** What a message must be to be read. */
import type { Frame } from '../log/event-log.ts'
import { decodeFrame } from '../log/frame.ts'
import { PLACES, positionOf } from './position.ts'

export type Checked =
  | { readonly frame: Frame; readonly problem?: undefined }
  | { readonly problem: string; readonly frame?: undefined }

/** The frame that a message of a partition at `sequence` carries, or why it cannot be read. */
export function checkMessage(bytes: Uint8Array, partition: number, sequence: number): Checked {
  const version = Buffer.from(bytes.subarray(0, 4)).toString('latin1')
  if (/^PWF[^1]$/.test(version)) return { problem: `its format is ${version}, known is PWF1` }
  const decoded = decodeFrame(bytes, 0)
  if (!decoded.frame) return { problem: decoded.problem }
  const { frame, end } = decoded
  if (end !== bytes.length) return { problem: `${bytes.length - end} bytes follow the frame` }
  if (frame.partition !== partition) return { problem: `it is of partition ${frame.partition}` }
  if (frame.count === 0 || frame.count > PLACES) return { problem: `it has ${frame.count} entries` }
  const { payload, count } = frame
  const problem = entriesProblem(payload, count)
  if (problem !== undefined) return { problem }
  return { frame: { partition, sequence, first: positionOf(sequence, 0), count, payload } }
}

const ENTRY_HEAD_BYTES = 2

/** Entries must lie end to end; what they say is for those who fold them. */
function entriesProblem(payload: Uint8Array, count: number): string | undefined {
  let at = 0
  for (let place = 0; place < count; place++) {
    if (at + ENTRY_HEAD_BYTES > payload.length) return `entry ${place} of ${count} is missing`
    at += ENTRY_HEAD_BYTES + (payload[at]! | (payload[at + 1]! << 8))
    if (at > payload.length) return `entry ${place} of ${count} is cut off`
  }
  return at === payload.length ? undefined : `${payload.length - at} bytes follow the entries`
}
