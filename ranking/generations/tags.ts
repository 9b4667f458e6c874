/** Generation 1 (2011): pins that share tags, weighted by popularity. */
import { goneFilter, knownFilter } from '../pipeline/filters.ts'
import type { Composition } from '../pipeline/stage.ts'
import { tagScorer } from '../rankers/tag-scorer.ts'
import { cappedSlate } from '../slate/capped.ts'
import { popularSource } from '../sources/popular.ts'
import { tagsSource } from '../sources/tags.ts'

export const tagsGeneration: Composition = {
  sources: [tagsSource(), popularSource()],
  hydrators: [],
  filters: [goneFilter, knownFilter],
  scorers: [tagScorer],
  selector: cappedSlate,
  effects: [],
}
