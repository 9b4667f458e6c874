/** Functions of one number, and the gates that their gradients need. */

import { assert } from '../../../base/index.ts'
import { add, divide, multiply, scale, shift } from './arithmetic.ts'
import { node, sameDims, type Value } from './tape.ts'

/** max(0, x); its gradient at 0 is 0. */
export function relu(x: Value): Value {
  return one('relu', 'Relu', x, (up, y) => gate(up, y))
}

export function sigmoid(x: Value): Value {
  return one('sigmoid', 'Sigmoid', x, (up, y) => multiply(up, multiply(y, shift(scale(y, -1), 1))))
}

export function tanh(x: Value): Value {
  return one('tanh', 'Tanh', x, (up, y) => multiply(up, shift(scale(multiply(y, y), -1), 1)))
}

export function exponential(x: Value): Value {
  return one('exponential', 'Exp', x, (up, y) => multiply(up, y))
}

/** The natural logarithm, of numbers above 0. */
export function logarithm(x: Value): Value {
  return one('logarithm', 'Log', x, (up) => divide(up, x))
}

/** Of numbers above 0: at 0 the gradient is infinite. */
export function squareRoot(x: Value): Value {
  return one('square root', 'Sqrt', x, (up, y) => divide(scale(up, 0.5), y))
}

/**
 * x · Φ(x) by its usual approximation with tanh (Hendrycks and Gimpel, "Gaussian error linear
 * units", 2016, section 2).
 */
export function gelu(x: Value): Value {
  const cubic = add(x, scale(multiply(x, multiply(x, x)), 0.044715))
  return multiply(scale(x, 0.5), shift(tanh(scale(cubic, Math.sqrt(2 / Math.PI))), 1))
}

/** log(1 + e^x), without overflow: max(0, x) + log(1 + e^-|x|). */
export function softplus(x: Value): Value {
  const zero = x.tape.constant('zero', [1], [0])
  const one = x.tape.constant('one', [1], [1])
  return x.tape.operation('softplus', x.dims, {
    inputs: [x, zero, one],
    emit: ({ inputs: [at, zeroAt, oneAt], output, scratch }) => [
      { operator: 'Abs', inputs: [at!], output: scratch('abs') },
      { operator: 'Neg', inputs: [scratch('abs')], output: scratch('negative') },
      { operator: 'Exp', inputs: [scratch('negative')], output: scratch('exp') },
      { operator: 'Add', inputs: [scratch('exp'), oneAt!], output: scratch('more') },
      { operator: 'Log', inputs: [scratch('more')], output: scratch('log') },
      { operator: 'Max', inputs: [at!, zeroAt!], output: scratch('positive') },
      { operator: 'Add', inputs: [scratch('positive'), scratch('log')], output },
    ],
    gradient: (up) => [multiply(up, sigmoid(x)), undefined, undefined],
  })
}

/** x where `by` is above 0, else 0. */
export function gate(x: Value, by: Value): Value {
  assert(sameDims(x.dims, by.dims), 'a gate has the sizes of what it lets through')
  return x.tape.operation('gate', x.dims, {
    inputs: [x, by, x.tape.constant('zero', [1], [0])],
    emit: ({ inputs: [at, byAt, zeroAt], output, scratch }) => [
      { operator: 'Greater', inputs: [byAt!, zeroAt!], output: scratch('open') },
      { operator: 'Where', inputs: [scratch('open'), at!, zeroAt!], output },
    ],
    gradient: (up) => [gate(up, by), undefined, undefined],
  })
}

function one(
  label: string,
  operator: string,
  x: Value,
  gradient: (up: Value, output: Value) => Value,
): Value {
  return x.tape.operation(label, x.dims, {
    inputs: [x],
    emit: node(operator),
    gradient: (up, output) => [gradient(up, output)],
  })
}
