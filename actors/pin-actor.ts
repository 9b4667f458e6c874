/**
 * A pin: what the catalogue says of it and how often people did what to it, in total and by day.
 *
 * Events of many users meet here from many partitions, so everything is a sum or a latest-wins by
 * time: the state is a function of the multiset of entries, whatever their order. Counters that
 * decay are kept by day, the newest `DAYS` days seen, and weighed when they are read: a stored sum
 * that decays would depend on the order of its entries. An older event counts in the totals only.
 */
import {
  assert,
  DECLARED,
  type EpochMs,
  eventSlot,
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
  refShape,
  type ShapeOf,
  type TagIndex,
  textShape,
} from '../base/index.ts'
import { type ActorContext, actorType } from './actor.ts'
import {
  countEvent,
  DAYS,
  dailyKinds,
  dayCountOf,
  packTexts,
  pinState,
  readablePin,
  setTags,
  tagsOf,
  textsOf,
  totalOf,
} from './pin-state.ts'
import type { CataloguePayload, EntryBatch, EntryView } from './shard/record-block.ts'

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
assert(
  Object.values(counted).every((kind, column) => kind === dailyKinds[column]),
  'counters stand as columns of the state do',
)

export const pinDecay = Object.freeze({ halfLifeDays: 2 })

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
    const count = (kind: number) => totalOf(state, eventSlot(kind))
    const totals = byCounter((counter) => count(counted[counter]))
    const said = state.said.get()
    return {
      stub: said === undefined,
      gone: said?.deleted === 1 || said?.hidden === 1,
      ...textsOf(state),
      ...(said && said.created > 0 && { created: said.created }),
      ...(said && said.topic !== NONE && { topic: said.topic as TagIndex }),
      ...(said && said.language !== NONE && { language: said.language as TagIndex }),
      tags: said ? tagsOf(said).filter((tag) => tag !== NONE) : [],
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
        const count = dayCountOf(state, column, day % DAYS)
        if (count > 0) sum += count * 0.5 ** ((today - day) / pinDecay.halfLifeDays)
      }
      return Math.round(sum * 1000) / 1000
    })
  }

  #count(entry: EntryView): void {
    const { kind, time } = entry
    const day = Math.floor(time / DAY_MS)
    countEvent(this.#context.state, eventSlot(kind), columnOf[kind]!, day)
  }

  #describe(entry: EntryView): void {
    const told = entry.payload ?? {}
    const created = told.created ?? entry.time
    this.#say(entry, told, { deleted: 0, hidden: told.hidden === true ? 1 : 0, created })
  }

  /** Keeps nothing of what was said before: the state may not depend on whether it was heard. */
  #delete(entry: EntryView): void {
    this.#say(entry, {}, { deleted: 1, hidden: 0, created: 0 })
  }

  #say(
    { time }: EntryView,
    told: CataloguePayload,
    { deleted, hidden, created }: { deleted: number; hidden: number; created: number },
  ): void {
    const { state } = this.#context
    const said = state.said.get()
    if (said && time < said.told) return
    const row = said ?? state.said.make()
    row.told = time
    row.deleted = deleted
    row.hidden = hidden
    row.created = created
    row.topic = told.topic ?? NONE
    row.language = told.language ?? NONE
    setTags(row, (slot) => told.tags?.[slot] ?? NONE)
    state.texts = packTexts(told)
  }
}

/** Columns by kind, -1 where there is none. */
const columnOf = Int8Array.from({ length: 256 }, (_, kind) => dailyKinds.indexOf(kind))

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
  // Totals and impressions by day come first.
  appends: { wide: isEventCode },
  readable: readablePin,
})
