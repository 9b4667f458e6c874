/**
 * Expressions over tensors, recorded in the order in which they are made: each value knows the
 * values it was made of, the ONNX nodes that compute it and how a gradient passes it. Reverse mode
 * (`gradients.ts`) walks the record backwards and adds values to the same tape, so a gradient is an
 * expression like any other. Nothing is computed here: `program.ts` writes the ONNX graph and
 * onnxruntime runs it.
 *
 * Sizes are fixed when a tape is made, the batch's too. Numbers are of one type in a whole graph,
 * chosen when it is written: float32 to train, float64 to check gradients.
 */
import { assert } from '../../../base/index.ts'
import type { OnnxNode } from '../../onnx/index.ts'

/** Sizes of a tensor, the slowest first. */
export type Dims = readonly number[]

/** Writes nodes; `scratch` names what lies between two of them. */
export type Emit = (names: {
  readonly inputs: readonly string[]
  readonly output: string
  readonly scratch: (label: string) => string
}) => readonly OnnxNode[]

/** How a value comes to be. */
export type Operation = {
  readonly inputs: readonly Value[]
  readonly emit: Emit
  /**
   * The gradient by each input, from the gradient by `output`; undefined for an input that has
   * none, such as a whole number or a mask.
   */
  readonly gradient: (upstream: Value, output: Value) => readonly (Value | undefined)[]
}

export type Origin =
  | { readonly kind: 'input' }
  /** Whole numbers: which rows, which classes. */
  | { readonly kind: 'index' }
  | { readonly kind: 'constant'; readonly values: Float64Array | BigInt64Array }
  | { readonly kind: 'operation'; readonly operation: Operation }

export type Value = {
  readonly tape: Tape
  readonly name: string
  readonly dims: Dims
  readonly origin: Origin
}

export class Tape {
  readonly #values: Value[] = []
  readonly #names = new Set<string>()

  /** All values, each after those it is made of. */
  get values(): readonly Value[] {
    return this.#values
  }

  /** Numbers that are given at each run. */
  input(name: string, dims: Dims): Value {
    return this.#add(name, dims, { kind: 'input' })
  }

  /** Whole numbers that are given at each run. */
  index(name: string, dims: Dims): Value {
    return this.#add(name, dims, { kind: 'index' })
  }

  constant(label: string, dims: Dims, values: readonly number[]): Value {
    assert(values.length === sizeOf(dims), 'a constant has as many numbers as its sizes say')
    return this.#add(this.#fresh(label), dims, {
      kind: 'constant',
      values: Float64Array.from(values),
    })
  }

  /** A list of whole numbers. */
  wholeNumbers(label: string, values: readonly number[]): Value {
    const origin = { kind: 'constant', values: BigInt64Array.from(values, BigInt) } as const
    return this.#add(this.#fresh(label), [values.length], origin)
  }

  operation(label: string, dims: Dims, operation: Operation): Value {
    for (const input of operation.inputs) {
      assert(input.tape === this, 'an expression is of values of one tape')
    }
    return this.#add(this.#fresh(label), dims, { kind: 'operation', operation })
  }

  #fresh(label: string): string {
    return `${label}.${this.#values.length}`
  }

  #add(name: string, dims: Dims, origin: Origin): Value {
    assert(!this.#names.has(name), `a tape names each value once, ${name} is there`)
    assert(
      dims.every((size) => Number.isInteger(size) && size > 0),
      `sizes are whole and above 0, those of ${name} are ${dims.join(' × ')}`,
    )
    this.#names.add(name)
    const value = { tape: this, name, dims, origin }
    this.#values.push(value)
    return value
  }
}

export function sizeOf(dims: Dims): number {
  return dims.reduce((product, size) => product * size, 1)
}

export function sameDims(a: Dims, b: Dims): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

/** One node of an operator that has no attributes. */
export function node(operator: string, attributes: OnnxNode['attributes'] = {}): Emit {
  return ({ inputs, output }) => [{ operator, inputs, output, attributes }]
}
