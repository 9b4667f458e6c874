/** The kernel against the same said plainly. */
import { describe, expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { EmbeddingTable } from './embedding-table.ts'
import { KernelMemory } from './kernel-memory.ts'
import { type Optimiser, stepOf } from './optimiser.ts'

const LENGTH = 64
const adam: Optimiser = { kind: 'adam', rate: 0.01, decay: 0.1 }
const sgd: Optimiser = { kind: 'sgd', rate: 0.01, momentum: 0.9, decay: 0.1 }

type Lists = { weight: number[]; mean: number[]; square: number[] }

/** Adam and SGD as their papers write them, in double precision. */
function follow(lists: Lists, gradient: readonly number[], optimiser: Optimiser, step: number) {
  const { rate, decay } = optimiser
  gradient.forEach((g, i) => {
    const kept = lists.weight[i]! * (1 - rate * decay)
    if (optimiser.kind === 'sgd') {
      lists.mean[i] = optimiser.momentum * lists.mean[i]! + g
      lists.weight[i] = kept - rate * lists.mean[i]!
      return
    }
    lists.mean[i] = 0.9 * lists.mean[i]! + 0.1 * g
    lists.square[i] = 0.999 * lists.square[i]! + 0.001 * g * g
    const mean = lists.mean[i]! / (1 - 0.9 ** step)
    const square = lists.square[i]! / (1 - 0.999 ** step)
    lists.weight[i] = kept - (rate * mean) / (Math.sqrt(square) + 1e-8)
  })
}

const close = (actual: Float32Array, expected: readonly number[]) => {
  actual.forEach((value, i) => {
    // Single precision, a dozen operations: the epsilon under the root is corrected a little apart.
    expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-6 * (1 + Math.abs(expected[i]!)))
  })
}

test.each([adam, sgd])(
  'a list follows its gradient as $kind says, step after step',
  (optimiser) => {
    const random = new Random(3)
    const memory = new KernelMemory('test', [LENGTH, LENGTH, LENGTH, LENGTH])
    const [weight, mean, square, gradient] = [0, 1, 2, 3].map(() => memory.floats(LENGTH))
    weight!.set(Array.from({ length: LENGTH }, () => random.normal()))
    const plain: Lists = {
      weight: [...weight!],
      mean: new Array(LENGTH).fill(0),
      square: new Array(LENGTH).fill(0),
    }
    const at = (list: Float32Array | undefined) => list!.byteOffset
    for (let number = 1; number <= 20; number++) {
      gradient!.set(Array.from({ length: LENGTH }, () => random.normal() / number))
      const { rate, spread, keep } = stepOf(optimiser, number)
      const { kernel } = memory
      const [w, m, g] = [at(weight), at(mean), at(gradient)]
      if (optimiser.kind === 'adam') {
        kernel.adam(w, m, at(square), g, LENGTH, rate, spread, keep)
      } else kernel.sgd(w, m, g, LENGTH, rate, optimiser.momentum, keep)
      follow(plain, [...gradient!], optimiser, number)
      close(weight!, plain.weight)
    }
  },
)

describe('a table', () => {
  const shape = { name: 'pins', rows: 10, width: 8, lookups: 6, deviation: 1 }
  const ids = [7, 2, 7, 0, 2, 7]

  test.each([adam, sgd])('moves a row once by the sum of its gradients, by $kind', (optimiser) => {
    const table = new EmbeddingTable(shape, new Random(5))
    const rows = new Map([...new Set(ids)].map((id) => [id, [...table.row(id)]] as const))
    const untouched = [...table.row(5)]
    table.ids.set(ids)
    table.gather()
    ids.forEach((id, i) => {
      expect([...table.gathered.subarray(8 * i, 8 * i + 8)]).toEqual(rows.get(id))
    })
    const random = new Random(6)
    table.gradient.set(Array.from({ length: 48 }, () => random.normal()))
    const sums = new Map<number, number[]>()
    ids.forEach((id, i) => {
      const known = sums.get(id) ?? new Array<number>(8).fill(0)
      sums.set(
        id,
        known.map((sum, d) => sum + table.gradient[8 * i + d]!),
      )
    })
    table.step(stepOf(optimiser, 1))
    for (const [id, weight] of rows) {
      const zeros = () => new Array<number>(8).fill(0)
      const lists = { weight: [...weight], mean: zeros(), square: zeros() }
      follow(lists, sums.get(id)!, optimiser, 1)
      close(table.row(id), lists.weight)
    }
    expect([...table.row(5)]).toEqual(untouched)
  })

  test('refuses a row that it does not have', () => {
    const table = new EmbeddingTable(shape, new Random(5))
    table.ids[3] = 10
    expect(() => table.gather()).toThrow('rows that are in the table')
  })

  test('of more than 4 GiB is refused before anything is reserved', () => {
    const huge = { ...shape, rows: 2_000_000, width: 256 }
    expect(() => new EmbeddingTable(huge, new Random(5))).toThrow('6144012416 bytes')
  })
})

test('a mask leaves out its share, scales the rest, and depends on its key alone', () => {
  const length = 40_000
  const memory = new KernelMemory('test', [length, length])
  const [first, second] = [memory.floats(length), memory.floats(length)]
  const draw = (to: Float32Array, key: number, share: number) =>
    memory.kernel.dropout(to.byteOffset, length, key, share * 2 ** 32, 1 / (1 - share))
  draw(first, 11, 0.3)
  draw(second, 11, 0.3)
  expect(second).toEqual(first)
  const left = first.filter((value) => value === 0).length / length
  // Three deviations of a binomial share: 3 · sqrt(.21 / 40,000).
  expect(Math.abs(left - 0.3)).toBeLessThan(0.007)
  expect(new Set(first)).toEqual(new Set([0, Math.fround(1 / 0.7)]))
  draw(second, 12, 0.3)
  const both = first.filter((value, i) => value === 0 && second[i] === 0).length / length
  // Masks of two keys are independent: .09, deviation .0014.
  expect(Math.abs(both - 0.09)).toBeLessThan(0.0043)
  draw(second, 12, 0)
  expect(second.every((value) => value === 1)).toBe(true)
})
