/** The same numbers in other sizes, and parts of them. */
import { assert } from '../../../base/index.ts'
import { type Dims, node, sizeOf, type Value } from './tape.ts'

export function reshape(x: Value, dims: Dims): Value {
  assert(sizeOf(dims) === sizeOf(x.dims), 'a tensor keeps its numbers when it is reshaped')
  return x.tape.operation('reshape', dims, {
    inputs: [x, x.tape.wholeNumbers('sizes', dims)],
    emit: node('Reshape'),
    gradient: (up) => [reshape(up, x.dims), undefined],
  })
}

/** Axis i of the result is axis `order[i]` of x. */
export function transpose(x: Value, order: readonly number[]): Value {
  const dims = order.map((axis) => x.dims[axis]!)
  assert(new Set(order).size === x.dims.length, 'a transposition names each axis once')
  const inverse = order.map((_, axis) => order.indexOf(axis))
  return x.tape.operation('transpose', dims, {
    inputs: [x],
    emit: node('Transpose', { perm: { ints: order } }),
    gradient: (up) => [transpose(up, inverse)],
  })
}

/** One after the other along an axis. */
export function concatenate(parts: readonly Value[], axis: number): Value {
  const [first] = parts
  assert(first !== undefined, 'something is concatenated')
  for (const { dims } of parts) {
    const fits = dims.every((size, i) => i === axis || size === first.dims[i])
    assert(fits && dims.length === first.dims.length, 'parts differ along one axis alone')
  }
  const total = parts.reduce((sum, { dims }) => sum + dims[axis]!, 0)
  const dims = first.dims.map((size, i) => (i === axis ? total : size))
  return first.tape.operation('concatenate', dims, {
    inputs: parts,
    emit: node('Concat', { axis: { int: axis } }),
    gradient: (up) => {
      let from = 0
      return parts.map((part) => {
        const begin = from
        from += part.dims[axis]!
        return slice(up, axis, begin, from)
      })
    },
  })
}

/** Places [from, to) along an axis. */
export function slice(x: Value, axis: number, from: number, to: number): Value {
  const size = x.dims[axis]!
  assert(from >= 0 && from < to && to <= size, 'a slice lies within its axis')
  if (to - from === size) return x
  const { tape } = x
  const dims = x.dims.map((length, i) => (i === axis ? to - from : length))
  const bounds = [from, to, axis].map((bound) => tape.wholeNumbers('bound', [bound]))
  return tape.operation('slice', dims, {
    inputs: [x, ...bounds],
    emit: node('Slice'),
    gradient: (up) => [padded(up, axis, from, size), undefined, undefined, undefined],
  })
}

/** With zeros before and behind along an axis, until it has `size` there. */
function padded(x: Value, axis: number, before: number, size: number): Value {
  const { tape } = x
  const zeros = (length: number) => {
    if (length === 0) return []
    const dims = x.dims.map((known, i) => (i === axis ? length : known))
    return [tape.constant('zeros', dims, new Array<number>(sizeOf(dims)).fill(0))]
  }
  const after = size - before - x.dims[axis]!
  return concatenate([...zeros(before), x, ...zeros(after)], axis)
}
