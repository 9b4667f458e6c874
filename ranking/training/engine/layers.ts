/**
 * What a network is built of: layers that say which parameters, tables and masks they need while
 * they write their expression. The same function builds the network that trains and the one that
 * serves; only dropout differs.
 */
import { assert } from '../../../base/index.ts'
import { multiply } from './arithmetic.ts'
import type { ParameterShape } from './dense-parameters.ts'
import { relu } from './elementwise.ts'
import type { TableShape } from './embedding-table.ts'
import { layerNorm } from './normalise.ts'
import { dense } from './products.ts'
import { type Dims, sizeOf, Tape, type Value } from './tape.ts'

/** Numbers that the caller gives with each batch. */
export type BatchInput = { readonly value: Value; readonly isIndex: boolean }
/** A mask drawn anew at each step. */
export type Mask = { readonly value: Value; readonly share: number }

/** Writes a network for `layers.rows` rows: a loss of one number, and what it answers. */
export type Network = (layers: Layers) => {
  readonly loss: Value
  readonly outputs: Readonly<Record<string, Value>>
}

export class Layers {
  readonly tape: Tape
  readonly rows: number
  readonly #isTraining: boolean
  readonly parameters: (ParameterShape & { readonly value: Value })[] = []
  readonly tables: (TableShape & { readonly value: Value })[] = []
  readonly inputs: BatchInput[] = []
  readonly masks: Mask[] = []

  /** `tape` is one of its own unless a check of gradients brings it. */
  constructor(rows: number, isTraining: boolean, tape = new Tape()) {
    this.tape = tape
    this.rows = rows
    this.#isTraining = isTraining
  }

  /** [rows, columns] */
  input(name: string, columns: number): Value {
    const value = this.tape.input(name, [this.rows, columns])
    this.inputs.push({ value, isIndex: false })
    return value
  }

  /** Whole numbers: [rows, columns]. */
  index(name: string, columns: number): Value {
    const value = this.tape.index(name, [this.rows, columns])
    this.inputs.push({ value, isIndex: true })
    return value
  }

  /** Rows of a table that is trained along: [lookups, width]. */
  embedding(shape: TableShape): Value {
    const value = this.tape.input(shape.name, [shape.lookups, shape.width])
    this.tables.push({ ...shape, value })
    return value
  }

  parameter(name: string, dims: Dims, start: ParameterShape['start'], decays = false): Value {
    const value = this.tape.input(name, dims)
    this.parameters.push({ name, dims, start, decays, value })
    return value
  }

  /** Weights start as He et al. (2015) say where a ReLU follows, and half as wide elsewhere. */
  dense(name: string, x: Value, outputs: number, activation?: 'relu'): Value {
    const inputs = x.dims[1]!
    const isRelu = activation === 'relu'
    const deviation = Math.sqrt((isRelu ? 2 : 1) / inputs)
    const weights = this.parameter(`${name} weights`, [inputs, outputs], { deviation }, true)
    const sum = dense(x, weights, this.parameter(`${name} biases`, [outputs], { all: 0 }))
    return isRelu ? relu(sum) : sum
  }

  layerNorm(name: string, x: Value): Value {
    const width = x.dims.at(-1)!
    const gain = this.parameter(`${name} gain`, [width], { all: 1 })
    return layerNorm(x, gain, this.parameter(`${name} offset`, [width], { all: 0 }))
  }

  /** Leaves out a `share` of the numbers while training, and scales the others up. */
  dropout(x: Value, share: number): Value {
    return this.#masked(x, share, x.dims)
  }

  /** Leaves out a `share` of the rows while training, each as a whole, and scales the others up. */
  dropRows(x: Value, share: number): Value {
    return this.#masked(x, share, [x.dims[0]!, 1])
  }

  #masked(x: Value, share: number, dims: Dims): Value {
    assert(share >= 0 && share < 1, 'dropout leaves something')
    if (!this.#isTraining || share === 0) return x
    const value = this.tape.input(`mask ${this.masks.length}`, dims)
    // The kernel writes four numbers at once.
    assert(sizeOf(dims) % 4 === 0, 'a mask has a multiple of four numbers')
    this.masks.push({ value, share })
    return multiply(x, value)
  }
}
