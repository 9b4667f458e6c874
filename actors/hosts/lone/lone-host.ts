/**
 * One engine on the caller's thread, without a log: what simulations and evaluation ask when they
 * need the code that serves and no server. Entries are folded when they are given, the graph is
 * built when it is said, and what was folded is kept, to learn from. Nothing happens by itself and
 * no clock is read, so equal calls give equal answers.
 */
import {
  bySpace,
  type Clock,
  type Entry,
  type EpochMs,
  Interner,
  type Names,
  NONE,
} from '../../../base/index.ts'
import {
  DeepModel,
  deepFeatureNames,
  deepMemory,
  FeatureTable,
  type GenerationName,
  type RankReply,
  type RequestPlace,
  type TrainedDeep,
} from '../../../ranking/index.ts'
import { Engine } from '../../engine.ts'
import type { Frame } from '../../log/index.ts'
import { Feeder } from '../../projections/feeder.ts'
import { type DeepTeaching, trainBy } from '../../training/deep-teaching.ts'
import { Frames } from '../../training/frames.ts'
import { LogExamples } from '../../training/log-examples.ts'

export type LoneHostOptions = {
  /** Distinct pins and boards that entries may name. */
  readonly pinCapacity: number
  readonly boardCapacity: number
  readonly clock: Clock
}

export type LoneAsk = Partial<RequestPlace> & {
  readonly user: string
  readonly limit: number
  readonly generation: GenerationName
  readonly at: EpochMs
  readonly seed: number
}

/** The longest there is: no stage is dropped for time, so that answers do not depend on it. */
const DEADLINE_MS = 60_000

export class LoneHost {
  readonly names: Names = bySpace(() => new Interner())
  readonly #engine: Engine
  readonly #feeder: Feeder
  readonly #options: LoneHostOptions
  readonly #frames: Frame[] = []
  readonly #waiting = new Frames()
  #entries = 0

  constructor(options: LoneHostOptions) {
    const { pinCapacity, boardCapacity, clock } = options
    this.#options = options
    const features = FeatureTable.create(pinCapacity)
    const { names } = this
    this.#engine = new Engine({ names, features, clock, boardCapacity, writesGraph: true })
    this.#feeder = new Feeder({
      names,
      partitions: 1,
      contexts: true,
      emit: (block) => this.#engine.deliver(block),
    })
  }

  /** Entries folded so far. */
  get entries(): number {
    return this.#entries
  }

  fold(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const full = this.#waiting.add(entry)
      if (full) this.#take(full)
    }
    const rest = this.#waiting.rest()
    if (rest) this.#take(rest)
    this.#feeder.flush()
  }

  #take(frame: Frame): void {
    this.#entries += frame.count
    this.#frames.push(frame)
    this.#feeder.feed(frame)
  }

  /** The graph, and what is built with it, of all that was folded. */
  build(): void {
    this.#engine.buildNow()
  }

  recommend({ user, ...ask }: LoneAsk): Promise<RankReply> {
    const found = this.names.user.find(user)
    return this.#engine.recommend({
      ...ask,
      user: found < 0 ? NONE : found,
      exclude: [],
      explain: false,
      deadlineMs: DEADLINE_MS,
      off: [],
    })
  }

  /** Trains generation 3 on all that was folded and puts it in charge. TRAINING_DATA. */
  async learnDeep(teaching: DeepTeaching, seed: number): Promise<TrainedDeep> {
    const { clock, ...room } = this.#options
    const size = { ...room, ...teaching, entries: this.#entries, generation: 'deep' as const, seed }
    const examples = new LogExamples(size, 1, clock)
    for (const frame of this.#frames) await examples.feed(frame)
    const trained = await trainBy(teaching, await examples.rows(), { seed }, { clock })
    const memory = await deepMemory(trained.bytes, deepFeatureNames, this.names.pin)
    await this.#engine.useDeep(await DeepModel.open(memory))
    return trained
  }
}
