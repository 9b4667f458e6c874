/**
 * Up to 10,000 candidates of generation 3 on one core: merged, deduplicated, filtered, with their
 * rows of features; the sources' own time (the retrieval) beside it. Recall is of one pin that each
 * board has and the graph has not; a source's unique share is of candidates that it alone names.
 */
import { type Clock, hash32 } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { deepFeatures, featureMatrix } from '../features/feature-matrix.ts'
import { deepGeneration } from '../generations/deep.ts'
import { type Candidates, sourceNames } from '../pipeline/candidates.ts'
import { dropWhere, startRanking } from '../pipeline/run.ts'
import { RankScratch } from '../pipeline/services.ts'
import { livingIndices } from '../rankers/model-scorer.ts'
import { plantedWorld } from './planted-world.ts'

const sizes = {
  small: { pins: 3_000, boards: 500, savesPerBoard: 20, topics: 20, asking: 10, rounds: 1 },
  large: {
    pins: 1_000_000,
    boards: 300_000,
    savesPerBoard: 40,
    topics: 100,
    asking: 200,
    rounds: 3,
  },
} as const
const SEED = 1

export const bench = {
  name: 'ranking/candidates',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const { rounds, ...options } = sizes[size]
    const { services, asks } = plantedWorld(options, SEED, clock)
    const scratch = new RankScratch(options.pins)
    const others = new RankScratch(options.pins)
    const matrix = new Float32Array(scratch.candidates.capacity * deepFeatures.length)
    const times = { retrieval: [] as number[], merged: [] as number[] }
    const counts: number[] = []
    const alone = sourceNames.map(() => 0)
    let [found, digest] = [0, 0]
    for (let round = 0; round < rounds; round++) {
      for (const { request, heldOut } of asks) {
        scratch.candidates.clear()
        const ranking = startRanking(request, services, scratch)
        const { candidates } = ranking
        candidates.limit = deepGeneration.candidatesMax ?? candidates.capacity
        const began = clock.monotonic()
        for (const source of deepGeneration.sources) source.find(ranking)
        const retrieved = clock.monotonic()
        const told = toldBy(candidates)
        others.candidates.clear()
        others.candidates.limit = candidates.limit
        const begunAgain = clock.monotonic()
        // The same once more from lists of what was found: merging alone.
        for (const { name, pins, scores } of told) {
          for (let i = 0; i < pins.length; i++) others.candidates.add(name, pins[i]!, scores[i]!)
        }
        const again = { ...ranking, candidates: others.candidates, scratch: others }
        for (const filter of deepGeneration.filters) dropWhere(again, filter.drops(again))
        featureMatrix(again, livingIndices(again), deepFeatures, matrix)
        const done = clock.monotonic()
        times.retrieval.push(retrieved - began)
        times.merged.push(done - begunAgain)
        counts.push(candidates.count)
        if (round > 0) continue
        found += Number(candidates.indexOf(heldOut) >= 0)
        for (let i = 0; i < candidates.count; i++) {
          const [only, second] = candidates.sourcesOf(i)
          if (only && !second) alone[sourceNames.indexOf(only)]!++
          digest = hash32(candidates.pins[i]!, digest)
        }
      }
    }
    const total = counts.slice(0, asks.length).reduce((sum, count) => sum + count, 0)
    return {
      seed: SEED,
      options: { ...options, rounds, features: deepFeatures.length },
      candidates: median(counts),
      retrievalMs: spread(times.retrieval),
      mergedFilteredFeaturedMs: spread(times.merged),
      'recall@10000': found / asks.length,
      aloneShare: Object.fromEntries(
        sourceNames.map((name, i) => [name, Math.round((1_000 * alone[i]!) / total) / 1_000]),
      ),
      digest: digest.toString(16),
    }
  },
}

/** What each source said, as a list of its own. */
function toldBy(candidates: Candidates) {
  return sourceNames.map((name) => {
    const pins: number[] = []
    const scores: number[] = []
    for (let i = 0; i < candidates.count; i++) {
      if (!candidates.sourcesOf(i).includes(name)) continue
      pins.push(candidates.pins[i]!)
      scores.push(candidates.score(name, i))
    }
    return { name, pins: Uint32Array.from(pins), scores: Float64Array.from(scores) }
  })
}

function spread(list: readonly number[]) {
  const sorted = [...list].sort((a, b) => a - b)
  const at = (share: number) =>
    Math.round(100 * sorted[Math.floor(share * (sorted.length - 1))]!) / 100
  return { min: at(0), p50: at(0.5), p99: at(0.99) }
}
