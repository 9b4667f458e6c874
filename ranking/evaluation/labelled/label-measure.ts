/** AUC of a ranker over the test rows, by user and pooled; intervals and paired differences. */
import { pinwheelError } from '../../../base/index.ts'
import type { Dataset } from '../dataset.ts'
import { timedRow } from '../interactions/index.ts'
import { aucOf, SortedRows } from './auc.ts'
import { type LabelledRanker, questionOf } from './labelled-ranker.ts'
import { type Interval, meanDrawn, userInterval } from './user-bootstrap.ts'

/** What a ranker made of the test rows. */
export type LabelMeasure = {
  /** Of each user with rows of both kinds. */
  readonly aucs: readonly number[]
  /** All test rows: their users counted from 0, their scores and labels. */
  readonly users: number
  readonly userOf: Uint32Array
  readonly scores: Float64Array
  readonly saved: Uint8Array
}

export type LabelFigures = {
  /** The headline: the mean of users' AUCs. */
  readonly auc: number
  readonly aucInterval: Interval
  readonly aucUsers: number
  /** Of all rows together. */
  readonly pooledAuc: number
  readonly pooledAucInterval: Interval
  readonly testRows: number
  readonly testRowsSaved: number
}

/** The model's AUC less the other's, on the same resampled users. */
export type LabelDifference = {
  readonly difference: number
  /** 95 % of the differences of resampled users. */
  readonly interval: Interval
}

/** Users that are asked about together. */
const BATCH = 256

/** AUC_UNDEFINED where no user has rows of both kinds. */
export async function measureLabels(ranker: LabelledRanker, data: Dataset): Promise<LabelMeasure> {
  const future = data.split?.future
  const asked = Array.from({ length: data.users }, (_, user) => user).filter((user) => {
    return future !== undefined && future.offsets[user + 1]! > future.offsets[user]!
  })
  const rows = asked.map((user) => timedRow(future!, user).saved)
  const total = rows.reduce((sum, { length }) => sum + length, 0)
  const saved = new Uint8Array(total)
  const userOf = new Uint32Array(total)
  const scores = new Float64Array(total)
  const aucs: number[] = []
  const { batch = BATCH } = ranker
  let end = 0
  for (let from = 0; from < asked.length; from += batch) {
    const some = asked.slice(from, from + batch)
    const answers = await ranker.score(some.map((user) => questionOf(data, user)))
    for (const [i, answer] of answers.entries()) {
      const labels = rows[from + i]!
      scores.set(answer, end)
      saved.set(labels, end)
      userOf.fill(from + i, end, end + labels.length)
      end += labels.length
      const auc = aucOf(answer, labels)
      if (!Number.isNaN(auc)) aucs.push(auc)
    }
  }
  if (aucs.length === 0) {
    const count = saved.reduce((sum, label) => sum + label, 0)
    throw pinwheelError('AUC_UNDEFINED', { saved: count, rows: total })
  }
  return { aucs, users: asked.length, userOf, scores, saved }
}

export function labelFigures(measure: LabelMeasure, seed: number): LabelFigures {
  const { aucs, users, scores, saved } = measure
  const sorted = new SortedRows(scores, saved)
  return {
    auc: mean(aucs),
    aucInterval: userInterval(aucs.length, seed, meanDrawn(aucs)),
    aucUsers: aucs.length,
    pooledAuc: sorted.auc(),
    pooledAucInterval: userInterval(users, seed, pooledDrawn(sorted, measure)),
    testRows: saved.length,
    testRowsSaved: saved.reduce((sum, label) => sum + label, 0),
  }
}

/** Both measures must be of the same data set. */
export function compareLabels(
  one: LabelMeasure,
  other: LabelMeasure,
  seed: number,
): { readonly auc: LabelDifference; readonly pooledAuc: LabelDifference } {
  const differences = one.aucs.map((auc, i) => auc - other.aucs[i]!)
  const sorted = [one, other].map(({ scores, saved }) => new SortedRows(scores, saved))
  const [a, b] = sorted.map((rows) => pooledDrawn(rows, one))
  return {
    auc: {
      difference: mean(differences),
      interval: userInterval(differences.length, seed, meanDrawn(differences)),
    },
    pooledAuc: {
      difference: sorted[0]!.auc() - sorted[1]!.auc(),
      interval: userInterval(one.users, seed, (drawn) => a!(drawn) - b!(drawn)),
    },
  }
}

function pooledDrawn(sorted: SortedRows, { userOf }: LabelMeasure) {
  return (drawn: Uint32Array) => sorted.auc((row) => drawn[userOf[row]!]!)
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}
