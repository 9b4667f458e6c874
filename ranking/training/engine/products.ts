/** Products of matrices, which is where the time goes: ONNX `Gemm` and `MatMul`. */
import { assert } from '../../../base/index.ts'
import { sumTo } from './arithmetic.ts'
import { transpose } from './shapes.ts'
import { node, type Value } from './tape.ts'

/** Which of the two matrices stand transposed. */
export type Transposed = { readonly a?: boolean; readonly b?: boolean }

/** x [rows, inputs] · weights [inputs, outputs] + biases [outputs]. */
export function dense(x: Value, weights: Value, biases: Value): Value {
  const [rows, inputs] = x.dims
  const [rowsOfWeights, outputs] = weights.dims
  const fits = inputs === rowsOfWeights && biases.dims[0] === outputs
  assert(x.dims.length === 2 && fits, 'a dense layer has weights for its inputs and outputs')
  return x.tape.operation('dense', [rows!, outputs!], {
    inputs: [x, weights, biases],
    emit: node('Gemm'),
    gradient: (up) => [
      product(up, weights, { b: true }),
      product(x, up, { a: true }),
      sumTo(up, biases.dims),
    ],
  })
}

/** op(a) · op(b), of two matrices. */
export function product(a: Value, b: Value, transposed: Transposed = {}): Value {
  const [rows, inner] = transposed.a ? [a.dims[1], a.dims[0]] : a.dims
  const [innerOfB, columns] = transposed.b ? [b.dims[1], b.dims[0]] : b.dims
  assert(a.dims.length === 2 && b.dims.length === 2, 'a product is of two matrices')
  assert(inner === innerOfB, 'the columns of one are the rows of the other')
  const attributes = {
    transA: { int: Number(transposed.a ?? false) },
    transB: { int: Number(transposed.b ?? false) },
  }
  return a.tape.operation('product', [rows!, columns!], {
    inputs: [a, b],
    emit: node('Gemm', attributes),
    gradient: (up) => [
      transposed.a
        ? product(b, up, { a: transposed.b ?? false, b: true })
        : product(up, b, { b: !transposed.b }),
      transposed.b
        ? product(up, a, { a: true, b: transposed.a ?? false })
        : product(a, up, { a: !transposed.a }),
    ],
  })
}

/** A product for each of the leading axes, which are equal: [… , m, k] · [… , k, n]. */
export function products(a: Value, b: Value): Value {
  const axes = a.dims.length
  const leading = a.dims.slice(0, -2)
  assert(axes > 2 && axes === b.dims.length, 'stacks of matrices have as many axes')
  assert(
    leading.every((size, axis) => size === b.dims[axis]),
    'stacks of matrices are as high',
  )
  assert(a.dims[axes - 1] === b.dims[axes - 2], 'the columns of one are the rows of the other')
  return a.tape.operation('products', [...leading, a.dims[axes - 2]!, b.dims[axes - 1]!], {
    inputs: [a, b],
    emit: node('MatMul'),
    gradient: (up) => [products(up, flipped(b)), products(flipped(a), up)],
  })
}

/** With the last two axes exchanged. */
export function flipped(x: Value): Value {
  const axes = x.dims.map((_, axis) => axis)
  const [row, column] = axes.splice(-2)
  return transpose(x, [...axes, column!, row!])
}
