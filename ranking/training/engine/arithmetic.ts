/**
 * Sums, differences, products and quotients, element by element. A smaller tensor is repeated along
 * axes of size 1 and along leading axes that it lacks (ONNX "multidirectional broadcasting"); its
 * gradient is the sum over what was repeated.
 */
import { assert } from '../../../base/index.ts'
import { type Dims, node, sameDims, type Value } from './tape.ts'

export function add(a: Value, b: Value): Value {
  return both('add', 'Add', a, b, (up) => [up, up])
}

export function subtract(a: Value, b: Value): Value {
  return both('subtract', 'Sub', a, b, (up) => [up, scale(up, -1)])
}

export function multiply(a: Value, b: Value): Value {
  return both('multiply', 'Mul', a, b, (up) => [multiply(up, b), multiply(up, a)])
}

export function divide(a: Value, b: Value): Value {
  return both('divide', 'Div', a, b, (up, y) => {
    const byA = divide(up, b)
    return [byA, scale(multiply(byA, y), -1)]
  })
}

/** factor · a */
export function scale(a: Value, factor: number): Value {
  const factorValue = a.tape.constant('factor', [1], [factor])
  return a.tape.operation('scale', a.dims, {
    inputs: [a, factorValue],
    emit: node('Mul'),
    gradient: (up) => [scale(up, factor), undefined],
  })
}

/** a + term */
export function shift(a: Value, term: number): Value {
  return a.tape.operation('shift', a.dims, {
    inputs: [a, a.tape.constant('term', [1], [term])],
    emit: node('Add'),
    gradient: (up) => [up, undefined],
  })
}

/** Summed along what was repeated to reach its sizes, until it has `dims`. */
export function sumTo(value: Value, dims: Dims): Value {
  if (sameDims(value.dims, dims)) return value
  const leading = value.dims.length - dims.length
  const axes = value.dims.flatMap((size, axis) =>
    axis < leading || (dims[axis - leading] === 1 && size !== 1) ? [axis] : [],
  )
  const axesValue = value.tape.wholeNumbers('axes', axes)
  const kept = value.dims.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const sum = value.tape.operation('sum to', kept, {
    inputs: [value, axesValue],
    emit: node('ReduceSum', { keepdims: { int: 1 } }),
    gradient: (up) => [expand(up, value.dims), undefined],
  })
  return leading === 0 ? sum : unlead(sum, dims)
}

/** Repeated until it has `dims`. */
export function expand(value: Value, dims: Dims): Value {
  if (sameDims(value.dims, dims)) return value
  return value.tape.operation('expand', dims, {
    inputs: [value, value.tape.wholeNumbers('sizes', dims)],
    emit: node('Expand'),
    gradient: (up) => [sumTo(up, value.dims), undefined],
  })
}

/** Without leading axes of size 1. */
function unlead(value: Value, dims: Dims): Value {
  return value.tape.operation('unlead', dims, {
    inputs: [value, value.tape.wholeNumbers('sizes', dims)],
    emit: node('Reshape'),
    gradient: (up) => [expand(up, value.dims), undefined],
  })
}

function both(
  label: string,
  operator: string,
  a: Value,
  b: Value,
  gradient: (up: Value, output: Value) => readonly [Value, Value],
): Value {
  return a.tape.operation(label, broadcast(a.dims, b.dims), {
    inputs: [a, b],
    emit: node(operator),
    gradient: (up, output) => {
      const [byA, byB] = gradient(up, output)
      return [sumTo(byA, a.dims), sumTo(byB, b.dims)]
    },
  })
}

function broadcast(a: Dims, b: Dims): Dims {
  const axes = Math.max(a.length, b.length)
  return Array.from({ length: axes }, (_, axis) => {
    const mine = a[axis - axes + a.length] ?? 1
    const theirs = b[axis - axes + b.length] ?? 1
    const fits = mine === theirs || mine === 1 || theirs === 1
    assert(fits, `sizes ${a.join(' × ')} and ${b.join(' × ')} do not fit together`)
    return Math.max(mine, theirs)
  })
}
