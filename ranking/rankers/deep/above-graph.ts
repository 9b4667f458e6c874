/**
 * What is above the sum of user's, pin's and features' parts, as an ONNX graph: ReLU and layers up
 * to the score, in single precision, or with the products of the layers in whole numbers of 8 bits.
 *
 * Whole numbers (Jacob et al., "Quantization and training of neural networks for efficient
 * integer-arithmetic-only inference", CVPR 2018): what a layer gives is 0 or more, so it is kept as
 * 0 to 255 of its range, and clipping at 0 is the ReLU; weights have a scale a column. Ranges are
 * fixed when a model is trained: a score does not depend on the others of its pass. The score's own
 * layer stays in single precision, that of a product in 32 bits.
 */
import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../onnx/index.ts'
import type { DeepHead } from './deep-file.ts'

/** What a layer gives is kept as whole numbers up to this. */
const LEVELS = 255
/**
 * Weights are whole numbers up to this: without VNNI two products are added in 16 bits, which hold
 * 2 · 255 · 64 and would clip more, so that machines would differ.
 */
const WEIGHT_MAX = 64

export type AboveLayers = {
  readonly head: Pick<DeepHead, 'features' | 'hidden'>
  /** Of each layer, the score's last: weights [inputs, outputs], then biases. */
  readonly above: readonly Float32Array[]
}

type Layer = {
  readonly number: number
  readonly weights: Float32Array
  readonly biases: Float32Array
  readonly inputs: number
  readonly outputs: number
}
type Piece = { readonly nodes: readonly OnnxNode[]; readonly tensors: readonly OnnxTensor[] }

/**
 * Inputs `first` [rows, hidden[0]], `features` [rows, features + 1] and `of features`
 * [features + 1, hidden[0]]; output `score` [rows, 1]. With `ranges`, the greatest that each layer
 * gives which another than the score's follows, those products are in whole numbers.
 */
export function aboveGraph(
  model: AboveLayers,
  rows: number,
  ranges?: readonly number[],
): OnnxGraph {
  const { hidden, features } = model.head
  const first = hidden[0]!
  const layers = layersOf(model)
  const last = layers.at(-1)!
  const pieces = layers.slice(0, -1).map((layer) => {
    return ranges ? wholeLayer(layer, ranges) : floatLayer(layer)
  })
  return {
    name: 'deep ranker',
    inputs: [
      { name: 'first', dims: [rows, first] },
      { name: 'features', dims: [rows, features.length + 1] },
      { name: 'of features', dims: [features.length + 1, first] },
    ],
    outputs: [{ name: 'score', dims: [rows, 1] }],
    nodes: [
      { operator: 'Gemm', inputs: ['features', 'of features', 'first'], output: 'sum 0' },
      ...pieces.flatMap(({ nodes }) => nodes),
      ...floatLayer(last, 'score').nodes,
    ],
    tensors: [...pieces.flatMap(({ tensors }) => tensors), ...floatLayer(last).tensors],
    metadata: {},
  }
}

function layersOf({ head, above }: AboveLayers): Layer[] {
  const sizes = [...head.hidden, 1]
  return head.hidden.map((inputs, i) => ({
    number: i + 1,
    weights: above[2 * i]!,
    biases: above[2 * i + 1]!,
    inputs,
    outputs: sizes[i + 1]!,
  }))
}

/** From the sums below it to its own. */
function floatLayer(
  { number, weights, biases, inputs, outputs }: Layer,
  output = `sum ${number}`,
): Piece {
  const below = number - 1
  const names = [`layer ${below}`, `weights ${number}`, `biases ${number}`]
  return {
    nodes: [
      { operator: 'Relu', inputs: [`sum ${below}`], output: `layer ${below}` },
      { operator: 'Gemm', inputs: names, output },
    ],
    tensors: [
      { name: names[1]!, dims: [inputs, outputs], values: weights },
      { name: names[2]!, dims: [outputs], values: biases },
    ],
  }
}

/** The same; its sums are whole numbers too where a layer of whole numbers follows. */
function wholeLayer(layer: Layer, ranges: readonly number[]): Piece {
  const { number, inputs, outputs } = layer
  const below = number - 1
  const scale = ranges[below]! / LEVELS
  const next = ranges[number]
  const { weights, scales } = wholeWeights(layer)
  const name = (what: string) => `${what} ${number}`
  const biases = Int32Array.from(layer.biases, (bias, column) =>
    Math.round(bias / (scale * scales[column]!)),
  )
  const zero = { dims: [], values: new Uint8Array(1) }
  const product = ['scale', 'zero', 'weights', 'scales', 'zeros', 'biases'].map(name)
  const nodes: OnnxNode[] = []
  // The first sums are not whole yet.
  if (below === 0) {
    const inputs = ['sum 0', name('scale'), name('zero')]
    nodes.push({ operator: 'QuantizeLinear', inputs, output: 'whole 0' })
  }
  nodes.push({
    operator: 'QGemm',
    inputs: [`whole ${below}`, ...product, ...(next ? ['next scale', 'next zero'].map(name) : [])],
    output: next ? `whole ${number}` : `sum ${number}`,
  })
  const tensors: OnnxTensor[] = [
    { name: name('scale'), dims: [], values: Float32Array.of(scale) },
    { name: name('zero'), ...zero },
    { name: name('weights'), dims: [inputs, outputs], values: weights },
    { name: name('scales'), dims: [outputs], values: scales },
    { name: name('zeros'), dims: [outputs], values: new Int8Array(outputs) },
    { name: name('biases'), dims: [outputs], values: biases },
  ]
  if (next) {
    const values = Float32Array.of(next / LEVELS)
    tensors.push(
      { name: name('next scale'), dims: [], values },
      { name: name('next zero'), ...zero },
    )
  }
  return { nodes, tensors }
}

/** Each column in its own scale, the greatest at WEIGHT_MAX. */
function wholeWeights({ weights: values, inputs, outputs }: Layer) {
  const scales = new Float32Array(outputs)
  for (let i = 0; i < values.length; i++) {
    const column = i % outputs
    scales[column] = Math.max(scales[column]!, Math.abs(values[i]!) / WEIGHT_MAX)
  }
  // A column of zeros has any scale.
  for (let column = 0; column < outputs; column++) scales[column] ||= 1
  const weights = new Int8Array(inputs * outputs)
  for (let i = 0; i < values.length; i++) weights[i] = Math.round(values[i]! / scales[i % outputs]!)
  return { weights, scales }
}
