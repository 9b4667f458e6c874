/**
 * ONNX models built in TypeScript: nodes, initialisers, one input and one output.
 * Field numbers from onnx.proto (IR version 8, opset 17). https://github.com/onnx/onnx
 */
import { delimitedFields, Message } from './protobuf.ts'

const FLOAT = 1
const IR_VERSION = 8
const OPSET = 17
const field = {
  model: { irVersion: 1, producer: 2, graph: 7, opset: 8, metadata: 14 },
  graph: { node: 1, name: 2, initializer: 5, input: 11, output: 12 },
  node: { input: 1, output: 2, name: 3, operator: 4 },
  tensor: { dims: 1, type: 2, name: 8, raw: 9 },
} as const

export type OnnxNode = {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly output: string
}
export type OnnxTensor = {
  readonly name: string
  readonly dims: readonly number[]
  readonly values: Float32Array
}
export type OnnxGraph = {
  readonly name: string
  /** Float input of shape [rows, width]. */
  readonly input: { readonly name: string; readonly width: number }
  readonly output: { readonly name: string; readonly width: number }
  readonly nodes: readonly OnnxNode[]
  readonly tensors: readonly OnnxTensor[]
  readonly metadata: Readonly<Record<string, string>>
}

/** The bytes of an ONNX file; equal graphs give equal bytes. */
export function onnxModel(graph: OnnxGraph): Uint8Array {
  const body = new Message()
  for (const { operator, inputs, output } of graph.nodes) {
    const node = new Message()
    for (const input of inputs) node.text(field.node.input, input)
    node.text(field.node.output, output).text(field.node.name, output)
    body.message(field.graph.node, node.text(field.node.operator, operator))
  }
  body.text(field.graph.name, graph.name)
  for (const { name, dims, values } of graph.tensors) {
    const tensor = new Message()
    for (const dim of dims) tensor.int(field.tensor.dims, dim)
    tensor.int(field.tensor.type, FLOAT).text(field.tensor.name, name)
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    body.message(field.graph.initializer, tensor.bytes(field.tensor.raw, raw))
  }
  body.message(field.graph.input, valueInfo(graph.input))
  body.message(field.graph.output, valueInfo(graph.output))
  const model = new Message()
    .int(field.model.irVersion, IR_VERSION)
    .text(field.model.producer, 'pinwheel')
    .message(field.model.graph, body)
    .message(field.model.opset, new Message().text(1, '').int(2, OPSET))
  for (const [key, value] of Object.entries(graph.metadata)) {
    model.message(field.model.metadata, new Message().text(1, key).text(2, value))
  }
  return model.finish()
}

/** The metadata_props of an ONNX file; throws RangeError when the bytes are no message. */
export function onnxMetadata(bytes: Uint8Array): Record<string, string> {
  const metadata: Record<string, string> = {}
  for (const part of delimitedFields(bytes)) {
    if (part.field !== field.model.metadata) continue
    const entry = new Map<number, string>()
    for (const item of delimitedFields(part.bytes)) {
      entry.set(item.field, Buffer.from(item.bytes).toString('utf8'))
    }
    metadata[entry.get(1) ?? ''] = entry.get(2) ?? ''
  }
  return metadata
}

/** A float tensor of shape ['rows', width]. */
function valueInfo({ name, width }: { readonly name: string; readonly width: number }): Message {
  const shape = new Message()
    .message(1, new Message().text(2, 'rows'))
    .message(1, new Message().int(1, width))
  const tensor = new Message().int(1, FLOAT).message(2, shape)
  return new Message().text(1, name).message(2, new Message().message(1, tensor))
}
