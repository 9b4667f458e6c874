/**
 * Training rows from the log, point in time: the earlier part of the log is folded into actors,
 * graph and counters of this thread's own; then every impression gets its feature row before its
 * entry is folded, from what was known at that moment. Its label is whether the same user saved
 * that pin within an hour. Pins the user had already saved, hidden or seen are left out: serving
 * would not show them.
 *
 * Rows of the deep ranker also have factors: fitted at the end of the warm-up and again at even
 * distances after it, each on what users had saved by then, so that those of a row are as stale as
 * they are when they serve, and never know what came after it.
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
  deepFeatureNames,
  FactorReader,
  FeatureTable,
  featureNames,
  fitPinFactors,
  type GenerationName,
  type IdentifiedRows,
  type KeptRows,
  LABEL_MS,
  type PinFactors,
  pinFactorsMemory,
  placeOf,
  type RankingServices,
  type RankRequest,
  RankScratch,
  RequestRows,
} from '../../ranking/index.ts'
import { Engine } from '../engine.ts'
import type { Frame } from '../log/index.ts'
import { Feeder } from '../projections/feeder.ts'
import { BlockBatch, BlockPool, type RecordBlock } from '../shard/record-block.ts'
import { type OpenRequest, OpenRequests } from './open-requests.ts'
import { RowList } from './row-list.ts'
import { savedByUsers } from './saved-by-users.ts'

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
  /** Pins drawn beside each among the first `rivalsAmong` that its sources found, by similarity. */
  readonly rivals?: number
  readonly rivalsAmong?: number
  /** Whose sources find candidates; `mixed` where absent. */
  readonly generation?: GenerationName
  /** Fits of factors that rows are made with. */
  readonly factorFits?: number
  /** Of what is drawn. */
  readonly seed?: number
}

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
  readonly #open = new OpenRequests()
  readonly #clock: Clock
  #seen = 0
  #warm = false
  /** Of the newest fit. */
  #factors: FactorReader | undefined
  #fits = 0

  constructor(options: ExampleOptions, partitions: number, clock: Clock) {
    this.#options = options
    this.#clock = clock
    // About a third of a log is impressions.
    const shown = (options.entries * (1 - options.warmUp)) / 3
    const { negatives = 0, rivals = 0 } = options
    const expected = shown * (1 + negatives + rivals)
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

  /** Takes the next frame of the log, in order and one after the other; as `fitPinFactors`. */
  async feed(frame: Frame): Promise<void> {
    const { entries, warmUp } = this.#options
    this.#seen += frame.count
    if (this.#warm) {
      this.#slow.feed(frame)
    } else {
      this.#feeder.feed(frame)
      if (this.#seen < entries * warmUp) return
      this.#feeder.flush()
      this.#engine.buildNow()
      this.#warm = true
    }
    await this.#refit()
  }

  /** All of them, with the factors of all that was fed; as `fitPinFactors`. */
  async rows(): Promise<IdentifiedRows> {
    if (!this.#fitsFactors) return this.#rows.take(featureNames)
    const rows = this.#rows.take(deepFeatureNames)
    const fitted = await this.#fit()
    if (!fitted) return rows
    const pins = fitted.pins.map((pin) => this.#names.pin.id(pin))
    return { ...rows, factors: { ...fitted, pins } }
  }

  get names(): Names {
    return this.#names
  }

  /** The host as it is after what was fed, to be asked what it would answer. */
  get engine(): Engine {
    return this.#engine
  }

  get #fitsFactors(): boolean {
    return this.#options.generation === 'deep'
  }

  /** Where a fit is due: nothing that comes later is in it. */
  async #refit(): Promise<void> {
    const { entries, warmUp, factorFits = 1 } = this.#options
    const due = entries * (warmUp + (this.#fits * (1 - warmUp)) / factorFits)
    if (!this.#fitsFactors || this.#fits === factorFits || this.#seen < due) return
    this.#fits++
    const fitted = await this.#fit()
    this.#factors = fitted && new FactorReader(pinFactorsMemory(fitted, (pin) => pin))
  }

  #fit(): Promise<PinFactors<number> | undefined> {
    return fitPinFactors(savedByUsers(this.#engine), {}, { clock: this.#clock })
  }

  /** As the host has them, with the factors of the newest fit. */
  get #services(): RankingServices {
    return { ...this.#engine.services, factors: () => this.#factors }
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
      else this.#open.saved(owner, pin)
      for (const drawn of this.#drawn.get(`${owner}:${pin}`) ?? []) this.#rows.saved(drawn)
    }
    this.#engine.deliver(block)
    // As a host does in between: what is walked and which saves follow each other is not left old.
    while (this.#engine.isBuilding) this.#engine.buildSlice()
  }

  #addRow(owner: number, pin: PinIndex, time: number, context: EventContext | undefined): void {
    // One user in `every`, the same ones always: whole requests stay together.
    if (hash32(owner, 3) % this.#every !== 0 || !this.#engine.users.has(owner)) return
    const { rows, saved } = this.#requestOf(owner, time, context)
    if (rows.request.user.exclude.includes(pin)) return
    // Its counters know of that save, and the row would.
    if (saved.has(pin) && !rows.has(pin)) return
    const pins = [pin, ...this.#draw(rows, pin)]
    const first = this.#rows.count
    this.#waiting.set(`${owner}:${pin}`, first)
    pins.slice(1).forEach((each, i) => {
      const key = `${owner}:${each}`
      const known = this.#drawn.get(key)
      const row = first + 1 + i
      if (known) known.push(row)
      else this.#drawn.set(key, [row])
    })
    this.#rows.add({
      features: rows.of(pins),
      user: this.#names.user.hash(owner),
      pins: pins.map((each) => this.#names.pin.hash(each)),
      time,
      rank: context?.rank ?? 0,
      propensity: context?.propensity ?? 1,
      drawChances: this.#drawChances(rows, pins),
    })
    if (saved.has(pin)) this.#rows.saved(first)
  }

  /** Pins of one request are told of by one run of the sources, as they were found by one. */
  #requestOf(owner: number, time: number, context: EventContext = {}): OpenRequest {
    const { request } = context
    const open = this.#open.find(owner, request)
    if (open && time - open.rows.request.at < LABEL_MS) return open
    const ask: RankRequest = {
      user: this.#engine.context(owner),
      limit: 25,
      generation: this.#options.generation ?? 'mixed',
      exclude: [],
      ...placeOf(context),
      at: time,
      seed: 1,
      deadline: Number.POSITIVE_INFINITY,
      explain: false,
      off: [],
    }
    const { rivals = 0, rivalsAmong = 0 } = this.#options
    const rows = new RequestRows(ask, this.#services, this.#scratch)
    return this.#open.begin(owner, request, rows.keep(rivals > 0 ? rivalsAmong : 0))
  }

  /** Pins that the user might have been shown as well. */
  #draw({ request, leading }: KeptRows, shown: number): ReadonlySet<number> {
    const { negatives = 0, rivals = 0 } = this.#options
    const { features } = this.#engine.services
    const drawn = new Set<number>()
    const take = (pin: number) => {
      const { exclude } = request.user
      if (pin === shown || features.isGone(pin) || exclude.includes(pin as PinIndex)) return
      drawn.add(pin)
    }
    for (let n = 0; n < negatives; n++) take(this.#random.below(features.pinCount))
    if (leading.length > 0) {
      for (let n = 0; n < rivals; n++) take(leading[this.#random.below(leading.length)]!)
    }
    return drawn
  }

  /** The chance of each to be drawn for that request. */
  #drawChances({ leading }: KeptRows, pins: readonly number[]): number[] {
    const { negatives = 0, rivals = 0 } = this.#options
    const { pinCount } = this.#engine.services.features
    const leads = new Set(leading)
    return pins.map((pin) => {
      const ofLeading = leads.has(pin) ? rivals / leading.length : 0
      return Math.min(1, negatives / pinCount + ofLeading)
    })
  }
}
