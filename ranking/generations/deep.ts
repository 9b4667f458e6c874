/**
 * Generation 3 (2015): up to 10,000 candidates of all sources under the deep ranker; while it is
 * not there, the small one, then the fixed blend.
 */
import { sampleEffect } from '../drift/sample.ts'
import { goneFilter, knownFilter } from '../pipeline/filters.ts'
import type { Composition } from '../pipeline/stage.ts'
import { deepScorer } from '../rankers/deep/deep-scorer.ts'
import { lightScorer } from '../rankers/light-scorer.ts'
import { modelScorer } from '../rankers/model-scorer.ts'
import { cappedSlate } from '../slate/capped.ts'
import { factorsSource } from '../sources/factors.ts'
import { freshSource } from '../sources/fresh.ts'
import { neighboursSource } from '../sources/neighbours.ts'
import { popularSource } from '../sources/popular.ts'
import { sequencesSource } from '../sources/sequences.ts'
import { tagsSource } from '../sources/tags.ts'
import { walkSource } from '../sources/walk.ts'

export const deepGeneration: Composition = {
  sources: [
    neighboursSource({ top: 4_000, edgesMax: 2_000 }),
    factorsSource(),
    walkSource({ steps: 60_000, top: 8_000 }),
    sequencesSource({ top: 1_000 }),
    tagsSource({ tags: 16, perTag: 200 }),
    popularSource({ top: 1_000 }),
    freshSource({ top: 500 }),
  ],
  hydrators: [],
  filters: [goneFilter, knownFilter],
  scorers: [deepScorer, { ...modelScorer, rung: 'light' }, lightScorer],
  selector: cappedSlate,
  effects: [sampleEffect],
  candidatesMax: 10_000,
}
