/**
 * The vocabulary of the log: events (what a user did) and catalogue entries (what exists). Both
 * travel through one route into one log; `kind` tells them apart. This file is the outside shape;
 * `actors/log` holds the packed one.
 *
 * An event belongs to its user's partition, a catalogue entry to that of its own id. The last
 * (time, id) wins. A save without a board goes to the user's implicit board; a save may name a
 * board that no entry has made: it then belongs to that user.
 */
import type { EpochMs } from './clock.ts'
import { idProblem } from './ids.ts'
import {
  codeOf,
  type DeclaredKind,
  type DeclaredKinds,
  type EntryKind,
  type EventKind,
  isEventCode,
  kindNames,
  noDeclaredKinds,
} from './kinds.ts'
import { limits } from './limits.ts'

export type EventContext = {
  /** The request that showed the pin, and where it stood (0 = first). */
  readonly request?: string
  readonly rank?: number
  readonly viewed?: boolean
  /** Probability with which the pin was shown at that rank, in (0, 1]. */
  readonly propensity?: number
  /** Seconds, of a close-up. */
  readonly dwell?: number
  readonly surface?: string
  readonly source?: string
  readonly generation?: string
  readonly model?: string
  readonly device?: string
}

export type EventEntry = {
  readonly kind: EventKind | DeclaredKind
  /** Unique for this user within the duplicate window. */
  readonly id: string
  readonly time: EpochMs
  readonly user: string
  /** Absent only for follow-topic. */
  readonly pin?: string
  readonly board?: string
  readonly topic?: string
  readonly weight?: number
  readonly context?: EventContext
}
export type UserEntry = {
  readonly kind: 'user'
  readonly id: string
  readonly time: EpochMs
}
export type PinEntry = {
  readonly kind: 'pin'
  readonly id: string
  readonly time: EpochMs
  readonly title?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly topic?: string
  readonly language?: string
  /** Address of a picture. */
  readonly image?: string
  readonly created?: EpochMs
  readonly hidden?: boolean
}
export type BoardEntry = {
  readonly kind: 'board'
  readonly id: string
  readonly time: EpochMs
  readonly user: string
  readonly title?: string
  readonly private?: boolean
}
export type DeleteEntry = {
  readonly kind: 'delete-user' | 'delete-pin' | 'delete-board'
  readonly id: string
  readonly time: EpochMs
}
export type Entry = EventEntry | UserEntry | PinEntry | BoardEntry | DeleteEntry

/** True for what a user did; false for the catalogue. */
export function isEvent(entry: Entry): entry is EventEntry {
  return isEventCode(codeOf(entry.kind))
}

/** The id whose partition and shard the entry belongs to. */
export function entryOwner(entry: Entry): string {
  return isEvent(entry) ? entry.user : entry.id
}

export type EntryProblem = {
  readonly field: string
  readonly value: string
  readonly expected: string
}

type Check = (value: unknown) => string | undefined
const id: Check = (v) => idProblem(v)
const tag: Check = (v) => idProblem(v, limits.tagBytesMax)
const flag: Check = (v) => (typeof v === 'boolean' ? undefined : 'true or false')
const between =
  (low: number, high: number): Check =>
  (v) =>
    typeof v === 'number' && v >= low && v <= high ? undefined : `a number from ${low} to ${high}`
const text =
  (bytesMax: number): Check =>
  (v) =>
    typeof v === 'string' &&
    !v.includes('\0') &&
    v.isWellFormed() &&
    Buffer.byteLength(v) <= bytesMax
      ? undefined
      : `text of at most ${bytesMax} bytes without NUL`
const tags: Check = (v) =>
  Array.isArray(v) && v.length <= limits.tagsPerPinMax && v.every((t) => tag(t) === undefined)
    ? undefined
    : `at most ${limits.tagsPerPinMax} names of 1 to ${limits.tagBytesMax} bytes`
