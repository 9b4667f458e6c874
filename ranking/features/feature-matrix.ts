/**
 * The features of rankers and the one function that fills their rows, online and in training.
 * Row-major Float32, a row a candidate. A value that is not finite becomes the feature's default:
 * the model never sees NaN.
 */
import type { Ranking } from '../pipeline/stage.ts'
import { closeupRate } from './closeup-rate.ts'
import type { Feature } from './feature.ts'
import { freshness } from './freshness.ts'
import { hideRate } from './hide-rate.ts'
import { hourCosine } from './hour-cosine.ts'
import { hourSine } from './hour-sine.ts'
import { impressions } from './impressions.ts'
import { neighboursScore } from './neighbours-score.ts'
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
]

export const featureNames: readonly string[] = features.map((feature) => feature.name)

/**
 * Rows of the candidates `indices`, in that order: into `matrix` where one is given, which has room
 * for them.
 */
export function featureMatrix(
  ranking: Ranking,
  indices: ArrayLike<number>,
  matrix = new Float32Array(indices.length * features.length),
): Float32Array {
  features.forEach((feature, column) => {
    fillColumn(feature, ranking, indices, matrix, column)
  })
  return matrix
}

function fillColumn(
  feature: Feature,
  ranking: Ranking,
  indices: ArrayLike<number>,
  matrix: Float32Array,
  column: number,
): void {
  const width = features.length
  const { pins } = ranking.candidates
  // A pin that the table has not heard of has no columns to read.
  const known = ranking.services.features.pinCount
  const read = feature.read(ranking)
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row]!
    const pin = pins[index]!
    const value = feature.of === 'pin' && pin >= known ? Number.NaN : read(index, pin)
    matrix[row * width + column] = Number.isFinite(value) ? value : feature.default
  }
}
