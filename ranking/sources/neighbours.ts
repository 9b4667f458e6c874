/**
 * Candidates by RP3beta, exact over the graph as it is now: item neighbours without a fitted table.
 */
import { threeStep } from '../../graph/index.ts'
import type { Source } from '../pipeline/stage.ts'
import { excluded, hasSeeds, walkSeeds } from './seeds.ts'

export const neighboursSource: Source = {
  kind: 'source',
  name: 'neighbours',
  budgetMs: 5,
  enabled: hasSeeds,
  find(ranking) {
    const { view, request, scratch, candidates } = ranking
    const seeds = walkSeeds(ranking)
    const found = threeStep(view, seeds, excluded(request), scratch.walk)
    found.pins.forEach((pin, i) => {
      candidates.add('neighbours', pin, found.scores[i]!, found.because[i]!)
    })
  },
}
