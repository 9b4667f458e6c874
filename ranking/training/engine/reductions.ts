/** Sums and means along one axis, or of everything. */
import { expand, scale } from './arithmetic.ts'
import { reshape } from './shapes.ts'
import { node, sizeOf, type Value } from './tape.ts'

/** The axis stays, with size 1. */
export function sumAlong(x: Value, axis: number): Value {
  const dims = x.dims.map((size, i) => (i === axis ? 1 : size))
  return x.tape.operation('sum', dims, {
    inputs: [x, x.tape.wholeNumbers('axes', [axis])],
    emit: node('ReduceSum', { keepdims: { int: 1 } }),
    gradient: (up) => [expand(up, x.dims), undefined],
  })
}

/** The axis stays, with size 1. */
export function meanAlong(x: Value, axis: number): Value {
  return scale(sumAlong(x, axis), 1 / x.dims[axis]!)
}

/** The mean of all numbers: [1]. */
export function mean(x: Value): Value {
  const all = sizeOf(x.dims)
  return scale(sumAlong(reshape(x, [all]), 0), 1 / all)
}
