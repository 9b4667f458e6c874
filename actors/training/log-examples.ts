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
  hash32,
  Interner,
  kindCode,
  type Names,
  noDeclaredKinds,
  type PinIndex,
} from '../../base/index.ts'
import {
  FeatureTable,
  featureNames,
  LABEL_MS,
  type RankRequest,
  RankScratch,
  shownRows,
  type TrainingRows,
} from '../../ranking/index.ts'
import { Engine } from '../engine.ts'
import type { Frame } from '../log/index.ts'
import { Feeder } from '../projections/feeder.ts'
import { BlockBatch, BlockPool, type RecordBlock } from '../shard/record-block.ts'

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
}
export const exampleDefaults = Object.freeze({ warmUp: 0.6, rowsMax: 6_000 })

export class LogExamples {
  readonly #engine: Engine
  readonly #scratch: RankScratch
  readonly #feeder: Feeder
  readonly #slow: Feeder
  readonly #options: ExampleOptions
  readonly #features: number[] = []
  readonly #labels: number[] = []
  readonly #ranks: number[] = []
  readonly #times: number[] = []
  /** Row by (user, pin) that waits for a save. */
  readonly #waiting = new Map<string, number>()
  readonly #every: number
  #seen = 0
  #warm = false

  constructor(options: ExampleOptions, partitions: number, clock: Clock) {
    this.#options = options
    // About a third of a log is impressions.
    const expected = (options.entries * (1 - options.warmUp)) / 3
    this.#every = Math.max(1, Math.round(expected / options.rowsMax))
    const names: Names = bySpace(() => new Interner())
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

  rows(): TrainingRows {
    return {
      names: featureNames,
      features: Float32Array.from(this.#features),
      labels: Float32Array.from(this.#labels),
      weights: new Float32Array(this.#labels.length).fill(1),
      ranks: Uint16Array.from(this.#ranks),
      times: Float64Array.from(this.#times),
    }
  }

  #learn(block: RecordBlock): void {
    const entry = new BlockBatch(block).record(0)
    const { owner, pin, time } = entry
    const context = block.payloads.get(0)?.context
    const wanted = this.#labels.length < this.#options.rowsMax
    if (entry.kind === kindCode.impression && context?.viewed !== false && wanted) {
      this.#addRow(owner, pin, time, context?.rank ?? 0)
    } else if (entry.kind === kindCode.save) {
      const row = this.#waiting.get(`${owner}:${pin}`)
      this.#waiting.delete(`${owner}:${pin}`)
      if (row !== undefined && time - this.#times[row]! < LABEL_MS) this.#labels[row] = 1
    }
    this.#engine.deliver(block)
  }

  #addRow(owner: number, pin: PinIndex, time: number, rank: number): void {
    // One user in `every`, the same ones always: whole requests stay together.
    if (hash32(owner, 3) % this.#every !== 0 || !this.#engine.users.has(owner)) return
    const user = this.#engine.context(owner)
    if (user.exclude.includes(pin)) return
    const request: RankRequest = {
      user,
      limit: 25,
      generation: 'mixed',
      exclude: [],
      at: time,
      seed: 1,
      deadline: Number.POSITIVE_INFINITY,
      explain: false,
      off: [],
    }
    const row = shownRows(request, this.#engine.services, this.#scratch, [pin])
    this.#waiting.set(`${owner}:${pin}`, this.#labels.length)
    for (const value of row) this.#features.push(value)
    this.#labels.push(0)
    this.#ranks.push(rank)
    this.#times.push(time)
  }
}
