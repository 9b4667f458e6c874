/**
 * The small ranker as an ONNX file: standardisation, Gemm, Relu, Gemm, Sigmoid. Raw features go in,
 * so whoever serves needs to know nothing of how it was trained.
 */
import { onnxModel } from '../onnx/index.ts'
import type { NetworkShape } from './network.ts'

/** (value - mean) * scale, by feature. */
export type Standardisation = { readonly mean: Float32Array; readonly scale: Float32Array }

/** The bytes of the file; its metadata names the features in order. */
export function networkToOnnx(
  { inputs, hidden }: NetworkShape,
  parameters: Float64Array,
  names: readonly string[],
  { mean, scale }: Standardisation,
): Uint8Array {
  const biases = hidden * inputs
  const out = biases + hidden
  // Gemm wants [inputs, hidden]: the transpose of how the rows lie.
  const first = new Float32Array(hidden * inputs)
  for (let h = 0; h < hidden; h++) {
    for (let i = 0; i < inputs; i++) first[i * hidden + h] = parameters[h * inputs + i]!
  }
  const tensor = (name: string, dims: number[], values: Float32Array) => ({ name, dims, values })
  return onnxModel({
    name: 'pinwheel small ranker',
    inputs: [{ name: 'features', dims: ['rows', inputs] }],
    outputs: [{ name: 'score', dims: ['rows', 1] }],
    nodes: [
      { operator: 'Sub', inputs: ['features', 'mean'], output: 'centred' },
      { operator: 'Mul', inputs: ['centred', 'scale'], output: 'standard' },
      { operator: 'Gemm', inputs: ['standard', 'w1', 'b1'], output: 'sum' },
      { operator: 'Relu', inputs: ['sum'], output: 'hidden' },
      { operator: 'Gemm', inputs: ['hidden', 'w2', 'b2'], output: 'logit' },
      { operator: 'Sigmoid', inputs: ['logit'], output: 'score' },
    ],
    tensors: [
      tensor('mean', [inputs], mean),
      tensor('scale', [inputs], scale),
      tensor('w1', [inputs, hidden], first),
      tensor('b1', [hidden], Float32Array.from(parameters.subarray(biases, out))),
      tensor('w2', [hidden, 1], Float32Array.from(parameters.subarray(out, out + hidden))),
      tensor('b2', [1], Float32Array.of(parameters[out + hidden]!)),
    ],
    metadata: { features: names.join(','), trainer: 'pinwheel 0.1' },
  })
}
