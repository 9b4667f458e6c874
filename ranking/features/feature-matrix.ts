/**
 * The features of the ranker and the one function that fills their rows, online and in training.
 * Row-major Float32, a row a candidate. A value that is not finite becomes 0: the model never sees
 * NaN.
 */
import type { Ranking } from '../pipeline/stage.ts'
import { closeupRate } from './closeup-rate.ts'
import type { Feature } from './feature.ts'
import { freshness } from './freshness.ts'
import { hideRate } from './hide-rate.ts'
import { neighboursScore } from './neighbours-score.ts'
import { popularity } from './popularity.ts'
import { recentSaves } from './recent-saves.ts'
import { saveRate } from './save-rate.ts'
import { sequencesScore } from './sequences-score.ts'
import { sourceCount } from './source-count.ts'
import { tagAffinity } from './tag-affinity.ts'
import { topicAffinity } from './topic-affinity.ts'
import { userActivity } from './user-activity.ts'
import { walkScore } from './walk-score.ts'

export const features: readonly Feature[] = [
  walkScore,
  neighboursScore,
  sequencesScore,
  tagAffinity,
  topicAffinity,
  popularity,
  recentSaves,
  saveRate,
  closeupRate,
  hideRate,
  freshness,
  sourceCount,
  userActivity,
]

export const featureNames: readonly string[] = features.map((feature) => feature.name)

/** Rows of the candidates `indices`, in that order. */
export function featureMatrix(ranking: Ranking, indices: readonly number[]): Float32Array {
  const width = features.length
  const matrix = new Float32Array(indices.length * width)
  indices.forEach((index, row) => {
    const pin = ranking.candidates.pins[index]!
    for (let f = 0; f < width; f++) {
      const value = features[f]!.read(ranking, index, pin)
      matrix[row * width + f] = Number.isFinite(value) ? value : 0
    }
  })
  return matrix
}
