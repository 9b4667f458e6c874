/**
 * A small vision model: two convolutions over grey pixels, the second over pairs of pairs of the
 * first's places, averaged over all of a picture and over its ninths; a hidden layer; a softmax.
 * Convolutions are dense layers over patches, which is all that the training engine needs.
 */
import {
  concatenate,
  meanAlong,
  reshape,
  slice,
  type Value,
} from '../ranking/training/engine/index.ts'
import type { Reader } from './probes.ts'

/** Pixels of what the model sees. */
export const WIDE = 100
export const HIGH = 80
const PATCH = 7
const STRIDE = 3
const COLUMNS = 32
const ROWS = 25
/** Numbers of a picture as the model takes it: the patches that its first convolution reads. */
export const PATCH_NUMBERS = COLUMNS * ROWS * PATCH * PATCH

const FIRST = 48
const SECOND = 96

/** Writes the patches of WIDE × HIGH grey pixels, less their mean and over their deviation. */
export function writePatches(pixels: Uint8Array, to: Float32Array, at: number): void {
  let [sum, squares] = [0, 0]
  for (const grey of pixels) {
    sum += grey
    squares += grey ** 2
  }
  const mean = sum / pixels.length
  const deviation = Math.sqrt(squares / pixels.length - mean ** 2) + 5
  let next = at
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      for (let y = 0; y < PATCH; y++) {
        const from = (row * STRIDE + y) * WIDE + column * STRIDE
        for (let x = 0; x < PATCH; x++) to[next++] = (pixels[from + x]! - mean) / deviation
      }
    }
  }
}

/** Reads rows of `PATCH_NUMBERS`. */
export const visionReader = (classes: number, epochs: number): Reader => ({
  epochs,
  rate: 0.002,
  decay: 1e-3,
  logits(layers, rows) {
    const count = layers.rows
    const patches = reshape(rows, [count * COLUMNS * ROWS, PATCH * PATCH])
    const first = layers.dense('first', patches, FIRST, 'relu')
    const [high, wide] = [Math.floor(ROWS / 2), Math.floor(COLUMNS / 2)]
    const fours = foursOf(reshape(first, [count, ROWS, COLUMNS, FIRST]), high, wide)
    const flat = reshape(fours, [count * high * wide, 4 * FIRST])
    const second = layers.dense('second', flat, SECOND, 'relu')
    const seen = reshape(second, [count, high, wide, SECOND])
    const what = average(seen, [0, high], [0, wide])
    const where = layers.dense('where', concatenate(ninths(seen), 1), 64, 'relu')
    const hidden = layers.dense('hidden', concatenate([what, where], 1), 192, 'relu')
    return layers.dense('answer', layers.dropout(hidden, 0.1), classes)
  },
})

/** Two by two places side by side: [n, high, wide, 4 numbers of each]. */
function foursOf(x: Value, high: number, wide: number): Value {
  const [count, , , numbers] = x.dims as readonly [number, number, number, number]
  const even = slice(slice(x, 1, 0, 2 * high), 2, 0, 2 * wide)
  const pairs = reshape(even, [count, high, 2, wide, 2 * numbers])
  const fours = concatenate([slice(pairs, 2, 0, 1), slice(pairs, 2, 1, 2)], 4)
  return reshape(fours, [count, high, wide, 4 * numbers])
}

type Span = readonly [from: number, to: number]

/** The mean over a part of the places: [n, numbers]. */
function average(x: Value, down: Span, across: Span): Value {
  const [count, , , numbers] = x.dims as readonly [number, number, number, number]
  const part = slice(slice(x, 1, ...down), 2, ...across)
  const places = (down[1] - down[0]) * (across[1] - across[0])
  return reshape(meanAlong(reshape(part, [count, places, numbers]), 1), [count, numbers])
}

function ninths(x: Value): Value[] {
  const spans = (size: number): Span[] => {
    const third = Math.floor(size / 3)
    return [
      [0, third],
      [third, 2 * third],
      [2 * third, size],
    ]
  }
  return spans(x.dims[1]!).flatMap((down) =>
    spans(x.dims[2]!).map((across) => average(x, down, across)),
  )
}
