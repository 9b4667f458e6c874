/**
 * Training rows from the log, point in time: the earlier part of the log is folded into actors,
 * graph and counters of this thread's own; then every impression gets its feature row before its
 * entry is folded, from what was known at that moment. Its label is whether the same user saved
 * that pin within an hour. Pins the user had already saved, hidden or seen are left out: serving
 * would not show them.
 */
import {
  bySpace,
  type Clock,
  type DeclaredKinds,
  type EventContext,
  hash32,
  Interner,
  kindCode,
  type Names,
  noDeclaredKinds,
  type PinIndex,
  Random,
} from '../../base/index.ts'
import {
  FeatureTable,
  type GenerationName,
  type IdentifiedRows,
  LABEL_MS,
  type RankRequest,
  RankScratch,
  RequestRows,
} from '../../ranking/index.ts'
import { Engine } from '../engine.ts'
import type { Frame } from '../log/index.ts'
import { Feeder } from '../projections/feeder.ts'
import { BlockBatch, BlockPool, type RecordBlock } from '../shard/record-block.ts'
import { RowList } from './row-list.ts'

export type ExampleOptions = {
  /** Entries in the log. */
  readonly entries: number
  /** Distinct ids that the log may name. */
  readonly pinCapacity: number
  readonly boardCapacity: number
  /** Weights of the operator's own kinds of event. */
  readonly kinds?: DeclaredKinds
  /** Share of the log that is only folded. */
  readonly warmUp: number
  readonly rowsMax: number
  /** Pins of the catalogue that are drawn beside each that was shown. */
  readonly negatives?: number
  /** Whose sources find candidates; `mixed` where absent. */
  readonly generation?: GenerationName
  /** Of what is drawn. */
  readonly seed?: number
}
/** For the small ranker, and for that of generation 3. */
export const exampleDefaults = Object.freeze({
  light: { warmUp: 0.6, rowsMax: 6_000 },
  deep: { warmUp: 0.4, rowsMax: 40_000, negatives: 4, generation: 'deep' },
} as const)

