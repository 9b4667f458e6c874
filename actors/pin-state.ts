/**
 * The state of a pin, in 64 bytes for most: a host has tens of millions, and a turn touches one
 * line of the cache.
 *
 * Counts are narrow while they are small: a byte for a kind's total, four bits for a kind's day. A
 * pin with a larger one, or with events of declared kinds, has all its counts in `wide` instead,
 * and goes back when days that were full are over. Which of the two follows from the counts alone,
 * so that the state stays a function of the multiset of entries. What the catalogue says is there
 * only where it has said something.
 */
import {
  DECLARED,
  EVENT_SLOTS,
  f64,
  imageOffset,
  kindCode,
  limits,
  optional,
  type PlainState,
  placeOf,
  ref,
  ring,
  type StateView,
  stateSchema,
  type TagIndex,
  text,
  u8,
  u16,
  u32,
  vector,
} from '../base/index.ts'
import { pinStateBefore } from './pin-state-before.ts'

/** A power of two. */
export const DAYS = 8
/** Kinds that are counted by day, in the order of their columns; declared ones last. */
export const dailyKinds: readonly number[] = [
  kindCode.impression,
  kindCode.closeup,
  kindCode.save,
  kindCode.hide,
  kindCode.outbound,
  DECLARED,
]
/** Kinds whose totals may be narrow: the first in order. */
const NARROW_SLOTS = 6
const NARROW_COLUMNS = 5
const TOTAL_MAX = 255
const DAY_MAX = 15
/** `days` ends here, in 2149; later days count as this one. */
const LAST_DAY = 65_534
/** In `wide`: totals by slot, then DAYS counts of each column. */
const WIDE_ROWS = EVENT_SLOTS + DAYS * dailyKinds.length

/** A row has scalars only: each of the tags has a name. */
type TagName = `tag${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15}`
const tagNames = Array.from({ length: limits.tagsPerPinMax }, (_, i) => `tag${i}` as TagName)
const tagFields = Object.fromEntries(tagNames.map((name) => [name, ref('tag')])) as Readonly<
  Record<TagName, ReturnType<typeof ref>>
>

export const pinState = stateSchema(
  'Pin',
  2,
  {
    /** Newest day (since the epoch) in the counts by day, + 1; 0 before the first. */
    days: u16,
    few: vector(u8, NARROW_SLOTS),
    /** By column, four bits a day, that of day d at 4 (d mod DAYS). */
    recent: vector(u32, NARROW_COLUMNS),
    wide: ring({ count: u32 }, WIDE_ROWS),
    /** What its latest catalogue entry says, beside texts. */
    said: optional({
      told: f64,
      created: f64,
      hidden: u8,
      deleted: u8,
      topic: ref('tag'),
      language: ref('tag'),
      ...tagFields,
    }),
    /** Title, description and image as a JSON list; empty where there is none of them. */
    texts: text(8 + 6 * (limits.titleBytesMax + limits.descriptionBytesMax + limits.imageBytesMax)),
  },
  { from: pinStateBefore, migrate },
)

export type PinView = StateView<typeof pinState.fields>
export type PinTexts = Partial<Readonly<Record<'title' | 'description' | 'image', string>>>

/** Events of a slot so far. */
export function totalOf({ few, wide }: PinView, slot: number): number {
  if (wide.length > 0) return wide.at(slot).count
  return slot < NARROW_SLOTS ? few.get(slot) : 0
}

/** Events of a column on the day that is `d` modulo DAYS. */
export function dayCountOf({ recent, wide }: PinView, column: number, d: number): number {
  if (wide.length > 0) return wide.at(EVENT_SLOTS + column * DAYS + d).count
  return column < NARROW_COLUMNS ? (recent.get(column) >>> (4 * d)) & DAY_MAX : 0
}

/** Where the counts of a row are: bytes of a total, halves of `days`, words of the others. */
const DAYS_AT = imageOffset(pinState, 'days') >>> 1
const FEW_AT = imageOffset(pinState, 'few')
const RECENT_AT = imageOffset(pinState, 'recent') >>> 2
const WIDE_AT = imageOffset(pinState, 'wide') >>> 2

