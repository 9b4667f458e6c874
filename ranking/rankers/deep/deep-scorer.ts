/** Scores by the deep ranker that is loaded: log-odds of a save. Declines while there is none. */
import { deepFeatures, featureMatrix } from '../../features/feature-matrix.ts'
import { always, type Ranking, type Scorer } from '../../pipeline/stage.ts'
import { livingIndices } from '../model-scorer.ts'

export const deepScorer: Scorer = {
  kind: 'scorer',
  name: 'deep',
  rung: 'full',
  budgetMs: 30,
  enabled: always,
  async score(ranking) {
    const { candidates, services, request } = ranking
    const model = services.deep?.()
    if (!model) return false
    const indices = livingIndices(ranking)
    const matrix = featureMatrix(ranking, indices, deepFeatures)
    const pins = pinHashes(ranking, indices)
    const scores = await model.score(request.user.hash, pins, matrix)
    if (scores.some((score) => !Number.isFinite(score))) {
      throw new Error(`model ${model.version} gave a score that is not a number`)
    }
    indices.forEach((index, row) => {
      candidates.final[index] = scores[row]!
    })
    ranking.model = model.version
    ranking.features = { names: model.inputs, matrix, indices }
    return true
  },
}

/** Of the outside ids of candidates. */
export function pinHashes({ candidates, services }: Ranking, indices: Uint32Array): Uint32Array {
  const { pin } = services.names
  const hashes = new Uint32Array(indices.length)
  for (let row = 0; row < indices.length; row++) {
    hashes[row] = pin.hash(candidates.pins[indices[row]!]!)
  }
  return hashes
}
