/** A model that scores user by user, asked in batches like all others. */
import type { BatchModel, Scores, UserBatch } from './batch-model.ts'
import type { Cooccurrence } from './cooccurrence.ts'
import type { ItemNeighbours } from './item-neighbours.ts'

/** Adds the scores of a history (oldest first, no repeats dropped) into a zeroed row. */
export type RowScorer = (history: Uint32Array, user: number, into: Float64Array) => void

export class ScorerModel implements BatchModel {
  readonly batch = 1
  readonly items: number
  /** What it scores by, where that is all there is to it. */
  readonly source: ItemNeighbours | Cooccurrence | undefined
  readonly #scorer: RowScorer
  /** One user's scores stay in the cache; those of many would not. */
  #buffer: Float64Array

  constructor(scorer: RowScorer, items: number, source?: ItemNeighbours | Cooccurrence) {
    this.#scorer = scorer
    this.items = items
    this.source = source
    this.#buffer = new Float64Array(items)
  }

  async score({ users, histories }: UserBatch): Promise<Scores> {
    const { items } = this
    const length = users.length * items
    if (this.#buffer.length < length) this.#buffer = new Float64Array(length)
    const values = this.#buffer.subarray(0, length).fill(0)
    users.forEach((user, i) => {
      this.#scorer(histories[i]!, user, values.subarray(i * items, (i + 1) * items))
    })
    return { columns: items, values }
  }
}

/** By neighbours of the items of a history. */
export function neighboursModel(neighbours: ItemNeighbours, items: number): ScorerModel {
  const scorer: RowScorer = (history, _user, into) => neighbours.score(new Set(history), into)
  return new ScorerModel(scorer, items, neighbours)
}

/** By what is saved soon after the latest items of a history. */
export function sequencesModel(sequences: Cooccurrence, items: number): ScorerModel {
  const nothing = () => {}
  const scorer: RowScorer = (history, _user, into) => {
    sequences.query([...history].reverse(), into, nothing)
  }
  return new ScorerModel(scorer, items, sequences)
}
