/**
 * Generation 2 (2013): a model fitted on all saves, over all pins; while none is loaded, and for
 * pins that it does not know, item neighbours and the sum of similarities.
 */
import { goneFilter, knownFilter } from '../pipeline/filters.ts'
import type { Composition } from '../pipeline/stage.ts'
import { fittedScorer } from '../rankers/fitted-scorer.ts'
import { similarityScorer } from '../rankers/similarity-scorer.ts'
import { cappedSlate } from '../slate/capped.ts'
import { fittedSource, unlessListed } from '../sources/fitted.ts'
import { neighboursSource } from '../sources/neighbours.ts'
import { popularSource } from '../sources/popular.ts'
import { sequencesSource } from '../sources/sequences.ts'

export const collaborativeGeneration: Composition = {
  sources: [
    fittedSource(),
    ...[neighboursSource(), sequencesSource(), popularSource()].map(unlessListed),
  ],
  hydrators: [],
  filters: [goneFilter, knownFilter],
  scorers: [fittedScorer, similarityScorer],
  selector: cappedSlate,
  effects: [],
}
