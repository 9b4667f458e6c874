/**
 * Products of dense matrices on onnxruntime: one session for each form of the operator Gemm, whose
 * sizes may differ from run to run. Matrices are row-major float32 and are read where they lie.
 *
 * For fits and evaluation, not for requests: a product keeps its thread until it is done.
 *
 * Law: a row of the product is the same to the bit whatever other rows it has. A single row would
 * take another way through the library, so it is given company.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { assert, unbroken } from '../../base/index.ts'
import { onnxModel } from './model-builder.ts'

export type Matrix = {
  readonly rows: number
  readonly columns: number
  readonly values: Float32Array
}

/** alpha * op(a) * op(b) + add. */
export type Product = {
  readonly a: Matrix
  readonly b: Matrix
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  readonly alpha?: number
  /** As large as the product. */
  readonly add?: Matrix
}

export class Gemm {
  readonly #threads: number
  readonly #sessions = new Map<string, Promise<InferenceSession>>()

  /** `threads` of onnxruntime's own. The order of sums, and so the last bits, may depend on them. */
  constructor(threads: number) {
    this.#threads = threads
  }

  /** A new matrix. */
  async multiply(product: Product): Promise<Matrix> {
    const { a, b, transposeA = false, transposeB = false, add } = product
    const rows = transposeA ? a.columns : a.rows
    const inner = transposeA ? a.rows : a.columns
    const columns = transposeB ? b.rows : b.columns
    assert(inner === (transposeB ? b.columns : b.rows), 'inner sizes of a product agree')
    assert(!add || (add.rows === rows && add.columns === columns), 'what is added fits')
    const session = await this.#session(product)
    const isAlone = rows === 1 && !transposeA
    const [left, c] = isAlone ? [twice(a), add && twice(add)] : [a, add]
    const feeds = { a: tensorOf(left), b: tensorOf(b), ...(c && { c: tensorOf(c) }) }
    const { y } = await unbroken(() => session.run(feeds))
    const values = y?.data
    assert(values instanceof Float32Array, 'a product is of floats')
    return { rows, columns, values: isAlone ? values.subarray(0, columns) : values }
  }

  #session(product: Product): Promise<InferenceSession> {
    const { transposeA = false, transposeB = false, alpha = 1, add } = product
    const form = [transposeA, transposeB, alpha, add !== undefined].join()
    const known = this.#sessions.get(form)
    if (known) return known
    const names = add ? ['a', 'b', 'c'] : ['a', 'b']
    const attributes = {
      alpha: { float: alpha },
      transA: { int: Number(transposeA) },
      transB: { int: Number(transposeB) },
    }
    const bytes = onnxModel({
      name: 'product',
      inputs: names.map((name) => ({ name, dims: [`${name} rows`, `${name} columns`] })),
      outputs: [{ name: 'y', dims: ['y rows', 'y columns'] }],
      nodes: [{ operator: 'Gemm', inputs: names, output: 'y', attributes }],
      tensors: [],
      metadata: {},
    })
    const session = unbroken(() => {
      return InferenceSession.create(bytes, {
        executionProviders: ['cpu'],
        intraOpNumThreads: this.#threads,
        interOpNumThreads: 1,
        enableMemPattern: false,
        enableCpuMemArena: false,
        logSeverityLevel: 3,
      })
    })
    this.#sessions.set(form, session)
    return session
  }
}

function twice({ columns, values }: Matrix): Matrix {
  const both = new Float32Array(2 * columns)
  both.set(values)
  both.set(values, columns)
  return { rows: 2, columns, values: both }
}

function tensorOf({ rows, columns, values }: Matrix): Tensor {
  assert(values.length === rows * columns, 'a matrix has as many numbers as its sizes say')
  return new Tensor('float32', values, [rows, columns])
}
