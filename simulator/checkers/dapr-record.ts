/**
 * What the world outside of the hosts knows: what was sent, what was answered, and what the log
 * holds, read back without the code that delivers it.
 */
import { EntryReader, type EventLog } from '../../actors/index.ts'
import { type Entry, isEvent } from '../../base/index.ts'
import { POISON } from './dapr-actors.ts'

/** An entry of the log. */
export type Logged = {
  readonly partition: number
  readonly position: number
  readonly entry: Entry
  /** As `keyOf` gives it. */
  readonly key: string
  readonly bytes: Uint8Array
  /** The same event was among the entries just before it: it has no effect. */
  readonly isResend: boolean
}

/** A token that somebody tried to give. */
export type Gift = {
  readonly actor: string
  isAcknowledged: boolean
  /** What was answered, and when. */
  count: number
  at: number
}
export type Read = { readonly actor: string; readonly began: number; readonly count: number }

export class DaprRecord {
  readonly sent = new Set<string>()
  readonly acknowledged = new Set<string>()
  readonly gifts = new Map<number, Gift>()
  readonly reads: Read[] = []
}

/** Tells an entry from all others that are sent. */
export function keyOf(entry: Entry): string {
  return isEvent(entry) ? `${entry.user} ${entry.id}` : `${entry.kind} ${entry.id} ${entry.time}`
}

/** Whose state an entry changes; undefined when nobody's. */
export function userOf(entry: Entry): string | undefined {
  if (isEvent(entry) || entry.kind === 'board') return entry.user
  return entry.kind === 'user' || entry.kind === 'delete-user' ? entry.id : undefined
}

export function pinOf(entry: Entry): string | undefined {
  if (isEvent(entry)) return entry.pin
  return entry.kind === 'pin' || entry.kind === 'delete-pin' ? entry.id : undefined
}

export function isPoison(entry: Entry): boolean {
  return isEvent(entry) && entry.weight === POISON
}

/** Everything in the log by partition, in order of position. */
export async function readBack(log: EventLog, window: number): Promise<Logged[][]> {
  const parts: Logged[][] = Array.from({ length: log.partitions }, () => [])
  /** By key: where it was seen last. */
  const seen = parts.map(() => new Map<string, number>())
  for await (const { partition, first, payload } of log.read()) {
    const reader = new EntryReader(payload)
    for (let position = first; reader.next(); position++) {
      const entry = reader.toEntry()
      const key = keyOf(entry)
      const before = seen[partition]!.get(key) ?? Number.NEGATIVE_INFINITY
      seen[partition]!.set(key, position)
      const isResend = isEvent(entry) && before >= position - window
      const bytes = payload.slice(reader.start, reader.end)
      parts[partition]!.push({ partition, position, entry, key, bytes, isResend })
    }
  }
  return parts
}
