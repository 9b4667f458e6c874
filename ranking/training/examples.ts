/**
 * Feature rows of pins that were shown, by the very code that serves: the sources run as for a
 * request at that time, then `featureMatrix`. The services must be as of before the request.
 */
import { featureMatrix } from '../features/feature-matrix.ts'
import { mixedGeneration } from '../generations/mixed.ts'
import type { RankRequest } from '../pipeline/request.ts'
import { startRanking } from '../pipeline/run.ts'
import type { RankingServices, RankScratch } from '../pipeline/services.ts'

/** One row of features a pin, in the order of `shown`. */
export function shownRows(
  request: RankRequest,
  services: RankingServices,
  scratch: RankScratch,
  shown: readonly number[],
): Float32Array {
  scratch.candidates.clear()
  const ranking = startRanking(request, services, scratch)
  for (const source of mixedGeneration.sources) {
    if (source.enabled(request)) source.find(ranking)
  }
  const { candidates } = ranking
  const indices = shown.map((pin) => {
    const known = candidates.indexOf(pin)
    // A pin that no source named has no scores: as it would stand among candidates.
    return known >= 0 ? known : candidates.add('popular', pin, 0)
  })
  const rows = featureMatrix(ranking, indices)
  candidates.clear()
  return rows
}
