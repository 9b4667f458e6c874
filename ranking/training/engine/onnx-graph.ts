/** Writes what some values of a tape depend on as an ONNX graph. */
import { assert } from '../../../base/index.ts'
import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxType, OnnxValue } from '../../onnx/index.ts'
import type { Value } from './tape.ts'

export type GraphOptions = {
  readonly name: string
  /** Of all numbers that are not whole. */
  readonly type?: Extract<OnnxType, 'float32' | 'float64'>
  /** Inputs whose numbers are written into the file, by name. */
  readonly fixed?: ReadonlyMap<string, Float32Array>
  /** Whether the first size of inputs and outputs is left open. */
  readonly openRows?: boolean
  readonly metadata?: Readonly<Record<string, string>>
}

/** A graph whose outputs have the names that `outputs` gives them. */
export function onnxGraph(
  outputs: Readonly<Record<string, Value>>,
  { name, type = 'float32', fixed, openRows = false, metadata = {} }: GraphOptions,
): OnnxGraph {
  const needed = ancestors(Object.values(outputs))
  const nodes: OnnxNode[] = []
  const tensors: OnnxTensor[] = []
  const inputs: OnnxValue[] = []
  const open = (dims: readonly number[], of: string) =>
    openRows ? [`rows of ${of}`, ...dims.slice(1)] : dims
  for (const value of needed) {
    const { origin } = value
    if (origin.kind === 'operation') {
      const scratch = (label: string) => `${value.name} ${label}`
      const names = origin.operation.inputs.map((input) => input.name)
      nodes.push(...origin.operation.emit({ inputs: names, output: value.name, scratch }))
    } else if (origin.kind === 'constant') {
      tensors.push({ name: value.name, dims: value.dims, values: typed(origin.values, type) })
    } else {
      const values = fixed?.get(value.name)
      if (values) tensors.push({ name: value.name, dims: value.dims, values })
      else {
        const dims = open(value.dims, value.name)
        inputs.push({ name: value.name, type: origin.kind === 'index' ? 'int64' : type, dims })
      }
    }
  }
  const ends = Object.entries(outputs).map(([output, value]) => {
    nodes.push({ operator: 'Identity', inputs: [value.name], output })
    return { name: output, type, dims: open(value.dims, output) }
  })
  return { name, inputs, outputs: ends, nodes, tensors, metadata }
}

function typed(values: Float64Array | BigInt64Array, type: 'float32' | 'float64') {
  return values instanceof Float64Array && type === 'float32' ? Float32Array.from(values) : values
}

/** In the order of the tape: a value after all that it is made of. */
function ancestors(ends: readonly Value[]): Value[] {
  const [first] = ends
  assert(first !== undefined, 'a graph has an output')
  const needed = new Set<Value>(ends)
  for (const value of [...first.tape.values].reverse()) {
    if (!needed.has(value) || value.origin.kind !== 'operation') continue
    for (const input of value.origin.operation.inputs) needed.add(input)
  }
  return first.tape.values.filter((value) => needed.has(value))
}
