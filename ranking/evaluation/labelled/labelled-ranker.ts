/**
 * The port of rankers that are judged by labels, and its two adapters.
 *
 * A ranker is fitted elsewhere, on what lies before the test (`Dataset.split.past`, with labels and
 * times); whoever measures it asks for scores of pins for a user at a time.
 */
import { assert } from '../../../base/index.ts'
import type { BatchModel } from '../../models/batch-model.ts'
import type { Dataset } from '../dataset.ts'
import { type TimedRows, timedRow } from '../interactions/index.ts'

/** One user: how do these pins, each at its time, stand to each other for them? */
export type Question = {
  /** The number of the user in the data set. */
  readonly user: number
  readonly pins: Uint32Array
  /** When each pin is shown, in milliseconds since 1970 (places where the data has no times). */
  readonly times: Float64Array
  /** What the user saw and saved before the test, oldest first. */
  readonly past: Omit<TimedRows, 'offsets'>
}

/**
 * Scores pins for users; higher is better, one number a pin. A score depends on the question's
 * user, past, pin and time alone, never on the other pins or questions. Of what happened at or
 * after a pin's time nothing may be used; what happened within the test is not told.
 */
export interface LabelledRanker {
  /** Questions that are best asked together; as many as suit the caller where absent. */
  readonly batch?: number
  score(questions: readonly Question[]): Promise<readonly ArrayLike<number>[]>
}

/** A model of the catalogue as a ranker: it minds neither time nor what was seen and not saved. */
export function rankerOf(model: BatchModel): LabelledRanker {
  return {
    ...(model.batch !== undefined && { batch: model.batch }),
    score: async (questions) => {
      const { columns, values } = await model.score({
        users: questions.map(({ user }) => user),
        histories: questions.map(({ past }) => past.items.filter((_, i) => past.saved[i] === 1)),
      })
      return questions.map(({ pins }, q) => {
        return Float64Array.from(pins, (pin) => values[q * columns + pin]!)
      })
    },
  }
}

/** The question of a user's test rows, or of `pins` at the time of the first of them. */
export function questionOf({ split }: Dataset, user: number, pins?: Uint32Array): Question {
  assert(split !== undefined, 'labels come with a split')
  const { items, times } = timedRow(split.future, user)
  const past = timedRow(split.past, user)
  if (!pins) return { user, pins: items, times, past }
  const at = times[0] ?? past.times.at(-1) ?? 0
  return { user, pins, times: new Float64Array(pins.length).fill(at), past }
}

/** A ranker as a model of the catalogue: every pin at the time of the user's first test row. */
export function catalogueModel(ranker: LabelledRanker, data: Dataset): BatchModel {
  const pins = Uint32Array.from({ length: data.items }, (_, item) => item)
  return {
    ...(ranker.batch !== undefined && { batch: ranker.batch }),
    score: async ({ users }) => {
      const rows = await ranker.score(users.map((user) => questionOf(data, user, pins)))
      const values = new Float64Array(users.length * data.items)
      for (const [i, row] of rows.entries()) values.set(row, i * data.items)
      return { columns: data.items, values }
    },
  }
}
