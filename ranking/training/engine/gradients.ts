/**
 * Reverse mode (Linnainmaa, 1970; Griewank and Walther, "Evaluating Derivatives", 2008, chapter 3):
 * from a single number back to what it depends on, each operation once, in the reverse of the order
 * in which they were made.
 */
import { assert } from '../../../base/index.ts'
import { add } from './arithmetic.ts'
import { sameDims, sizeOf, type Value } from './tape.ts'

/** The gradient of `loss` by each of `wanted`, as values of the same tape; zeros are refused. */
export function gradients(loss: Value, wanted: readonly Value[]): Value[] {
  assert(sizeOf(loss.dims) === 1, 'the gradient is of a single number')
  const { tape } = loss
  const reached = dependents(loss, wanted)
  const sums = new Map<Value, Value>([[loss, tape.constant('one', loss.dims, [1])]])
  const before = tape.values.slice(0, tape.values.indexOf(loss) + 1)
  for (const value of before.reverse()) {
    const upstream = sums.get(value)
    if (!upstream || value.origin.kind !== 'operation' || !reached.has(value)) continue
    const { operation } = value.origin
    const parts = operation.gradient(upstream, value)
    operation.inputs.forEach((input, i) => {
      const part = parts[i]
      if (!part || !reached.has(input)) return
      assert(sameDims(part.dims, input.dims), `the gradient by ${input.name} has its sizes`)
      const known = sums.get(input)
      sums.set(input, known ? add(known, part) : part)
    })
  }
  return wanted.map((value) => {
    const sum = sums.get(value)
    assert(sum !== undefined, `${loss.name} depends on ${value.name}`)
    return sum
  })
}

/** What lies between the loss and a wanted value: no other gradient is worth making. */
function dependents(loss: Value, wanted: readonly Value[]): ReadonlySet<Value> {
  const reached = new Set<Value>(wanted)
  for (const value of loss.tape.values) {
    if (value.origin.kind !== 'operation') continue
    if (value.origin.operation.inputs.some((input) => reached.has(input))) reached.add(value)
  }
  return reached
}
