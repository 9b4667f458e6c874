/**
 * Trains the small ranker on rows of features and writes it as an ONNX file.
 *
 * The earlier part of the rows teaches, the later part decides when to stop and is what the metrics
 * speak of (so they are a little kind: no third part is kept back). Adam (Kingma and Ba, 2015),
 * mini-batches in an order fixed by the seed. Position bias: the log-odds of each rank's save rate
 * is an offset while learning and is left out when serving. Equal input and seed give equal bytes.
 */
import { assert, pinwheelError, Random } from '../../base/index.ts'
import type { PinFactors } from '../pin-factors/index.ts'
import { modelVersion } from '../registry/model-version.ts'
import { areaUnderCurve } from './area-under-curve.ts'
import {
  type Batch,
  forward,
  initialParameters,
  lossAndGradient,
  type NetworkShape,
  parameterCount,
} from './network.ts'
import { networkToOnnx, type Standardisation } from './network-to-onnx.ts'

export type TrainingRows = {
  /** Of the features, in order. */
  readonly names: readonly string[]
  /** Row-major, rows × names. */
  readonly features: Float32Array
  /** 1 for what the user saved, else 0. */
  readonly labels: Float32Array
  readonly weights: Float32Array
  /** Where the pin stood when it was shown, 0 first. */
  readonly ranks: Uint16Array
  /** ms since the epoch; the rows stand in the order in which they became known. */
  readonly times: Float64Array
}

/** Rows that also say whose they are, and that hold pins that nobody was shown. */
export type IdentifiedRows = TrainingRows & {
  /** Hashes of the outside ids. */
  readonly users: Uint32Array
  readonly pins: Uint32Array
  /** 1 for a pin that was drawn from the catalogue instead of shown: saved if ever it was later. */
  readonly drawn: Uint8Array
  /** The chance that the pin was shown, as it was logged, above 0; 1 for what was drawn. */
  readonly propensities: Float32Array
  /** The chance that the pin was drawn, or would have been had it not been shown; 0 to 1. */
  readonly drawChances: Float32Array
  /** What serves with the ranker that they teach: factors fitted as theirs were, on all saves. */
  readonly factors?: PinFactors
}

export const trainingDefaults = Object.freeze({
  hidden: 16,
  epochs: 60,
  // Small: a young log has a few hundred rows, and an epoch must still be some steps.
  batchRows: 64,
  learningRate: 3e-3,
  l2: 5e-3,
  /** Share of the rows, the latest, that is held out. */
  holdOut: 0.2,
  /** Epochs without a better held-out loss before it ends. */
  patience: 4,
  rowsMin: 200,
  seed: 1,
})
export type TrainingOptions = { readonly [K in keyof typeof trainingDefaults]: number }

export type TrainedRanker = {
  readonly bytes: Uint8Array
  readonly version: string
  /** Times of the earliest and the latest row, ms since the epoch. */
  readonly range: { readonly from: number; readonly to: number }
  readonly metrics: {
    readonly rows: number
    readonly positives: number
    readonly epochs: number
    readonly logLoss: number
    readonly auc: number
    /** AUC of the best single feature on the same held-out rows. */
    readonly bestFeatureAuc: number
    readonly bestFeature: string
  }
}

/** TRAINING_DATA when the rows cannot teach anything. */
export function trainRanker(
  rows: TrainingRows,
  given: Partial<TrainingOptions> = {},
): TrainedRanker {
  const options = { ...trainingDefaults, ...given }
  checkRows(rows, options)
  const shape = { inputs: rows.names.length, hidden: options.hidden }
  const count = rows.labels.length
  const split = Math.floor(count * (1 - options.holdOut))
  const standard = moments(rows, split)
  const data = prepare(rows, standard, split)
  const fitted = learn(shape, data, split, options)
  const held = indices(split, count)
  const scores = logits(shape, fitted.parameters, data, held)
  const labels = Float64Array.from(held, (row) => data.labels[row]!)
  const best = bestFeature(rows, held, labels)
  const bytes = networkToOnnx(shape, fitted.parameters, rows.names, standard)
  return {
    bytes,
    version: modelVersion(bytes),
    range: rangeOf(rows.times),
    metrics: {
      rows: count,
      positives: rows.labels.reduce((sum, label) => sum + label, 0),
      epochs: fitted.epochs,
      logLoss: fitted.loss,
      auc: areaUnderCurve(scores, labels),
      bestFeatureAuc: best.auc,
      bestFeature: best.name,
    },
  }
}

type Data = Omit<Batch, 'order'>

/** TRAINING_DATA when the rows cannot teach anything. */
export function checkRows(
  rows: TrainingRows,
  options: Pick<TrainingOptions, 'rowsMin' | 'holdOut'>,
): void {
  const fail = (reason: string) => pinwheelError('TRAINING_DATA', { reason })
  const count = rows.labels.length
  const columns = [rows.weights.length, rows.ranks.length, rows.times.length]
  assert(
    columns.every((length) => length === count),
    'training rows have equally long columns',
  )
  assert(rows.features.length === count * rows.names.length, 'features are rows by names')
  if (count < options.rowsMin) throw fail(`${count} rows; at least ${options.rowsMin} are needed`)
  const width = rows.names.length
  const bad = rows.features.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) {
    const row = Math.floor(bad / width)
    throw fail(`feature ${rows.names[bad % width]} of row ${row} is not a finite number`)
  }
  if (rows.labels.some((label) => label !== 0 && label !== 1)) {
    throw fail('a label is neither 0 nor 1')
  }
  if (rows.weights.some((weight) => !(weight > 0 && weight < Number.POSITIVE_INFINITY))) {
    throw fail('a weight is not a positive number')
  }
  const split = Math.floor(count * (1 - options.holdOut))
  const classes = (from: number, to: number) => new Set(rows.labels.subarray(from, to)).size
  if (classes(0, split) < 2) throw fail('only one class is in the teaching rows')
  if (classes(split, count) < 2) throw fail('only one class is in the held-out rows')
}

