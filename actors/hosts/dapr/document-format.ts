/**
 * An actor's document as the store has it: { v, applied, state, answered? }: the position of the
 * last entry applied, by partition; the state's compact bytes in base64; calls that wrote it, where
 * there were any.
 */
import { pinwheelError } from '../../../base/index.ts'
import type { ActorDocument } from './document-store.ts'
import type { Answered } from './shard-call.ts'

const VERSION = 1

export function formatDocument({ applied, state, answered }: ActorDocument) {
  return {
    v: VERSION,
    applied: Object.fromEntries(applied),
    state: Buffer.from(state).toString('base64'),
    ...(answered.length > 0 && { answered }),
  }
}

/** STATE_DAMAGED, STATE_NEWER. */
export function parseDocument(data: unknown, key: string): ActorDocument {
  const damaged = (reason: string) =>
    pinwheelError('STATE_DAMAGED', { type: 'document', id: key, reason })
  const document = data as {
    v?: unknown
    applied?: unknown
    state?: unknown
    answered?: readonly Answered[]
  }
  if (typeof document.v !== 'number') throw damaged('it has no version')
  if (document.v > VERSION) {
    throw pinwheelError('STATE_NEWER', { type: key, version: document.v, known: VERSION })
  }
  if (typeof document.state !== 'string' || typeof document.applied !== 'object') {
    throw damaged('it has no state')
  }
  const applied = Object.entries(document.applied ?? {}).map(
    ([partition, position]) => [Number(partition), Number(position)] as const,
  )
  const { state, answered = [] } = document
  return { applied: new Map(applied), state: Buffer.from(state, 'base64'), answered }
}
