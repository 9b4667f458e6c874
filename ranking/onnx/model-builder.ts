/**
 * ONNX models built in TypeScript: nodes with attributes, initialisers, inputs and outputs.
 * Field numbers from onnx.proto (IR version 8, opset 17). https://github.com/onnx/onnx
 */
import { delimitedFields, Message } from './protobuf.ts'

const typeCode = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
} as const
/** Operators that onnxruntime has beside the standard's, and the domain they are in. */
const ownOperators: ReadonlySet<string> = new Set(['QGemm'])
const OWN_DOMAIN = 'com.microsoft'
const OWN_OPSET = 1
const ATTRIBUTE_FLOAT = 1
const ATTRIBUTE_INT = 2
const ATTRIBUTE_TEXT = 3
const ATTRIBUTE_INTS = 7
const IR_VERSION = 8
const OPSET = 17
const field = {
  model: { irVersion: 1, producer: 2, graph: 7, opset: 8, metadata: 14 },
  graph: { node: 1, name: 2, initializer: 5, input: 11, output: 12 },
  node: { input: 1, output: 2, name: 3, operator: 4, attribute: 5, domain: 7 },
  attribute: { name: 1, float: 2, int: 3, text: 4, ints: 8, type: 20 },
  tensor: { dims: 1, type: 2, name: 8, raw: 9 },
} as const

export type OnnxNode = {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
}
/** A float, a word, a whole number or several, none below zero, as the operator declares it. */
export type OnnxAttribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string }
/** Of the numbers in a tensor. */
export type OnnxType = Exclude<keyof typeof typeCode, 'bool'>
/** What the attribute `to` of the operator Cast wants. */
export function castTo(type: keyof typeof typeCode): OnnxAttribute {
  return { int: typeCode[type] }
}
export type OnnxNumbers =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int8Array
  | Uint8Array
export type OnnxTensor = {
  readonly name: string
  readonly dims: readonly number[]
  readonly values: OnnxNumbers
}
/** A tensor that goes in or out. */
export type OnnxValue = {
  readonly name: string
  /** float32 where none is said. */
  readonly type?: OnnxType
  /** Sizes; a name stands for one that differs from run to run. */
  readonly dims: readonly (number | string)[]
}
export type OnnxGraph = {
  readonly name: string
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly nodes: readonly OnnxNode[]
  readonly tensors: readonly OnnxTensor[]
  readonly metadata: Readonly<Record<string, string>>
}

/** The bytes of an ONNX file; equal graphs give equal bytes. */
export function onnxModel(graph: OnnxGraph): Uint8Array {
  const body = new Message()
  for (const { operator, inputs, output, attributes = {} } of graph.nodes) {
    const node = new Message()
    for (const input of inputs) node.text(field.node.input, input)
    node.text(field.node.output, output).text(field.node.name, output)
    node.text(field.node.operator, operator)
    for (const [name, value] of Object.entries(attributes)) {
      node.message(field.node.attribute, attributeMessage(name, value))
    }
    if (ownOperators.has(operator)) node.text(field.node.domain, OWN_DOMAIN)
    body.message(field.graph.node, node)
  }
  body.text(field.graph.name, graph.name)
  for (const { name, dims, values } of graph.tensors) {
    const tensor = new Message()
    for (const dim of dims) tensor.int(field.tensor.dims, dim)
    tensor.int(field.tensor.type, typeCode[typeOf(values)]).text(field.tensor.name, name)
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    body.message(field.graph.initializer, tensor.bytes(field.tensor.raw, raw))
  }
  for (const value of graph.inputs) body.message(field.graph.input, valueInfo(value))
  for (const value of graph.outputs) body.message(field.graph.output, valueInfo(value))
  const model = new Message()
    .int(field.model.irVersion, IR_VERSION)
    .text(field.model.producer, 'pinwheel')
    .message(field.model.graph, body)
    .message(field.model.opset, new Message().text(1, '').int(2, OPSET))
  if (graph.nodes.some(({ operator }) => ownOperators.has(operator))) {
    const own = new Message().text(1, OWN_DOMAIN).int(2, OWN_OPSET)
    model.message(field.model.opset, own)
  }
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

function typeOf(values: OnnxNumbers): OnnxType {
  if (values instanceof Float32Array) return 'float32'
  if (values instanceof Float64Array) return 'float64'
  if (values instanceof Int32Array) return 'int32'
  if (values instanceof Int8Array) return 'int8'
  return values instanceof Uint8Array ? 'uint8' : 'int64'
}

function valueInfo({ name, type = 'float32', dims }: OnnxValue): Message {
  const shape = new Message()
  for (const dim of dims) {
    const isNamed = typeof dim === 'string'
    shape.message(1, isNamed ? new Message().text(2, dim) : new Message().int(1, dim))
  }
  const tensor = new Message().int(1, typeCode[type]).message(2, shape)
  return new Message().text(1, name).message(2, new Message().message(1, tensor))
}

function attributeMessage(name: string, value: OnnxAttribute): Message {
  const { attribute } = field
  const message = new Message().text(attribute.name, name)
  if ('ints' in value) {
    for (const int of value.ints) message.int(attribute.ints, int)
    return message.int(attribute.type, ATTRIBUTE_INTS)
  }
  if ('text' in value) {
    return message.text(attribute.text, value.text).int(attribute.type, ATTRIBUTE_TEXT)
  }
  return 'int' in value
    ? message.int(attribute.int, value.int).int(attribute.type, ATTRIBUTE_INT)
    : message.float(attribute.float, value.float).int(attribute.type, ATTRIBUTE_FLOAT)
}
