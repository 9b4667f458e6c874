/**
 * Two towers with a cosine between them (Yi et al., "Sampling-bias-corrected neural modeling for
 * large corpus item recommendations", RecSys 2019), the user's made of the pins': what it learns of
 * a tag serves both sides, and a user needs no embedding of their own.
 *
 * Rows are pairs of a user and a pin they saved. A batch has one list of pins, each of which stands
 * there once however many rows want it: first the classes of the softmax, which all rows share,
 * then what only histories name.
 */
import {
  add,
  mean,
  multiply,
  type Network,
  product,
  products,
  reshape,
  sharpen,
  slice,
  softmaxCrossEntropy,
  subtract,
  unitRows,
} from '../../training/engine/index.ts'
import type { BagShape } from './tag-bags.ts'

export type TwoTowerShape = BagShape & {
  readonly pins: number
  /** Numbers of a vector, a multiple of 4. */
  readonly width: number
  /** Pins drawn evenly, a row of the batch; all rows meet them all. */
  readonly negatives: number
  /** Pins that histories add to a batch's list, a row: 1 at least. */
  readonly historyPins: number
  readonly temperature: number
}

/** Places in the list of a batch of `rows`: of the softmax, and all. */
export function placesOf({ negatives, historyPins }: TwoTowerShape, rows: number) {
  const classes = rows * (1 + negatives)
  return { classes, all: classes + rows * historyPins }
}

/**
 * Tables `tags` and `ids` (row 0 of which is nobody's). Inputs of the list of pins: `tag weights`
 * by slot, `id weights`; of each row: `history weights` [rows, all], which sum to 1; `correction`
 * [rows, classes], taken from the logits; `targets`, the class that was saved; `weights`. Answers
 * `users` [rows, width] and `pins` [all, width], of length 1.
 */
export function twoTowerNetwork(shape: TwoTowerShape): Network {
  const { pins, width, slots, tagRows, temperature } = shape
  return (layers) => {
    const { rows } = layers
    const { classes, all } = placesOf(shape, rows)
    const perRow = all / rows
    const tags = layers.embedding({
      name: 'tags',
      rows: tagRows,
      width,
      lookups: all * slots,
      deviation: 0.1,
    })
    // Less than tags, so that a pin with few saves is still what its tags say.
    const ids = layers.embedding({
      name: 'ids',
      rows: pins + 1,
      width,
      lookups: all,
      deviation: 0.01,
    })
    const ofTags = reshape(layers.input('tag weights', perRow * slots), [all, 1, slots])
    const ofId = reshape(layers.input('id weights', perRow), [all, 1])
    const bags = products(ofTags, reshape(tags, [all, slots, width]))
    const vectors = unitRows(add(reshape(bags, [all, width]), multiply(ids, ofId)))

    const taste = product(layers.input('history weights', all), vectors)
    // Starts near the identity: who saved this is near it.
    const deviation = 0.1 / Math.sqrt(width)
    const turn = layers.parameter('turn', [width, width], { deviation }, true)
    const offset = layers.parameter('offset', [width], { all: 0 })
    const users = unitRows(add(add(taste, product(taste, turn)), offset))

    const cosines = product(users, slice(vectors, 0, 0, classes), { b: true })
    const logits = subtract(sharpen(cosines, temperature), layers.input('correction', classes))
    const loss = softmaxCrossEntropy(logits, layers.index('targets', 1))
    return {
      loss: mean(multiply(loss, layers.input('weights', 1))),
      outputs: { users, pins: vectors },
    }
  }
}
