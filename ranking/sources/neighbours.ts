/**
 * Candidates by RP3beta, exact over the graph as it is now: item neighbours without a fitted table.
 */
import { threeStep, threeStepDefaults } from '../../graph/index.ts'
import type { Source } from '../pipeline/stage.ts'
import { excluded, hasSeeds, walkSeeds } from './seeds.ts'

export type NeighboursSourceOptions = {
  readonly top: number
  readonly edgesMax: number
}

export const neighboursSourceDefaults: NeighboursSourceOptions = Object.freeze({
  top: threeStepDefaults.top,
  edgesMax: threeStepDefaults.edgesMax,
})

export function neighboursSource(given: Partial<NeighboursSourceOptions> = {}): Source {
  const options = { ...neighboursSourceDefaults, ...given }
  return {
    kind: 'source',
    name: 'neighbours',
    top: options.top,
    budgetMs: 5,
    enabled: hasSeeds,
    find(ranking) {
      const { view, request, scratch, candidates } = ranking
      const seeds = walkSeeds(ranking)
      const found = threeStep(view, seeds, excluded(request), scratch.walk, options)
      found.pins.forEach((pin, i) => {
        candidates.add('neighbours', pin, found.scores[i]!, found.because[i]!)
      })
    },
  }
}
