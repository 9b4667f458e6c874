/**
 * A pin: what the catalogue says of it and how often people did what to it, in total and by day.
 *
 * Events of many users meet here from many partitions, so everything is a sum or a latest-wins by
 * time: the state is a function of the multiset of entries, whatever their order. Counters that
 * decay are kept by day, the newest `DAYS` days seen, and weighed when they are read: a stored sum
 * that decays would depend on the order of its entries. An older event counts in the totals only.
 */
import {
  DECLARED,
  type EpochMs,
  EVENT_SLOTS,
  eventSlot,
  f64,
  flagShape,
  isEventCode,
  kindCode,
  limits,
  listShape,
  NONE,
  nothingShape,
  numberShape,
  optionalShape,
  recordShape,
  ref,
  refShape,
  type ShapeOf,
  stateSchema,
  type TagIndex,
  text,
  textShape,
  u8,
  u32,
  vector,
} from '../base/index.ts'
import { type ActorContext, actorType } from './actor.ts'
import type { CataloguePayload, EntryBatch, EntryView } from './shard/record-block.ts'

const DAYS = 8
const DAY_MS = 86_400_000
/** Counters by name and kind; those by day stand in this order. */
const counted = {
  impressions: kindCode.impression,
  closeups: kindCode.closeup,
  saves: kindCode.save,
  hides: kindCode.hide,
  outbounds: kindCode.outbound,
  declared: DECLARED,
} as const
type Counter = keyof typeof counted
export const dailyCounters = Object.keys(counted) as readonly Counter[]
const dailyKinds: readonly number[] = Object.values(counted)

export const pinDecay = Object.freeze({ halfLifeDays: 2 })

export const pinState = stateSchema('Pin', 1, {
  /** Time of the latest catalogue entry; 0 for a stub that only events have named. */
  told: f64,
  created: f64,
  hidden: u8,
  deleted: u8,
  topic: ref('tag'),
  language: ref('tag'),
  tags: vector(ref('tag'), limits.tagsPerPinMax),
  title: text(limits.titleBytesMax),
  description: text(limits.descriptionBytesMax),
  image: text(limits.imageBytesMax),
  counts: vector(u32, EVENT_SLOTS),
  /** Newest day (since the epoch) in the counters by day, + 1; 0 before the first. */
  days: u32,
  /** By kind, then by day modulo DAYS. */
  byDay: vector(u32, DAYS * dailyKinds.length),
})

const count = numberShape(0)
const countShapes = {
  impressions: count,
  closeups: count,
  saves: count,
  hides: count,
  outbounds: count,
  /** Of kinds that the operator declared. */
  declared: count,
} satisfies Record<Counter, typeof count>
const tag = refShape<TagIndex>('tag')
export const pinCardShape = recordShape({
  stub: flagShape,
  gone: flagShape,
  title: optionalShape(textShape(limits.titleBytesMax)),
  description: optionalShape(textShape(limits.descriptionBytesMax)),
  image: optionalShape(textShape(limits.imageBytesMax)),
  created: optionalShape(numberShape()),
  topic: optionalShape(tag),
  language: optionalShape(tag),
  tags: listShape(tag, limits.tagsPerPinMax),
  ...countShapes,
})
/** Counts of the last days, halved for each `pinDecay.halfLifeDays` of age. */
export const pinActivityShape = recordShape(countShapes)
export type PinActivity = ShapeOf<typeof pinActivityShape>
export type PinActorCard = ShapeOf<typeof pinCardShape>

export class PinActor {
  readonly #context: ActorContext<typeof pinState.fields>

  constructor(context: ActorContext<typeof pinState.fields>) {
    this.#context = context
  }

  apply(batch: EntryBatch): void {
    for (let i = 0; i < batch.length; i++) {
      const entry = batch.at(i)
      if (isEventCode(entry.kind)) this.#count(entry)
      else if (entry.kind === kindCode.pin) this.#describe(entry)
      else if (entry.kind === kindCode['delete-pin']) this.#delete(entry)
    }
  }