/**
 * Counts one event in the total of its slot and, unless `column` is negative, in its day: what
 * `addTotal` and `addToDay` do, in one look at the row when the day is the pin's newest and no
 * count outgrows its place.
 */
export function countEvent(state: PinView, slot: number, column: number, on: number): void {
  const { page, word } = placeOf(state)
  const { u32 } = page
  const isNewest = on === page.u16[(word << 1) + DAYS_AT]! - 1
  if (isNewest && column >= 0) {
    const d = on & (DAYS - 1)
    if ((u32[word + WIDE_AT + 1]! & 0xffff) !== 0) {
      state.wide.count(slot)
      state.wide.count(EVENT_SLOTS + column * DAYS + d)
      return
    }
    if (column < NARROW_COLUMNS && slot < NARROW_SLOTS) {
      const total = (word << 2) + FEW_AT + slot
      const recent = u32[word + RECENT_AT + column]!
      if (page.u8[total]! < TOTAL_MAX && ((recent >>> (4 * d)) & DAY_MAX) < DAY_MAX) {
        page.u8[total]!++
        u32[word + RECENT_AT + column] = recent + (1 << (4 * d))
        return
      }
    }
  }
  addTotal(state, slot)
  if (column >= 0) addToDay(state, column, on)
}

/** Counts one event in the total of its slot. */
export function addTotal(state: PinView, slot: number): void {
  const { few, wide } = state
  if (wide.length === 0) {
    const count = slot < NARROW_SLOTS ? few.get(slot) : TOTAL_MAX
    if (count < TOTAL_MAX) {
      few.set(slot, count + 1)
      return
    }
    widen(state)
  }
  wide.at(slot).count += 1
}

/** Counts one event of a column in its day, unless that is past. */
export function addToDay(state: PinView, column: number, on: number): void {
  const day = on < LAST_DAY ? on : LAST_DAY
  if (day >= state.days) turnDays(state, day)
  else if (day < state.days - DAYS) return
  const { recent, wide } = state
  const d = day % DAYS
  if (wide.length === 0) {
    const word = column < NARROW_COLUMNS ? recent.get(column) : 0xffffffff
    if (((word >>> (4 * d)) & DAY_MAX) < DAY_MAX) {
      recent.set(column, word + 2 ** (4 * d))
      return
    }
    widen(state)
  }
  wide.at(EVENT_SLOTS + column * DAYS + d).count += 1
}

/** Clears the counts of days that `day` pushes out; before the first day all are zero. */
function turnDays(state: PinView, day: number): void {
  const { recent, wide, days } = state
  state.days = day + 1
  if (days === 0) return
  const first = Math.max(days, day - DAYS + 1)
  if (wide.length === 0) {
    let kept = 0xffffffff
    for (let d = first; d <= day; d++) kept &= ~(DAY_MAX << (4 * (d % DAYS)))
    for (let c = 0; c < NARROW_COLUMNS; c++) recent.set(c, (recent.get(c) & kept) >>> 0)
    return
  }
  for (let d = first; d <= day; d++) {
    for (let c = 0; c < dailyKinds.length; c++) {
      wide.at(EVENT_SLOTS + c * DAYS + (d % DAYS)).count = 0
    }
  }
  if (fitsNarrow(state)) narrow(state)
}

function fitsNarrow({ wide }: PinView): boolean {
  for (let i = 0; i < WIDE_ROWS; i++) if (wide.at(i).count > narrowMax(i)) return false
  return true
}

/** The largest count that fits where it lies narrow. */
function narrowMax(i: number): number {
  if (i < EVENT_SLOTS) return i < NARROW_SLOTS ? TOTAL_MAX : 0
  return i < EVENT_SLOTS + NARROW_COLUMNS * DAYS ? DAY_MAX : 0
}

function widen(state: PinView): void {
  const { few, recent, wide } = state
  const counts = Array.from({ length: WIDE_ROWS }, (_, i) => {
    if (i < EVENT_SLOTS) return totalOf(state, i)
    return dayCountOf(state, Math.floor(i / DAYS) - 1, i % DAYS)
  })
  wide.extend(WIDE_ROWS)
  for (const [i, count] of counts.entries()) if (count > 0) wide.at(i).count = count
  for (let slot = 0; slot < NARROW_SLOTS; slot++) few.set(slot, 0)
  for (let c = 0; c < NARROW_COLUMNS; c++) recent.set(c, 0)
}

