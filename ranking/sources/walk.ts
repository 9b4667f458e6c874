/** Candidates from Pixie's random walk over the graph, fresh saves included. */
import { walk, walkDefaults } from '../../graph/index.ts'
import type { Source } from '../pipeline/stage.ts'
import { excluded, hasSeeds, walkSeeds } from './seeds.ts'

export type WalkSourceOptions = {
  readonly steps: number
  readonly top: number
}

export const walkSourceDefaults: WalkSourceOptions = Object.freeze({
  steps: walkDefaults.steps,
  top: walkDefaults.top,
})

export function walkSource(given: Partial<WalkSourceOptions> = {}): Source {
  const options = { ...walkSourceDefaults, ...given }
  return {
    kind: 'source',
    name: 'walk',
    top: options.top,
    budgetMs: 5,
    enabled: hasSeeds,
    find(ranking) {
      const { view, request, scratch, candidates } = ranking
      const walking = { ...options, seed: request.seed }
      const found = walk(view, walkSeeds(ranking), excluded(request), scratch.walk, walking)
      // Per thousand steps, so that a score means the same whatever the number of steps.
      const scale = 1000 / options.steps
      found.pins.forEach((pin, i) => {
        candidates.add('walk', pin, found.scores[i]! * scale, found.because[i]!)
      })
    },
  }
}
