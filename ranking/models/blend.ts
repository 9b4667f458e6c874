/**
 * A blend: the weighted sum of what models score, made comparable user by user. A score becomes the
 * number of standard deviations that it lies above the mean of the user's items, those of the
 * history left out. A score that is not a number stays one, and is worst.
 */
import type { BatchModel, Scores, UserBatch } from './batch-model.ts'

export type BlendPart = { readonly model: BatchModel; readonly weight: number }

export class Blend implements BatchModel {
  readonly parts: readonly BlendPart[]

  constructor(parts: readonly BlendPart[]) {
    this.parts = parts
  }

  async score(batch: UserBatch): Promise<Scores> {
    const all: Scores[] = []
    for (const { model } of this.parts) {
      all.push(standardised(await model.score(batch), batch.histories))
    }
    return weighted(
      all,
      this.parts.map(({ weight }) => weight),
    )
  }
}

/** Changes scores in place: mean 0 and deviation 1 in every row, or 0 where all are alike. */
export function standardised(scores: Scores, histories: readonly Uint32Array[]): Scores {
  const { columns, values } = scores
  histories.forEach((history, r) => {
    const row = values.subarray(r * columns, (r + 1) * columns)
    const count = columns - history.length
    let sum = 0
    let squares = 0
    for (let i = 0; i < columns; i++) {
      sum += row[i]!
      squares += row[i]! * row[i]!
    }
    for (const item of history) {
      sum -= row[item]!
      squares -= row[item]! * row[item]!
    }
    const mean = sum / count
    const variance = squares / count - mean * mean
    const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0
    for (let i = 0; i < columns; i++) row[i] = (row[i]! - mean) * scale
  })
  return scores
}

/** The weighted sum of matrices of one size. */
export function weighted(all: readonly Scores[], weights: readonly number[]): Scores {
  const { columns, values: first } = all[0]!
  const values = new Float32Array(first.length)
  for (const [part, { values: some }] of all.entries()) {
    const weight = weights[part]!
    if (weight === 0) continue
    for (let at = 0; at < values.length; at++) values[at]! += weight * some[at]!
  }
  return { columns, values }
}
