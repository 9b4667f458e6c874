/**
 * An actor's document as the store has it: { v, applied, state, answered?, layout? }: the position
 * of the last entry applied, by partition; the state's compact bytes in base64; calls that wrote
 * it, where there were any. One with a layout (v 2) has a part of its state in documents of their
 * own, { v, state }.
 */
import { pinwheelError } from '../../../base/index.ts'
import type { ActorDocument } from './document-store.ts'
import { type Divided, type Layout, whole } from './pieces.ts'
import type { Answered } from './shard-call.ts'

/** Of a document that is whole, and of one with a layout. */
const WHOLE = 1
const DIVIDED = 2
/** The newest form that is known. */
export const NEWEST_FORM = DIVIDED

export type ReadDocument = ActorDocument & {
  /** What else its state is made of. */
  readonly layout?: Layout
}

type Data = {
  v?: unknown
  applied?: unknown
  state?: unknown
  answered?: readonly Answered[]
  layout?: Layout
}

export function formatDocument(
  { applied, state, answered }: ActorDocument,
  { layout, own }: Divided = whole(state),
) {
  return {
    v: layout ? DIVIDED : WHOLE,
    applied: Object.fromEntries(applied),
    state: base64(own),
    ...(answered.length > 0 && { answered }),
    ...(layout && { layout }),
  }
}

export function formatPiece(bytes: Uint8Array) {
  return { v: DIVIDED, state: base64(bytes) }
}

/** STATE_DAMAGED, STATE_NEWER. */
export function parseDocument(data: unknown, key: string): ReadDocument {
  const { v, applied, state, answered = [], layout } = data as Data
  if (typeof v !== 'number') throw damaged(key, 'it has no version')
  if (v > NEWEST_FORM) {
    throw pinwheelError('STATE_NEWER', { type: key, version: v, known: NEWEST_FORM })
  }
  if (typeof state !== 'string' || typeof applied !== 'object') {
    throw damaged(key, 'it has no state')
  }
  const positions = Object.entries(applied ?? {}).map(
    ([partition, position]) => [Number(partition), Number(position)] as const,
  )
  const bytes = Buffer.from(state, 'base64')
  const document = { applied: new Map(positions), state: bytes, answered }
  return { ...document, ...(v === DIVIDED && { layout: layout ?? [] }) }
}

/** STATE_DAMAGED. */
export function parsePiece(data: unknown, key: string): Uint8Array {
  const { state } = data as Data
  if (typeof state !== 'string') throw damaged(key, 'it is not a piece of a state')
  return Buffer.from(state, 'base64')
}

export function damaged(key: string, reason: string) {
  return pinwheelError('STATE_DAMAGED', { type: 'document', id: key, reason })
}

const base64 = (bytes: Uint8Array) => {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