/** Times of the earliest and the latest row. */
export function rangeOf(times: Float64Array): TrainedRanker['range'] {
  // A fold, not Math.min(...): the rows may be more than a call takes arguments.
  const from = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY)
  const to = times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY)
  return { from, to }
}

/** Of the teaching rows alone: the held-out ones must not be looked at. */
export function moments(rows: TrainingRows, split: number): Standardisation {
  const width = rows.names.length
  const mean = new Float32Array(width)
  const scale = new Float32Array(width)
  for (let f = 0; f < width; f++) {
    let sum = 0
    let squares = 0
    for (let row = 0; row < split; row++) {
      const value = rows.features[row * width + f]!
      sum += value
      squares += value * value
    }
    mean[f] = sum / split
    const deviation = Math.sqrt(Math.max(0, squares / split - (sum / split) ** 2))
    // A feature that never varies says nothing; it must not be blown up.
    scale[f] = deviation > 1e-6 ? 1 / deviation : 0
  }
  return { mean, scale }
}

function prepare(rows: TrainingRows, { mean, scale }: Standardisation, split: number): Data {
  const width = rows.names.length
  const standard = new Float64Array(rows.features.length)
  for (let i = 0; i < standard.length; i++) {
    standard[i] = (rows.features[i]! - mean[i % width]!) * scale[i % width]!
  }
  const offset = positionOffsets(rows, split)
  return {
    rows: standard,
    labels: Float64Array.from(rows.labels),
    weights: Float64Array.from(rows.weights),
    offsets: Float64Array.from(rows.ranks, (rank) => offset[Math.min(rank, offset.length - 1)]!),
  }
}

/** Log-odds of the save rate at each rank, less the overall one; from the teaching rows. */
function positionOffsets(rows: TrainingRows, split: number): Float64Array {
  const ranks = 32
  const shown = new Float64Array(ranks).fill(20)
  const overall = rows.labels.subarray(0, split).reduce((sum, label) => sum + label, 0) / split
  const saved = new Float64Array(ranks).fill(20 * overall)
  for (let row = 0; row < split; row++) {
    const rank = Math.min(rows.ranks[row]!, ranks - 1)
    shown[rank]!++
    saved[rank]! += rows.labels[row]!
  }
  const odds = (rate: number) => Math.log(rate / (1 - rate))
  return shown.map((count, rank) => odds(saved[rank]! / count) - odds(overall))
}

function learn(shape: NetworkShape, data: Data, split: number, options: TrainingOptions) {
  const random = new Random(options.seed).split('train')
  const parameters = initialParameters(shape, random.split('start'))
  const gradient = new Float64Array(parameterCount(shape))
  const adam = new Adam(parameters.length, options.learningRate)
  const held = { ...data, order: indices(split, data.labels.length) }
  let best = { loss: Number.POSITIVE_INFINITY, parameters: parameters.slice(), epochs: 0 }
  const order = Array.from(indices(0, split))
  const shuffle = random.split('order')
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    shuffle.shuffle(order)
    for (let from = 0; from < split; from += options.batchRows) {
      const part = Uint32Array.from(order.slice(from, from + options.batchRows))
      lossAndGradient(shape, parameters, { ...data, order: part }, options.l2, gradient)
      adam.step(parameters, gradient)
    }
    const loss = lossAndGradient(shape, parameters, held, 0, gradient)
    if (loss < best.loss - 1e-6) best = { loss, parameters: parameters.slice(), epochs: epoch }
    else if (epoch - best.epochs >= options.patience) break
  }
  return best
}

class Adam {
  readonly #mean: Float64Array
  readonly #square: Float64Array
  readonly #rate: number
  #steps = 0

  constructor(parameters: number, rate: number) {
    this.#mean = new Float64Array(parameters)
    this.#square = new Float64Array(parameters)
    this.#rate = rate
  }

  step(parameters: Float64Array, gradient: Float64Array): void {
    this.#steps++
    const first = 1 - 0.9 ** this.#steps
    const second = 1 - 0.999 ** this.#steps
    for (let i = 0; i < parameters.length; i++) {
      const g = gradient[i]!
      this.#mean[i] = 0.9 * this.#mean[i]! + 0.1 * g
      this.#square[i] = 0.999 * this.#square[i]! + 0.001 * g * g
      const step = this.#mean[i]! / first / (Math.sqrt(this.#square[i]! / second) + 1e-8)
      parameters[i]! -= this.#rate * step
    }
  }
}

function indices(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, i) => from + i)
}

/** Without position: what serving will see. */
function logits(
  shape: NetworkShape,
  parameters: Float64Array,
  data: Data,
  rows: Uint32Array,
): Float64Array {
  const activations = new Float64Array(shape.hidden)
  return Float64Array.from(rows, (row) => forward(shape, parameters, data.rows, row, activations))
}

function bestFeature(rows: TrainingRows, held: Uint32Array, labels: Float64Array) {
  const width = rows.names.length
  let best = { name: '', auc: 0 }
  rows.names.forEach((name, f) => {
    const values = Float64Array.from(held, (row) => rows.features[row * width + f]!)
    const auc = areaUnderCurve(values, labels)
    if (auc > best.auc) best = { name, auc }
  })
  return best
}