export class LogExamples {
  readonly #engine: Engine
  readonly #scratch: RankScratch
  readonly #feeder: Feeder
  readonly #slow: Feeder
  readonly #options: ExampleOptions
  readonly #names: Names
  readonly #rows = new RowList()
  readonly #random: Random
  /** Row by (user, pin) that waits for a save. */
  readonly #waiting = new Map<string, number>()
  /** Rows by (user, pin) that was drawn: whenever it is saved later, it was no negative. */
  readonly #drawn = new Map<string, number[]>()
  readonly #every: number
  /** The request whose pins are being told of. */
  #asked?: {
    readonly owner: number
    readonly request: string | undefined
    readonly rows: RequestRows
  }
  #seen = 0
  #warm = false

  constructor(options: ExampleOptions, partitions: number, clock: Clock) {
    this.#options = options
    // About a third of a log is impressions.
    const expected = (options.entries * (1 - options.warmUp)) / 3
    this.#every = Math.max(1, Math.round(expected / options.rowsMax))
    const names: Names = bySpace(() => new Interner())
    this.#names = names
    this.#random = new Random(options.seed ?? 1).split('negatives')
    const features = FeatureTable.create(options.pinCapacity)
    const { boardCapacity, kinds = noDeclaredKinds } = options
    this.#engine = new Engine({ names, features, clock, boardCapacity, writesGraph: true, kinds })
    this.#scratch = new RankScratch(options.pinCapacity)
    const common = { names, partitions, contexts: true }
    this.#feeder = new Feeder({ ...common, emit: (block) => this.#engine.deliver(block) })
    // One record a block: a row is made from exactly what came before it.
    const blocks = new BlockPool(1)
    const emit = (block: RecordBlock) => {
      this.#learn(block)
      blocks.give(block)
    }
    this.#slow = new Feeder({ ...common, blocks, emit })
  }

  /** Takes the next frame of the log, in order. */
  feed(frame: Frame): void {
    const { entries, warmUp } = this.#options
    this.#seen += frame.count
    if (this.#warm) {
      this.#slow.feed(frame)
      return
    }
    this.#feeder.feed(frame)
    if (this.#seen < entries * warmUp) return
    this.#feeder.flush()
    this.#engine.buildNow()
    this.#warm = true
  }

  rows(): IdentifiedRows {
    return this.#rows.take()
  }

  get names(): Names {
    return this.#names
  }

  /** The host as it is after what was fed, to be asked what it would answer. */
  get engine(): Engine {
    return this.#engine
  }

  #learn(block: RecordBlock): void {
    const entry = new BlockBatch(block).record(0)
    const { owner, pin, time } = entry
    const context = block.payloads.get(0)?.context
    const wanted = this.#rows.count < this.#options.rowsMax
    if (entry.kind === kindCode.impression && context?.viewed !== false && wanted) {
      this.#addRow(owner, pin, time, context)
    } else if (entry.kind === kindCode.save) {
      const row = this.#waiting.get(`${owner}:${pin}`)
      this.#waiting.delete(`${owner}:${pin}`)
      if (row !== undefined) this.#rows.saved(row, time - LABEL_MS)
      for (const drawn of this.#drawn.get(`${owner}:${pin}`) ?? []) this.#rows.saved(drawn)
    }
    this.#engine.deliver(block)
  }

  #addRow(owner: number, pin: PinIndex, time: number, context: EventContext | undefined): void {
    // One user in `every`, the same ones always: whole requests stay together.
    if (hash32(owner, 3) % this.#every !== 0 || !this.#engine.users.has(owner)) return
    const rows = this.#rowsOf(owner, time, context?.request)
    if (rows.request.user.exclude.includes(pin)) return
    const drawn = this.#draw(rows.request, pin)
    const pins = [pin, ...drawn]
    const { pinCount } = this.#engine.services.features
    this.#waiting.set(`${owner}:${pin}`, this.#rows.count)
    drawn.forEach((each, i) => {
      const key = `${owner}:${each}`
      const known = this.#drawn.get(key)
      const row = this.#rows.count + 1 + i
      if (known) known.push(row)
      else this.#drawn.set(key, [row])
    })
    this.#rows.add({
      features: rows.of(pins),
      user: this.#names.user.hash(owner),
      pins: pins.map((each) => this.#names.pin.hash(each)),
      time,
      rank: context?.rank ?? 0,
      shown: context?.propensity ?? 1,
      drawn: drawn.length / pinCount,
    })
  }

  /** Pins of one request are told of by one run of the sources, as they were found by one. */
  #rowsOf(owner: number, time: number, request: string | undefined): RequestRows {
    const asked = this.#asked
    const isSame = request !== undefined && asked?.request === request && asked.owner === owner
    if (isSame && time - asked.rows.request.at < LABEL_MS) return asked.rows
    const ask: RankRequest = {
      user: this.#engine.context(owner),
      limit: 25,
      generation: this.#options.generation ?? 'mixed',
      exclude: [],
      at: time,
      seed: 1,
      deadline: Number.POSITIVE_INFINITY,
      explain: false,
      off: [],
    }
    const rows = new RequestRows(ask, this.#engine.services, this.#scratch)
    this.#asked = { owner, request, rows }
    return rows
  }

  /** Pins of the catalogue that the user might have been shown as well. */
  #draw({ user }: RankRequest, shown: number): number[] {
    const { negatives = 0 } = this.#options
    const { features } = this.#engine.services
    const drawn: number[] = []
    for (let n = 0; n < negatives; n++) {
      const pin = this.#random.below(features.pinCount)
      const isFit =
        pin !== shown && !features.isGone(pin) && !user.exclude.includes(pin as PinIndex)
      if (isFit && !drawn.includes(pin)) drawn.push(pin)
    }
    return drawn
  }
}