/** 9999-12-31: later is absurd, and a double still counts milliseconds exactly. */
const time = between(0, 253_402_300_799_999)
const context: Check = (v) => {
  if (typeof v !== 'object' || v === null || Array.isArray(v)) return 'an object'
  for (const [name, value] of Object.entries(v)) {
    // Own names only: "valueOf" and "__proto__" are as unknown as any other.
    const known = Object.hasOwn(contextFields, name)
    const check = known ? contextFields[name as keyof EventContext] : undefined
    if (!check) return `only the fields ${Object.keys(contextFields).join(', ')}`
    const problem = check(value)
    if (problem) return `${name}: ${problem}`
  }
  return undefined
}
const contextFields: Record<keyof EventContext, Check> = {
  request: tag,
  rank: between(0, 1_000_000),
  viewed: flag,
  propensity: between(Number.MIN_VALUE, 1),
  dwell: between(0, 86_400),
  surface: tag,
  source: tag,
  generation: tag,
  model: tag,
  device: tag,
}

type Fields = Readonly<Record<string, { readonly check: Check; readonly required?: true }>>
const event: Fields = {
  id: { check: id, required: true },
  time: { check: time, required: true },
  user: { check: id, required: true },
  pin: { check: id, required: true },
  board: { check: id },
  weight: { check: between(-1_000_000, 1_000_000) },
  context: { check: context },
}
const named: Fields = {
  id: { check: id, required: true },
  time: { check: time, required: true },
}
const { pin: _pin, board: _board, ...withoutPin } = event
const shapes: Readonly<Record<EntryKind, Fields>> = {
  impression: event,
  closeup: event,
  save: event,
  unsave: event,
  hide: event,
  outbound: event,
  'follow-topic': { ...withoutPin, topic: { check: tag, required: true } },
  user: named,
  pin: {
    ...named,
    title: { check: text(limits.titleBytesMax) },
    description: { check: text(limits.descriptionBytesMax) },
    tags: { check: tags },
    topic: { check: tag },
    language: { check: tag },
    image: { check: text(limits.imageBytesMax) },
    created: { check: time },
    hidden: { check: flag },
  },
  board: {
    ...named,
    user: { check: id, required: true },
    title: { check: text(limits.titleBytesMax) },
    private: { check: flag },
  },
  'delete-user': named,
  'delete-pin': named,
  'delete-board': named,
}

/**
 * What is wrong with `value` as an entry, or undefined when it is one. Unknown fields are wrong, and
 * so are kinds that are neither ours nor `declared`.
 */
export function entryProblem(
  value: unknown,
  declared: DeclaredKinds = noDeclaredKinds,
): EntryProblem | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { field: '(entry)', value: show(value), expected: 'an object' }
  }
  const entry = value as Record<string, unknown>
  const kind = entry['kind']
  const shape = shapeOf(kind, declared)
  if (!shape) {
    const known = [...kindNames, ...declared.keys()].join(', ')
    const expected = `one of ${known}, or one that the server is started with (--kinds)`
    return { field: 'kind', value: show(kind), expected }
  }
  for (const [field, rule] of Object.entries(shape)) {
    const given = entry[field]
    if (given === undefined) {
      if (rule.required)
        return {
          field,
          value: 'missing',
          expected: rule.check(given) ?? 'a value',
        }
      continue
    }
    const expected = rule.check(given)
    if (expected) return { field, value: show(given), expected }
  }
  for (const field of Object.keys(entry)) {
    if (field !== 'kind' && !Object.hasOwn(shape, field)) {
      const known = ['kind', ...Object.keys(shape)].join(', ')
      return {
        field,
        value: show(entry[field]),
        expected: `nothing: known are ${known}`,
      }
    }
  }
  return undefined
}

function shapeOf(kind: unknown, declared: DeclaredKinds): Fields | undefined {
  if (typeof kind !== 'string') return undefined
  if (Object.hasOwn(shapes, kind)) return shapes[kind as EntryKind]
  return declared.has(kind) ? event : undefined
}

function show(value: unknown): string {
  // Objects are only named: one with its own `toString`, or nested deeply, would throw here.
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
