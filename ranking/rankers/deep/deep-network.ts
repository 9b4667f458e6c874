/**
 * The network of generation 3 (after Covington, Adams and Sargin, "Deep neural networks for YouTube
 * recommendations", RecSys 2016): an embedding of the user, one of the pin and the features side by
 * side, three layers of ReLU with dropout, a sigmoid. Position explains a part of what was saved
 * while it learns, as an examination term beside the logit (Craswell et al., 2008; the shallow
 * tower of Zhao et al., RecSys 2019), and is left out of the score.
 *
 * Embeddings are by hash, so that a user or pin that was never seen has one, too. Most rows are
 * taught without one or the other: else the network learns whose rows it saw before it learns what
 * features say, and stops there.
 */
import type { Network } from '../../training/engine/index.ts'
import {
  add,
  binaryCrossEntropy,
  concatenate,
  mean,
  multiply,
  product,
  sigmoid,
} from '../../training/engine/index.ts'

export type DeepShape = {
  /** Features beside the embeddings. */
  readonly features: number
  /** Numbers of an embedding, a multiple of 4. */
  readonly width: number
  /** Rows of the tables that ids are hashed to. */
  readonly userRows: number
  readonly pinRows: number
  readonly hidden: readonly number[]
  readonly dropout: number
  /** Of embeddings before they learn: near 0, whoever was never seen is like nobody. */
  readonly deviation: number
  /** Share of the rows that are taught without the user's embedding, and without the pin's. */
  readonly idDropout: number
  /** Of the learning rate, what embeddings move by. */
  readonly idSpeed: number
  /** Positions in a list that are told apart; the last stands for all beyond. */
  readonly positions: number
}

export const deepDefaults: Omit<DeepShape, 'features'> = Object.freeze({
  width: 256,
  userRows: 65_536,
  pinRows: 262_144,
  hidden: [512, 256, 128],
  dropout: 0.3,
  deviation: 1e-4,
  idDropout: 0.8,
  idSpeed: 0.1,
  positions: 32,
})

/**
 * Inputs `features` [rows, features], `labels` and `weights` [rows, 1], `position` [rows,
 * positions], a one in the column of where the pin stood or none, `offset` [rows, 1], what the
 * sampling of the row adds to its logit; tables `users` and `pins`.
 * Answers `logit` and `score`, both without position and offset, and what each layer gives by its
 * name.
 */
export function deepNetwork(shape: DeepShape): Network {
  const { width, userRows, pinRows, hidden, dropout, positions } = shape
  const { deviation, idDropout, idSpeed: speed } = shape
  return (layers) => {
    const lookups = layers.rows
    const table = (name: string, rows: number) => {
      const read = layers.embedding({ name, rows, width, lookups, deviation, speed })
      return layers.dropRows(read, idDropout)
    }
    const parts = [
      table('users', userRows),
      table('pins', pinRows),
      layers.input('features', shape.features),
    ]
    let x = concatenate(parts, 1)
    const given: Record<string, typeof x> = {}
    hidden.forEach((size, i) => {
      const name = `layer ${i}`
      const layer = layers.dense(name, x, size, 'relu')
      given[name] = layer
      x = layers.dropout(layer, dropout)
    })
    const logit = layers.dense('score', x, 1)
    const bias = layers.parameter('examination', [positions, 1], { all: 0 })
    const examined = product(layers.input('position', positions), bias)
    const sampled = add(add(logit, examined), layers.input('offset', 1))
    const loss = binaryCrossEntropy(sampled, layers.input('labels', 1))
    return {
      loss: mean(multiply(loss, layers.input('weights', 1))),
      outputs: { ...given, logit, score: sigmoid(logit) },
    }
  }
}
