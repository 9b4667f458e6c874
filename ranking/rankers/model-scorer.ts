/** Scores by the model that is loaded: the full rung. Declines while there is none. */
import { featureMatrix } from '../features/feature-matrix.ts'
import { always, type Ranking, type Scorer } from '../pipeline/stage.ts'

export const modelScorer: Scorer = {
  kind: 'scorer',
  name: 'model',
  rung: 'full',
  budgetMs: 3,
  enabled: always,
  async score(ranking) {
    const model = ranking.services.model()
    if (!model) return false
    const indices = livingIndices(ranking)
    const matrix = featureMatrix(ranking, indices)
    const scores = await model.score(matrix, indices.length)
    if (scores.some((score) => !Number.isFinite(score))) {
      throw new Error(`model ${model.version} gave a score that is not a number`)
    }
    indices.forEach((index, row) => {
      ranking.candidates.final[index] = scores[row]!
    })
    ranking.model = model.version
    ranking.features = { names: model.inputs, matrix, indices }
    return true
  },
}

/** Candidates that no filter dropped. */
export function livingIndices({ candidates }: Ranking): Uint32Array {
  const indices = new Uint32Array(candidates.count)
  let living = 0
  for (let i = 0; i < candidates.count; i++) if (candidates.alive[i] === 1) indices[living++] = i
  return indices.subarray(0, living)
}
