/**
 * The kinds of entries and their numbers. Events say what a user did, catalogue entries what
 * exists. An operator may declare further kinds of event by name and weight (`--kinds purchase=2`).
 * The log holds their names, so that state is a fold of the log alone; the weights are looked up
 * when a context is read, so that a change of them is felt at once, and for the past too.
 */
import { limits } from './limits.ts'

/** Kinds of event that Pinwheel knows, with the weight each has as a seed or a signal. */
export const eventKinds = {
  impression: { weight: 0 },
  closeup: { weight: 0.3 },
  save: { weight: 1 },
  unsave: { weight: -1 },
  hide: { weight: -1 },
  outbound: { weight: 0.6 },
  'follow-topic': { weight: 0 },
} as const
export type EventKind = keyof typeof eventKinds
/** Stable numbers of the kinds, as written to disk: never reorder, only append. */
export const kindNames = [
  'impression',
  'closeup',
  'save',
  'unsave',
  'hide',
  'outbound',
  'follow-topic',
  'user',
  'pin',
  'board',
  'delete-user',
  'delete-pin',
  'delete-board',
] as const
export type EntryKind = (typeof kindNames)[number]
/** kindCode.save === 2, … */
export const kindCode = Object.freeze(
  Object.fromEntries(kindNames.map((name, code) => [name, code])),
) as Readonly<Record<EntryKind, number>>

/** The number of an entry that was taken out of the log: it has no content, and nobody folds it. */
export const REDACTED = 254

/** The number of every declared kind; its name travels beside it. */
export const DECLARED = 255

/** A kind that some operator declared: any name that is none of ours. */
export type DeclaredKind = string & { readonly declared: unique symbol }
/**
 * Weights by name. Above 0: the pin becomes a seed of that strength, where a save has 1. Below 0:
 * the pin is not shown to that user again, as if hidden. 0: it is counted, no more.
 */
export type DeclaredKinds = ReadonlyMap<string, number>
export const noDeclaredKinds: DeclaredKinds = new Map()

/** The number of a kind as written to disk. */
export function codeOf(kind: EntryKind | DeclaredKind): number {
  return codes.get(kind) ?? DECLARED
}

/** A map, since it is asked for every entry: `hasOwn` on an object takes twice as long. */
const codes: ReadonlyMap<string, number> = new Map(Object.entries(kindCode))

/** Whether a number is that of an event, rather than of a catalogue entry. */
export function isEventCode(code: number): boolean {
  return code <= kindCode['follow-topic'] || code === DECLARED
}

/** Counters by kind of event: one each, and one that all declared kinds share. */
export const EVENT_SLOTS = 8
export function eventSlot(code: number): number {
  return code === DECLARED ? EVENT_SLOTS - 1 : code
}

/** Names of declared kinds: short, lower case, none of ours. */
const NAME = /^[a-z][a-z0-9-]*$/

/** Reads `NAME=WEIGHT,NAME=WEIGHT`; undefined when it is something else. */
export function parseDeclaredKinds(text: string): DeclaredKinds | undefined {
  const kinds = new Map<string, number>()
  for (const part of text.split(',')) {
    const [name = '', weight = '', ...more] = part.split('=').map((word) => word.trim())
    const number = weight === '' ? Number.NaN : Number(weight)
    const named = NAME.test(name) && name.length <= limits.tagBytesMax
    if (!named || kinds.has(name) || Object.hasOwn(kindCode, name)) return undefined
    if (more.length > 0 || !(Math.abs(number) <= limits.kindWeightMax)) return undefined
    kinds.set(name, number)
  }
  return kinds.size <= limits.declaredKindsMax ? kinds : undefined
}

export const declaredKindsExpected =
  `NAME=WEIGHT,… with at most ${limits.declaredKindsMax} names of a-z, 0-9 and -, each once and ` +
  `none of ${kindNames.join(', ')}; weights from ${-limits.kindWeightMax} to ${limits.kindWeightMax}`
