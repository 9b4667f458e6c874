/**
 * A pin: what the catalogue says of it and how often people did what to it, in total and by day.
 *
 * Events of many users meet here from many partitions, so everything is a sum or a latest-wins by
 * time: the state is a function of the multiset of entries, whatever their order. The day counters
 * keep the newest `DAYS` days seen; an older event counts in the totals only.
 */
import {
  f64,
  flagShape,
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
/** Kinds with day counters, in their order of storage. */
const dailyKinds = [kindCode.impression, kindCode.closeup, kindCode.save]

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
  counts: vector(u32, 8),
  /** Newest day (since the epoch) in the day counters. */
  day: u32,
  /** By kind, then by day modulo DAYS. */
  days: vector(u32, DAYS * dailyKinds.length),
})

const count = numberShape(0)
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
  impressions: count,
  closeups: count,
  saves: count,
  hides: count,
})
export type PinActorCard = ShapeOf<typeof pinCardShape>

export class PinActor {
  readonly #context: ActorContext<typeof pinState.fields>

  constructor(context: ActorContext<typeof pinState.fields>) {
    this.#context = context
  }

  apply(batch: EntryBatch): void {
    for (let i = 0; i < batch.length; i++) {
      const entry = batch.at(i)
      if (entry.kind <= kindCode.outbound) this.#count(entry)
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
    const counts = (kind: number) => state.counts.get(kind)
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
      impressions: counts(kindCode.impression),
      closeups: counts(kindCode.closeup),
      saves: Math.max(0, counts(kindCode.save) - counts(kindCode.unsave)),
      hides: counts(kindCode.hide),
    }
  }

  #count(entry: EntryView): void {
    const { state } = this.#context
    state.counts.set(entry.kind, state.counts.get(entry.kind) + 1)
    const column = dailyKinds.indexOf(entry.kind)
    if (column < 0) return
    const day = Math.floor(entry.time / DAY_MS)
    if (day > state.day) this.#turnDays(day)
    if (day <= state.day - DAYS) return
    const at = column * DAYS + (day % DAYS)
    state.days.set(at, state.days.get(at) + 1)
  }

  /** Clears the counters of days that `day` pushes out. */
  #turnDays(day: number): void {
    const { state } = this.#context
    const first = Math.max(state.day + 1, day - DAYS + 1)
    for (let d = first; d <= day; d++) {
      for (let c = 0; c < dailyKinds.length; c++) state.days.set(c * DAYS + (d % DAYS), 0)
    }
    state.day = day
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

export const pinActor = actorType({
  name: 'Pin',
  state: pinState,
  methods: { card: { kind: 'read', argument: nothingShape, result: pinCardShape } },
  create: (context: ActorContext<typeof pinState.fields>) => new PinActor(context),
})
