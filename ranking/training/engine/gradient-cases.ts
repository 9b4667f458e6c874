/** A case for every operation, and for the layers that are made of them. */
import type { Random } from '../../../base/index.ts'
import { add, divide, expand, multiply, scale, shift, subtract, sumTo } from './arithmetic.ts'
import { attention } from './attention.ts'
import {
  exponential,
  gate,
  gelu,
  logarithm,
  relu,
  sigmoid,
  softplus,
  squareRoot,
  tanh,
} from './elementwise.ts'
import type { GradientCase } from './gradient-check.ts'
import { binaryCrossEntropy, softmaxCrossEntropy } from './losses.ts'
import { layerNorm, softmax, unitRows } from './normalise.ts'
import { dense, flipped, product, products } from './products.ts'
import { mean, meanAlong, sumAlong } from './reductions.ts'
import { concatenate, reshape, slice, transpose } from './shapes.ts'
import type { Tape, Value } from './tape.ts'

const positive = (random: Random) => 0.5 + random.unit()
/** Off the kink at 0, where a difference straddles it. */
const offZero = (random: Random) => (random.below(2) === 0 ? 1 : -1) * (0.1 + random.unit())

function unary(
  name: string,
  apply: (x: Value) => Value,
  start?: (random: Random) => number,
): GradientCase {
  return {
    name,
    build: (tape) => apply(tape.input('x', [3, 4])),
    ...(start && { start: { x: start } }),
  }
}

const grid = (tape: Tape) => tape.input('x', [3, 4])
const row = (tape: Tape) => tape.input('row', [4])
const column = (tape: Tape) => tape.input('column', [3, 1])

const arithmetic: readonly GradientCase[] = [
  { name: 'add, a row repeated', build: (tape) => add(grid(tape), row(tape)) },
  { name: 'add to itself', build: (tape) => doubled(grid(tape)) },
  { name: 'subtract, a column repeated', build: (tape) => subtract(column(tape), grid(tape)) },
  { name: 'multiply, both repeated', build: (tape) => multiply(column(tape), row(tape)) },
  {
    name: 'divide',
    build: (tape) => divide(grid(tape), row(tape)),
    start: { row: offZero },
  },
  unary('scale', (x) => scale(x, -3)),
  unary('shift', (x) => shift(x, 2)),
  { name: 'expand', build: (tape) => expand(column(tape), [2, 3, 4]) },
  unary('sum to', (x) => sumTo(x, [4])),
]

function doubled(x: Value): Value {
  return add(x, multiply(x, x))
}

const functions: readonly GradientCase[] = [
  unary('relu', relu, offZero),
  unary('sigmoid', sigmoid),
  unary('tanh', tanh),
  unary('exponential', exponential),
  unary('logarithm', logarithm, positive),
  unary('square root', squareRoot, positive),
  unary('gelu', gelu),
  unary('softplus', softplus),
  unary('softplus, far out', softplus, (random) => 800 * random.normal()),
  {
    name: 'gate',
    build: (tape) => gate(grid(tape), tape.input('by', [3, 4])),
    fixed: ['by'],
  },
  unary('softmax', softmax),
  unary('unit rows', unitRows),
  {
    name: 'layer norm',
    build: (tape) => layerNorm(tape.input('x', [2, 3, 4]), row(tape), tape.input('offset', [4])),
  },
  unary('mean', mean),
  unary('mean along', (x) => meanAlong(x, 1)),
  unary('sum along', (x) => sumAlong(x, 0)),
]

const pair = (tape: Tape, a: number[], b: number[]) =>
  [tape.input('a', a), tape.input('b', b)] as const

const shapesAndProducts: readonly GradientCase[] = [
  unary('reshape', (x) => reshape(x, [2, 6])),
  {
    name: 'transpose',
    build: (tape) => transpose(tape.input('x', [2, 3, 4]), [2, 0, 1]),
  },
  {
    name: 'concatenate',
    build: (tape) => concatenate(pair(tape, [2, 3, 2], [2, 1, 2]), 1),
  },
  unary('slice from the middle', (x) => slice(x, 1, 1, 3)),
  unary('slice of the first', (x) => slice(x, 0, 0, 1)),
  {
    name: 'dense',
    build: (tape) => dense(grid(tape), tape.input('weights', [4, 5]), tape.input('biases', [5])),
  },
  { name: 'product', build: (tape) => product(...pair(tape, [3, 4], [4, 2])) },
  { name: 'product, aᵀ', build: (tape) => product(...pair(tape, [4, 3], [4, 2]), { a: true }) },
  { name: 'product, bᵀ', build: (tape) => product(...pair(tape, [3, 4], [2, 4]), { b: true }) },
  {
    name: 'product, aᵀ bᵀ',
    build: (tape) => product(...pair(tape, [4, 3], [2, 4]), { a: true, b: true }),
  },
  { name: 'products', build: (tape) => products(...pair(tape, [2, 3, 4], [2, 4, 2])) },
  { name: 'flipped', build: (tape) => flipped(tape.input('x', [2, 3, 4])) },
]

const layers: readonly GradientCase[] = [
  {
    name: 'binary cross-entropy',
    build: (tape) => binaryCrossEntropy(grid(tape), tape.input('labels', [3, 4])),
    start: { labels: (random) => random.below(2) },
    fixed: ['labels'],
  },
  {
    name: 'softmax cross-entropy',
    build: (tape) => softmaxCrossEntropy(grid(tape), tape.index('targets', [3, 1])),
    start: { targets: (random) => random.below(4) },
  },
  {
    name: 'sampled softmax, corrected by how often a class is drawn',
    build: (tape) => {
      const logits = product(tape.input('users', [3, 4]), tape.input('items', [5, 4]), { b: true })
      const often = tape.constant('log q', [5], [-1, -2, -3, -2, -1])
      return softmaxCrossEntropy(subtract(logits, often), tape.index('targets', [3, 1]))
    },
    start: { targets: (random) => random.below(5) },
  },
  {
    name: 'dropout, as a mask',
    build: (tape) => multiply(grid(tape), tape.input('mask', [3, 4])),
    start: { mask: (random) => (random.below(10) < 3 ? 0 : 1 / 0.7) },
    fixed: ['mask'],
  },
  {
    name: 'attention of two heads, causal',
    build: (tape) => {
      const [queries, keys, values] = ['queries', 'keys', 'values'].map((name) =>
        tape.input(name, [2, 3, 4]),
      )
      const hidden = [0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0]
      const bias = tape.constant('causal', [1, 1, 3, 3], hidden)
      return attention({ queries: queries!, keys: keys!, values: values!, heads: 2, bias })
    },
  },
  {
    name: 'two layers with what they share',
    build: (tape) => {
      const weights = tape.input('weights', [4, 4])
      const biases = tape.input('biases', [4])
      return dense(tanh(dense(grid(tape), weights, biases)), weights, biases)
    },
  },
]

export const gradientCases: readonly GradientCase[] = [
  ...arithmetic,
  ...functions,
  ...shapesAndProducts,
  ...layers,
]
