/**
 * The small ranker: standardised features, one hidden layer of ReLU, a sigmoid. Forward and
 * gradient by hand (a training engine replaces this file later), checked by finite differences.
 *
 * Parameters lie end to end in one Float64Array: hidden weights [hidden × inputs], hidden biases,
 * output weights [hidden], output bias. Loss: mean weighted binary cross-entropy + l2/2 ·
 * |weights|².
 */
import { assert, type Random } from '../../base/index.ts'

export type NetworkShape = { readonly inputs: number; readonly hidden: number }

export function parameterCount({ inputs, hidden }: NetworkShape): number {
  return hidden * inputs + hidden + hidden + 1
}

/** He-normal hidden weights, small output weights, zero biases. */
export function initialParameters(shape: NetworkShape, random: Random): Float64Array {
  const { inputs, hidden } = shape
  const parameters = new Float64Array(parameterCount(shape))
  for (let i = 0; i < hidden * inputs; i++) parameters[i] = random.normal() * Math.sqrt(2 / inputs)
  const out = hidden * inputs + hidden
  for (let h = 0; h < hidden; h++) parameters[out + h] = random.normal() * Math.sqrt(1 / hidden)
  return parameters
}

/** The logit of one row; fills `activations` (length hidden). */
export function forward(
  shape: NetworkShape,
  parameters: Float64Array,
  rows: Float64Array,
  row: number,
  activations: Float64Array,
): number {
  const { inputs, hidden } = shape
  const biases = hidden * inputs
  const out = biases + hidden
  let logit = parameters[out + hidden]!
  for (let h = 0; h < hidden; h++) {
    let sum = parameters[biases + h]!
    const at = h * inputs
    for (let i = 0; i < inputs; i++) sum += parameters[at + i]! * rows[row * inputs + i]!
    const active = sum > 0 ? sum : 0
    activations[h] = active
    logit += parameters[out + h]! * active
  }
  return logit
}

export type Batch = {
  /** Standardised rows, row-major. */
  readonly rows: Float64Array
  readonly labels: Float64Array
  readonly weights: Float64Array
  /** Added to each row's logit: what position explains. */
  readonly offsets: Float64Array
  /** Row numbers in the batch. */
  readonly order: Uint32Array
}

/** Mean loss over the batch; adds its gradient into `gradient` (cleared first). */
export function lossAndGradient(
  shape: NetworkShape,
  parameters: Float64Array,
  batch: Batch,
  l2: number,
  gradient: Float64Array,
): number {
  const { inputs, hidden } = shape
  assert(gradient.length === parameters.length, 'a gradient has the shape of its parameters')
  const biases = hidden * inputs
  const out = biases + hidden
  const activations = new Float64Array(hidden)
  gradient.fill(0)
  let loss = 0
  let total = 0
  for (const row of batch.order) total += batch.weights[row]!
  for (const row of batch.order) {
    const logit = forward(shape, parameters, batch.rows, row, activations) + batch.offsets[row]!
    const label = batch.labels[row]!
    const weight = batch.weights[row]! / total
    // log(1 + e^-|x|) keeps the loss finite for any logit.
    loss += weight * (Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit))))
    const error = weight * (sigmoid(logit) - label)
    gradient[out + hidden]! += error
    for (let h = 0; h < hidden; h++) {
      const active = activations[h]!
      if (active === 0) continue
      gradient[out + h]! += error * active
      const back = error * parameters[out + h]!
      gradient[biases + h]! += back
      const at = h * inputs
      for (let i = 0; i < inputs; i++) gradient[at + i]! += back * batch.rows[row * inputs + i]!
    }
  }
  return loss + decay(shape, parameters, l2, gradient)
}

/** Weights, not biases, are drawn to zero. */
function decay(
  { inputs, hidden }: NetworkShape,
  parameters: Float64Array,
  l2: number,
  gradient: Float64Array,
): number {
  let squares = 0
  const pull = (from: number, count: number) => {
    for (let i = from; i < from + count; i++) {
      squares += parameters[i]! ** 2
      gradient[i]! += l2 * parameters[i]!
    }
  }
  pull(0, hidden * inputs)
  pull(hidden * inputs + hidden, hidden)
  return (l2 / 2) * squares
}

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit))
}