function narrow(state: PinView): void {
  const { few, recent, wide } = state
  for (let slot = 0; slot < NARROW_SLOTS; slot++) few.set(slot, totalOf(state, slot))
  for (let c = 0; c < NARROW_COLUMNS; c++) {
    let word = 0
    for (let d = 0; d < DAYS; d++) word += dayCountOf(state, c, d) * 2 ** (4 * d)
    recent.set(c, word)
  }
  wide.clear()
}

export const textsOf = ({ texts }: PinView): PinTexts => unpackTexts(texts)

function unpackTexts(texts: string): PinTexts {
  if (texts === '') return {}
  const [title, description, image] = JSON.parse(texts) as readonly string[]
  return {
    ...(title && { title }),
    ...(description && { description }),
    ...(image && { image }),
  }
}

export function packTexts({ title = '', description = '', image = '' }: PinTexts): string {
  return title || description || image ? JSON.stringify([title, description, image]) : ''
}

/** Numbers of its tags, NONE where a place is free. */
export function tagsOf(said: NonNullable<ReturnType<PinView['said']['get']>>): TagIndex[] {
  return tagNames.map((name) => said[name] as TagIndex)
}

/** Gives a row that is there its tags. */
export function setTags(
  said: ReturnType<PinView['said']['make']>,
  tagAt: (slot: number) => number,
): void {
  tagNames.forEach((name, slot) => {
    said[name] = tagAt(slot)
  })
}

/** A state with outside ids as people read it: counts by slot and by day, and what was told. */
export function readablePin(plain: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const wide = (plain['wide'] as readonly { readonly count: number }[]).map(({ count }) => count)
  const few = plain['few'] as readonly number[]
  const recent = plain['recent'] as readonly number[]
  const isWide = wide.length > 0
  const counts = Array.from({ length: EVENT_SLOTS }, (_, slot) =>
    isWide ? wide[slot]! : (few[slot] ?? 0),
  )
  const byDay = Array.from({ length: DAYS * dailyKinds.length }, (_, i) =>
    isWide
      ? wide[EVENT_SLOTS + i]!
      : ((recent[Math.floor(i / DAYS)] ?? 0) >>> (4 * (i % DAYS))) & DAY_MAX,
  )
  const said = (plain['said'] ?? {}) as Readonly<Record<string, unknown>>
  const isTag = (name: string) => (tagNames as readonly string[]).includes(name)
  const told = Object.fromEntries(Object.entries(said).filter(([name]) => !isTag(name)))
  const tags = tagNames.map((name) => said[name]).filter((tag) => tag != null)
  return {
    ...unpackTexts(plain['texts'] as string),
    ...told,
    tags,
    counts,
    days: plain['days'],
    byDay,
  }
}

/** A state of version 1 as one of version 2. */
function migrate(old: PlainState): PlainState {
  const counts = old['counts'] as readonly number[]
  const byDay = old['byDay'] as readonly number[]
  const wide = [...counts, ...byDay]
  const isNarrow = wide.every((count, i) => count <= narrowMax(i))
  const word = (c: number) =>
    byDay.slice(c * DAYS, (c + 1) * DAYS).reduce((sum, count, d) => sum + count * 2 ** (4 * d), 0)
  const { told, created, hidden, deleted, topic, language } = old
  const tags = old['tags'] as readonly number[]
  const named = Object.fromEntries(tagNames.map((name, slot) => [name, tags[slot]!]))
  return {
    days: Math.min(old['days'] as number, LAST_DAY + 1),
    ...(isNarrow
      ? {
          few: counts.slice(0, NARROW_SLOTS),
          recent: Array.from({ length: NARROW_COLUMNS }, (_, c) => word(c)),
        }
      : { wide: wide.map((count) => ({ count })) }),
    said: told === 0 ? null : { told, created, hidden, deleted, topic, language, ...named },
    texts: packTexts(old as PinTexts),
  }
}
