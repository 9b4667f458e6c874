/**
 * The door of the log: each entry of a request is judged by itself, the good ones are handed over
 * in their order, and the answers are put back in the places of the entries they are about.
 */
import {
  type DeclaredKinds,
  type Entry,
  type EpochMs,
  entryProblem,
  limits,
  type PinwheelError,
  pinwheelError,
} from '../../base/index.ts'
import { UnreadableLine } from './bodies.ts'
import type { Recommender } from './recommender-port.ts'

export type Verdict = {
  readonly status: 'accepted' | 'duplicate' | 'rejected'
  readonly code?: string
  readonly reason?: string
}
export type EventsReply = {
  /** Absent when every entry was rejected: nothing was written. */
  readonly position?: string
  readonly entries: Verdict[]
}

/** The list inside a body; BAD_REQUEST or TOO_MANY_ENTRIES when the envelope is wrong. */
export function readEnvelope(body: unknown): readonly unknown[] {
  const refuse = (reason: string) => pinwheelError('BAD_REQUEST', { reason })
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refuse('the body is not an object { "entries": [...] }')
  }
  const unknown = Object.keys(body).find((field) => field !== 'entries')
  if (unknown !== undefined) throw refuse(`unknown field "${unknown.slice(0, 80)}"`)
  const { entries } = body as { readonly entries?: unknown }
  if (!Array.isArray(entries)) throw refuse('entries is not a list')
  if (entries.length === 0) throw refuse('entries is empty')
  const limit = limits.entriesPerRequestMax
  if (entries.length > limit) {
    throw pinwheelError('TOO_MANY_ENTRIES', { count: entries.length, limit })
  }
  return entries
}

/** What entries are judged by. */
type Door = { readonly now: EpochMs; readonly kinds: DeclaredKinds }

/** Writes what is right of `given`; resolves when that is durable. */
export async function takeEntries(
  recommender: Recommender,
  given: readonly unknown[],
  door: Door,
): Promise<EventsReply> {
  const good: Entry[] = []
  const problems = given.map((value) => {
    const problem = judge(value, door)
    if (!problem) good.push(value as Entry)
    return problem
  })
  const { position, verdicts } =
    good.length > 0 ? await recommender.ingest(good) : { position: undefined, verdicts: [] }
  let next = 0
  const entries = problems.map((problem): Verdict => {
    if (problem) return { status: 'rejected', code: problem.code, reason: problem.message }
    return { status: verdicts[next++] ?? 'accepted' }
  })
  return position === undefined ? { entries } : { position, entries }
}

function judge(value: unknown, { now, kinds }: Door): PinwheelError | undefined {
  if (value instanceof UnreadableLine) {
    const field = `line ${value.line}`
    return pinwheelError('ENTRY_INVALID', { field, value: 'unreadable', expected: 'JSON' })
  }
  const problem = entryProblem(value, kinds)
  if (problem) return pinwheelError('ENTRY_INVALID', problem)
  const { time } = value as Entry
  const aheadMs = time - now
  if (aheadMs <= limits.futureMsMax) return undefined
  return pinwheelError('ENTRY_FUTURE', { time, aheadMs, limit: limits.futureMsMax })
}
