/**
 * Feature rows of pins that were shown, or drawn to be told apart from them, by the very code that
 * serves: the sources run as for a request at that time, then `featureMatrix`. The services must be
 * as of before the request.
 */
import { assert } from '../../base/index.ts'
import { featureMatrix } from '../features/feature-matrix.ts'
import { generations } from '../generations/index.ts'
import type { RankRequest } from '../pipeline/request.ts'
import { startRanking } from '../pipeline/run.ts'
import type { RankingServices, RankScratch } from '../pipeline/services.ts'
import type { Ranking } from '../pipeline/stage.ts'

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
    return featureMatrix(this.#ranking, this.#indices(pins))
  }

  /** What a scorer says of pins, as it would among the request's candidates. */
  scores(pins: readonly number[], score: (ranking: Ranking) => unknown): Float64Array {
    const indices = this.#indices(pins)
    score(this.#ranking)
    return Float64Array.from(indices, (index) => this.#ranking.candidates.final[index]!)
  }

  #indices(pins: readonly number[]): number[] {
    const { candidates } = this.#ranking
    return pins.map((pin) => {
      const known = candidates.indexOf(pin)
      if (known >= 0) return known
      // A pin that no source named has no scores.
      const index = candidates.add('popular', pin, 0)
      assert(index >= 0, 'there is room for the pins that are asked of')
      return index
    })
  }
}
