/**
 * Feature rows of pins that were shown, or drawn to be told apart from them, by the very code that
 * serves: the sources run as for a request at that time, then `featureMatrix`. The services must be
 * as of before the request.
 */
import { assert } from '../../base/index.ts'
import { TopK } from '../../graph/index.ts'
import type { Feature } from '../features/feature.ts'
import { deepFeatures, featureMatrix, features } from '../features/feature-matrix.ts'
import { generations } from '../generations/index.ts'
import type { RankRequest } from '../pipeline/request.ts'
import { startRanking } from '../pipeline/run.ts'
import type { RankingServices, RankScratch } from '../pipeline/services.ts'
import type { Ranking } from '../pipeline/stage.ts'
import { similarityOfCandidate } from '../rankers/similarity-scorer.ts'

/** One request, for as long as `scratch` is not used for another. */
export class RequestRows {
  readonly #ranking: Ranking

  /** Runs the sources of the generation that is asked for. */
  constructor(request: RankRequest, services: RankingServices, scratch: RankScratch) {
    scratch.candidates.clear()
    this.#ranking = startRanking(request, services, scratch)
    for (const source of generations[request.generation].sources) {
      if (source.enabled(request)) source.find(this.#ranking)
    }
  }

  get request(): RankRequest {
    return this.#ranking.request
  }

  /** A row of features a pin, in the order of `pins`. */
  of(pins: readonly number[]): Float32Array {
    return featureMatrix(this.#ranking, indicesOf(pins, this.#ranking), featuresOf(this.request))
  }

  /** What a scorer says of pins, as it would among the request's candidates. */
  scores(pins: readonly number[], score: (ranking: Ranking) => unknown): Float64Array {
    const indices = indicesOf(pins, this.#ranking)
    score(this.#ranking)
    return Float64Array.from(indices, (index) => this.#ranking.candidates.final[index]!)
  }

  /** The rows of all that the sources found, as of now, and the first `leading` by similarity. */
  keep(leading = 0): KeptRows {
    return new KeptRows(this.#ranking, leading)
  }
}

/**
 * One request's rows for as long as one likes: what happens after `keep`, to pins as to the scratch,
 * does not change them. Memory: 4 · features + about 40 bytes a candidate.
 */
export class KeptRows {
  readonly request: RankRequest
  /** Pins that similarity to what the user saved puts first, the best first. */
  readonly leading: Uint32Array
  readonly #ranking: Ranking
  readonly #features: readonly Feature[]
  readonly #rows: Float32Array
  readonly #rowOf = new Map<number, number>()

  constructor(ranking: Ranking, leading: number) {
    const { pins, count } = ranking.candidates
    this.request = ranking.request
    this.#ranking = ranking
    this.#features = featuresOf(ranking.request)
    this.#rows = featureMatrix(
      ranking,
      Uint32Array.from({ length: count }, (_, index) => index),
      this.#features,
    )
    const first = new TopK(leading)
    for (let index = 0; index < count; index++) {
      this.#rowOf.set(pins[index]!, index)
      first.offer(pins[index]!, similarityOfCandidate(ranking.candidates, index))
    }
    this.leading = first.sorted().keys
  }

  /** Whether a source named it: its row is of the request's beginning. */
  has(pin: number): boolean {
    return this.#rowOf.has(pin)
  }

  /** As `RequestRows.of`; counters of pins that no source named are those of this moment. */
  of(pins: readonly number[]): Float32Array {
    const width = this.#features.length
    const rows = new Float32Array(pins.length * width)
    const others = pins.filter((pin) => !this.#rowOf.has(pin))
    this.#ranking.candidates.clear()
    const unnamed = featureMatrix(this.#ranking, indicesOf(others, this.#ranking), this.#features)
    let next = 0
    pins.forEach((pin, to) => {
      const kept = this.#rowOf.get(pin)
      const [from, row] = kept === undefined ? [unnamed, next++] : [this.#rows, kept]
      rows.set(from.subarray(row * width, (row + 1) * width), to * width)
    })
    return rows
  }
}

/** Of the ranker that answers the request. */
function featuresOf({ generation }: RankRequest): readonly Feature[] {
  return generation === 'deep' ? deepFeatures : features
}

/** Where pins stand among the candidates; those that no source named are added without scores. */
function indicesOf(pins: readonly number[], { candidates }: Ranking): number[] {
  return pins.map((pin) => {
    const known = candidates.indexOf(pin)
    if (known >= 0) return known
    const index = candidates.add('popular', pin, 0)
    assert(index >= 0, 'there is room for the pins that are asked of')
    return index
  })
}
