/** The rankers that serve, and how their features have drifted since they were taught. */
import {
  driftReport,
  type FeatureDrift,
  joinRows,
  type Manifest,
  type ModelKind,
  type RowsOfModel,
} from '../../ranking/index.ts'

export type ModelReport = Pick<Manifest, 'version' | 'trainedAt' | 'entries' | 'metrics'> & {
  readonly kind: ModelKind
  /** Of the last answers, which `features` speaks of; empty while they are too few. */
  readonly rows: number
  readonly features: readonly FeatureDrift[]
}

/** `scored`: rows of the last answers, by thread and model. The most drifted feature first. */
export function modelReports(
  manifests: Iterable<Manifest>,
  scored: readonly RowsOfModel[][],
): ModelReport[] {
  const all = joinRows(scored)
  return [...manifests].map(
    ({ kind = 'light', version, trainedAt, entries, metrics, ...about }) => {
      const matrix = all.find((rows) => rows.version === version)?.matrix ?? new Float32Array(0)
      const rows = matrix.length / about.inputs.length
      const features = driftReport(about.features ?? {}, { matrix })
      return { kind, version, trainedAt, entries, metrics, rows, features }
    },
  )
}
