/**
 * The features of rankers and the one function that fills their rows, online and in training.
 * Row-major Float32, a row a candidate. A value that is not finite becomes the feature's default:
 * the model never sees NaN.
 */
import type { Ranking } from '../pipeline/stage.ts'
import { closeupRate } from './closeup-rate.ts'
import { deviceDesktop } from './device-desktop.ts'
import { devicePhone } from './device-phone.ts'
import { factorsScore } from './factors-score.ts'
import type { Feature, FeatureValue } from './feature.ts'
import { freshness } from './freshness.ts'
import { hideRate } from './hide-rate.ts'
import { hourCosine } from './hour-cosine.ts'
import { hourSine } from './hour-sine.ts'
import { impressions } from './impressions.ts'
import { neighboursScore } from './neighbours-score.ts'
import { pageHome } from './page-home.ts'
import { FACTS } from './pin-facts.ts'
import { popularity } from './popularity.ts'
import { recentSaves } from './recent-saves.ts'
import { saveRate } from './save-rate.ts'
import { sequencesScore } from './sequences-score.ts'
import { sourceCount } from './source-count.ts'
import { tagAffinity } from './tag-affinity.ts'
import { tagCount } from './tag-count.ts'
import { topicAffinity } from './topic-affinity.ts'
import { userActivity } from './user-activity.ts'
import { userRecency } from './user-recency.ts'
import { userSaveRate } from './user-save-rate.ts'
import { walkScore } from './walk-score.ts'
import { weekSaves } from './week-saves.ts'

export const features: readonly Feature[] = [
  walkScore,
  neighboursScore,
  sequencesScore,
  sourceCount,
  tagAffinity,
  topicAffinity,
  popularity,
  impressions,
  recentSaves,
  weekSaves,
  saveRate,
  closeupRate,
  hideRate,
  freshness,
  tagCount,
  userActivity,
  userSaveRate,
  userRecency,
  hourSine,
  hourCosine,
  devicePhone,
  deviceDesktop,
  pageHome,
]

export const featureNames: readonly string[] = features.map((feature) => feature.name)

/** Those of generation 3, whose ranker has factors of its own. */
export const deepFeatures: readonly Feature[] = [...features, factorsScore]

export const deepFeatureNames: readonly string[] = deepFeatures.map((feature) => feature.name)

/**
 * Rows of the features `of` of the candidates `indices`, in that order: into `matrix` where one is
 * given, which has room for them.
 */
export function featureMatrix(
  ranking: Ranking,
  indices: ArrayLike<number>,
  of: readonly Feature[] = features,
  matrix = new Float32Array(indices.length * of.length),
): Float32Array {
  const { facts } = ranking.scratch
  const { pins } = ranking.candidates
  const reads = of.map((feature) => feature.read(ranking, facts))
  for (let from = 0; from < indices.length; from += FACTS) {
    const count = Math.min(FACTS, indices.length - from)
    facts.gather(ranking.services.features, pins, indices, from, count)
    for (let column = 0; column < reads.length; column++) {
      const unknown = of[column]!.default
      const width = of.length
      fillColumn(reads[column]!, unknown, { indices, from, count, matrix, column, width })
    }
  }
  return matrix
}

type Column = {
  readonly indices: ArrayLike<number>
  readonly from: number
  readonly count: number
  readonly matrix: Float32Array
  readonly column: number
  /** Of a row. */
  readonly width: number
}

function fillColumn(
  read: FeatureValue,
  unknown: number,
  { indices, from, count, matrix, column, width }: Column,
): void {
  for (let row = 0, at = from * width + column; row < count; row++, at += width) {
    const value = read(row, indices[from + row]!)
    matrix[at] = Number.isFinite(value) ? value : unknown
  }
}
