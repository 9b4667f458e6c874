/** Generation 2 (2013): item neighbours, the sum of similarities. */
import { goneFilter, knownFilter } from '../pipeline/filters.ts'
import type { Composition } from '../pipeline/stage.ts'
import { similarityScorer } from '../rankers/similarity-scorer.ts'
import { cappedSlate } from '../slate/capped.ts'
import { neighboursSource } from '../sources/neighbours.ts'
import { popularSource } from '../sources/popular.ts'
import { sequencesSource } from '../sources/sequences.ts'

export const collaborativeGeneration: Composition = {
  sources: [neighboursSource(), sequencesSource(), popularSource()],
  hydrators: [],
  filters: [goneFilter, knownFilter],
  scorers: [similarityScorer],
  selector: cappedSlate,
  effects: [],
}
