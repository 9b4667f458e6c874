/** A model's features as it was taught and as it is asked, side by side. */
import { featureNames, features } from '../features/feature-matrix.ts'
import type { IdentifiedRows } from '../training/train-ranker.ts'
import {
  binShares,
  type FeatureSummaries,
  type FeatureSummary,
  shareAt,
  summaryOf,
} from './feature-summary.ts'
import type { RowsOfModel } from './scored-rows.ts'
import { stabilityIndex } from './stability-index.ts'

/** With fewer rows chance alone makes an index that says something. */
export const driftRowsMin = 200

export type FeatureDrift = {
  readonly name: string
  /** The population stability index: from .1 on something has changed, from .25 on much. */
  readonly drift: number
  readonly taught: Moments
  readonly asked: Moments
}
type Moments = Pick<FeatureSummary, 'mean' | 'deviation' | 'atDefault'>

/** Rows of some shown pins, row-major, as `featureNames` has them; of none there is no summary. */
export function summariesOf(matrix: Float32Array): FeatureSummaries {
  if (matrix.length === 0) return {}
  return Object.fromEntries(
    features.map(({ name, default: unknown }, column) => {
      return [name, summaryOf(columnOf(matrix, column), unknown)]
    }),
  )
}

/** Of the rows that were shown: those drawn beside them are never answered. */
export function taughtSummaries({
  features: matrix,
  drawn,
}: Pick<IdentifiedRows, 'features' | 'drawn'>): FeatureSummaries {
  return summariesOf(matrix.filter((_, i) => drawn[Math.floor(i / featureNames.length)] === 0))
}

/** By feature, the most drifted first; none for fewer than `driftRowsMin` rows. */
export function driftReport(
  taught: FeatureSummaries,
  { matrix }: Pick<RowsOfModel, 'matrix'>,
): FeatureDrift[] {
  if (matrix.length < driftRowsMin * featureNames.length) return []
  const drifts = features.flatMap(({ name, default: unknown }, column): FeatureDrift[] => {
    const was = taught[name]
    if (!was) return []
    const values = columnOf(matrix, column)
    const { mean, deviation } = summaryOf(values, unknown)
    return [
      {
        name,
        drift: stabilityIndex(was.shares, binShares(values, was.edges)),
        taught: { mean: was.mean, deviation: was.deviation, atDefault: was.atDefault },
        asked: { mean, deviation, atDefault: shareAt(values, unknown) },
      },
    ]
  })
  return drifts.sort((a, b) => b.drift - a.drift)
}

/** The rows of each model, those of all threads together. */
export function joinRows(threads: readonly (readonly RowsOfModel[])[]): RowsOfModel[] {
  const parts = Map.groupBy(threads.flat(), ({ version }) => version)
  return Array.from(parts, ([version, of]) => {
    const matrix = new Float32Array(of.reduce((sum, part) => sum + part.matrix.length, 0))
    let at = 0
    for (const part of of) {
      matrix.set(part.matrix, at)
      at += part.matrix.length
    }
    return { version, matrix }
  })
}

function columnOf(matrix: Float32Array, column: number): Float32Array {
  const width = featureNames.length
  return Float32Array.from({ length: matrix.length / width }, (_, row) => {
    return matrix[row * width + column]!
  })
}
