/**
 * The default: walks, neighbours and tags under the small ONNX ranker.
 */
import { sampleEffect } from '../drift/sample.ts'
import { goneFilter, knownFilter } from '../pipeline/filters.ts'
import type { Composition } from '../pipeline/stage.ts'
import { lightScorer } from '../rankers/light-scorer.ts'
import { modelScorer } from '../rankers/model-scorer.ts'
import { cappedSlate } from '../slate/capped.ts'
import { freshSource } from '../sources/fresh.ts'
import { neighboursSource } from '../sources/neighbours.ts'
import { popularSource } from '../sources/popular.ts'
import { sequencesSource } from '../sources/sequences.ts'
import { tagsSource } from '../sources/tags.ts'
import { walkSource } from '../sources/walk.ts'

export const mixedGeneration: Composition = {
  sources: [
    walkSource(),
    neighboursSource(),
    sequencesSource(),
    tagsSource(),
    popularSource(),
    freshSource(),
  ],
  hydrators: [],
  filters: [goneFilter, knownFilter],
  scorers: [modelScorer, lightScorer],
  selector: cappedSlate,
  effects: [sampleEffect],
}
