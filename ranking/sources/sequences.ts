/**
 * Candidates that are often saved soon after the user's latest saves (co-occurrence with recency).
 */
import { TopK } from '../../graph/index.ts'
import type { Source } from '../pipeline/stage.ts'
import { hasSeeds } from './seeds.ts'

export type SequencesSourceOptions = {
  readonly top: number
}

export const sequencesSourceDefaults: SequencesSourceOptions = Object.freeze({ top: 150 })

export function sequencesSource(given: Partial<SequencesSourceOptions> = {}): Source {
  const options = { ...sequencesSourceDefaults, ...given }
  return {
    kind: 'source',
    name: 'sequences',
    top: options.top,
    budgetMs: 3,
    enabled: hasSeeds,
    find(ranking) {
      const { request, scratch, candidates, services } = ranking
      const model = services.sequences()
      if (!model) return
      const history = request.relatedTo ?? request.user.seeds.map((seed) => seed.pin)
      const touched: number[] = []
      const from: number[] = []
      model.query(history, scratch.sums, (item, seed) => {
        touched.push(item)
        from.push(seed)
      })
      const heap = new TopK(Math.min(options.top, touched.length))
      touched.forEach((item, i) => {
        heap.offer(i, scratch.sums[item]!)
        scratch.sums[item] = 0
      })
      const { keys, scores } = heap.sorted()
      keys.forEach((key, i) => {
        candidates.add('sequences', touched[key]!, scores[i]!, from[key]!)
      })
    },
  }
}
