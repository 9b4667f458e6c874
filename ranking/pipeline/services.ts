/**
 * What ranking reads: views that the host swaps from under it (an epoch, a model) and the scratch
 * memory of the thread. A request takes each view once, at its start.
 */
import type { Clock, Names } from '../../base/index.ts'
import { type GraphView, WalkScratch } from '../../graph/index.ts'
import type { ScoredRows } from '../drift/scored-rows.ts'
import type { FeatureReader } from '../features/feature-table.ts'
import { PinFacts } from '../features/pin-facts.ts'
import type { FittedScores, Saver } from '../fitted/fitted-model.ts'
import type { Cooccurrence } from '../models/cooccurrence.ts'
import type { FactorReader } from '../pin-factors/index.ts'
import type { ActiveRules } from '../slate/active-rules.ts'
import type { PinVectors } from '../slate/similarity.ts'
import type { CatalogueIndex } from '../sources/catalogue-index.ts'
import type { TagWords } from '../sources/tag-words.ts'
import { Candidates, candidatesDefault } from './candidates.ts'

/** A model that scores rows of features; what an ONNX file is loaded into. */
export interface RankerModel {
  readonly version: string
  /** Names of its feature columns, in order. */
  readonly inputs: readonly string[]
  /** One score a row, higher is better; a row's score never depends on other rows. */
  score(matrix: Float32Array, rows: number): Promise<Float32Array>
}

/** A model that also knows users and pins by the hashes of their outside ids. */
export interface DeepRanker {
  readonly version: string
  readonly inputs: readonly string[]
  /** Those that it learned with. */
  readonly factors?: FactorReader
  /** One score a pin, higher is better; a pin's score never depends on other pins. */
  score(user: number, pins: Uint32Array, matrix: Float32Array): Promise<Float32Array>
}

/** A fitted model of whole catalogues; what `pinwheel train` makes. */
export interface FittedRanker {
  readonly version: string
  /** PinIndex by item, NONE for a pin of which this host has not heard. */
  readonly pinOf: Uint32Array
  /** Of a user with these saves, oldest first; undefined where it knows none of them. */
  score(saver: Saver): Promise<FittedScores | undefined>
}

export type RankingServices = {
  readonly graph: () => GraphView
  readonly features: FeatureReader
  readonly catalogue: () => CatalogueIndex
  /** Where titles shall speak: the words of tags. */
  readonly tagWords?: () => TagWords
  readonly sequences: () => Cooccurrence | undefined
  readonly model: () => RankerModel | undefined
  readonly deep?: () => DeepRanker | undefined
  /** Factors of rows that are to teach; where this is absent they are the deep ranker's own. */
  readonly factors?: () => FactorReader | undefined
  readonly fitted?: () => FittedRanker | undefined
  /** The operator's rules; without them `rulesDefaults` are in force. */
  readonly rules?: () => ActiveRules
  /** UserIndex by BoardIndex, NONE where nobody is known, as of the graph. */
  readonly owners?: () => Uint32Array | undefined
  /** Where pins have vectors. */
  readonly vectors?: () => PinVectors | undefined
  /** Where some rows of what is answered are kept. */
  readonly scored?: ScoredRows
  readonly names: Pick<Names, 'pin' | 'tag'>
  readonly clock: Clock
  readonly scratch: ScratchPool
  /** Counts stages that failed or came late, by name. */
  readonly count: (name: string) => void
}

/** The memory of one request in the making. */
export class RankScratch {
  readonly walk: WalkScratch
  readonly candidates: Candidates
  readonly sums: Float64Array
  readonly facts = new PinFacts()

  /** `desk` as a WalkScratch's; room for so many candidates. */
  constructor(pinCapacity: number, desk = 0, candidates = candidatesDefault) {
    this.walk = new WalkScratch(pinCapacity, desk)
    this.candidates = new Candidates(pinCapacity, candidates)
    this.sums = new Float64Array(pinCapacity)
  }
}

/** Scratch memory for requests that wait on a model at the same time. */
export class ScratchPool {
  readonly #free: RankScratch[] = []
  readonly pinCapacity: number
  /** All of a thread share its desk: a walk is over before the next begins. */
  readonly #desk: number

  constructor(pinCapacity: number, desk = 0) {
    this.pinCapacity = pinCapacity
    this.#desk = desk
  }

  async use<T>(work: (scratch: RankScratch) => Promise<T>): Promise<T> {
    const scratch = this.#free.pop() ?? new RankScratch(this.pinCapacity, this.#desk)
    try {
      return await work(scratch)
    } finally {
      scratch.candidates.clear()
      this.#free.push(scratch)
    }
  }
}