  /** What a page shows of this pin. */
  card(): PinActorCard {
    const { state } = this.#context
    const tags: TagIndex[] = []
    for (let i = 0; i < state.tags.length; i++) {
      const index = state.tags.get(i)
      if (index !== NONE) tags.push(index as TagIndex)
    }
    const count = (kind: number) => state.counts.get(eventSlot(kind))
    const totals = byCounter((counter) => count(counted[counter]))
    return {
      stub: state.told === 0,
      gone: state.deleted === 1 || state.hidden === 1,
      ...(state.title !== '' && { title: state.title }),
      ...(state.description !== '' && { description: state.description }),
      ...(state.image !== '' && { image: state.image }),
      ...(state.created > 0 && { created: state.created }),
      ...(state.topic !== NONE && { topic: state.topic as TagIndex }),
      ...(state.language !== NONE && { language: state.language as TagIndex }),
      tags,
      ...totals,
      saves: Math.max(0, totals.saves - count(kindCode.unsave)),
    }
  }

  /** Counts that have faded by a time; days after it are not yet. */
  activity({ at }: { readonly at: EpochMs }): PinActivity {
    const { state } = this.#context
    const today = Math.floor(at / DAY_MS)
    const newest = Math.min(state.days - 1, today)
    return byCounter((_, column) => {
      let sum = 0
      for (let day = newest; day >= state.days - DAYS && day >= 0; day--) {
        const count = state.byDay.get(column * DAYS + (day % DAYS))
        if (count > 0) sum += count * 0.5 ** ((today - day) / pinDecay.halfLifeDays)
      }
      return Math.round(sum * 1000) / 1000
    })
  }

  #count(entry: EntryView): void {
    const { state } = this.#context
    const slot = eventSlot(entry.kind)
    state.counts.set(slot, state.counts.get(slot) + 1)
    const column = dailyKinds.indexOf(entry.kind)
    if (column < 0) return
    const day = Math.floor(entry.time / DAY_MS)
    if (day >= state.days) this.#turnDays(day)
    if (day < state.days - DAYS) return
    const at = column * DAYS + (day % DAYS)
    state.byDay.set(at, state.byDay.get(at) + 1)
  }

  /** Clears the counters of days that `day` pushes out; before the first day all are zero. */
  #turnDays(day: number): void {
    const { state } = this.#context
    const first = state.days === 0 ? day + 1 : Math.max(state.days, day - DAYS + 1)
    for (let d = first; d <= day; d++) {
      for (let c = 0; c < dailyKinds.length; c++) state.byDay.set(c * DAYS + (d % DAYS), 0)
    }
    state.days = day + 1
  }

  #describe(entry: EntryView): void {
    const { state } = this.#context
    if (entry.time < state.told) return
    const told = entry.payload ?? {}
    state.told = entry.time
    state.deleted = 0
    state.hidden = told.hidden === true ? 1 : 0
    state.created = told.created ?? entry.time
    this.#say(told)
  }

  /** Keeps nothing of what was said before: the state may not depend on whether it was heard. */
  #delete(entry: EntryView): void {
    const { state } = this.#context
    if (entry.time < state.told) return
    state.told = entry.time
    state.deleted = 1
    state.hidden = 0
    state.created = 0
    this.#say({})
  }

  #say(told: CataloguePayload): void {
    const { state } = this.#context
    state.title = told.title ?? ''
    state.description = told.description ?? ''
    state.image = told.image ?? ''
    state.topic = told.topic ?? NONE
    state.language = told.language ?? NONE
    for (let i = 0; i < state.tags.length; i++) state.tags.set(i, told.tags?.[i] ?? NONE)
  }
}

function byCounter(read: (counter: Counter, column: number) => number): Record<Counter, number> {
  return Object.fromEntries(dailyCounters.map((name, i) => [name, read(name, i)])) as never
}

export const pinActor = actorType({
  name: 'Pin',
  state: pinState,
  methods: {
    card: { kind: 'read', argument: nothingShape, result: pinCardShape },
    activity: {
      kind: 'read',
      argument: recordShape({ at: numberShape(0) }),
      result: pinActivityShape,
    },
  },
  create: (context: ActorContext<typeof pinState.fields>) => new PinActor(context),
})
