/** Laws of the kernel: it does as its twin does, and its gradient is the slope of the loss. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { rowsFrom } from '../../algebra/index.ts'
import { factorsExports, wasmFitKernel } from './fit-kernel.ts'
import { type FitArrays, type FitMemory, fitMemory } from './fit-memory.ts'
import { fitHere } from './testing.ts'
import { TwinFitKernel } from './twin.ts'

/** Rows of up to 12 items of `items`, some empty, with repeats. */
function randomRows(users: number, items: number, seed: number) {
  const random = new Random(seed)
  const row = () => Array.from({ length: random.below(13) }, () => random.below(items))
  return rowsFrom([...Array.from({ length: users }, row), [0, 0, items - 1]])
}

const twin = (memory: FitMemory, thread: number) => new TwinFitKernel(memory, thread)
const shapes = fc.record({
  users: fc.integer({ min: 1, max: 12 }),
  items: fc.integer({ min: 1, max: 40 }),
  dimensions: fc.constantFrom(32, 64, 128),
  negatives: fc.constantFrom(4, 12, 64),
  batch: fc.integer({ min: 1, max: 50 }),
  temperature: fc.constantFrom(0.05, 0.15, 1),
  seed: fc.integer({ min: 0, max: 1000 }),
})

/** The farthest that two arrays lie apart. */
function apart(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
}

test('the WASM kernel fits as the twin does', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, async ({ users, seed, temperature, ...shape }) => {
      const rows = randomRows(users, shape.items, seed)
      // The first steps of Adam divide a gradient by its own size, so rounding is all that a
      // gradient of nothing has: the rate keeps some hundred steps of that below the bound.
      const plan = { epochs: 2, temperature, seed }
      const fit = { rows, shape, plan: { ...plan, learningRate: 1e-8 } }
      const one = await fitHere({ ...fit, kernel: wasmFitKernel })
      const other = await fitHere({ ...fit, kernel: twin })
      for (const name of ['users', 'items', 'itemUnits', 'userMean', 'itemMean'] as const) {
        expect(apart(one.memory.arrays[name], other.memory.arrays[name]), name).toBeLessThan(1e-5)
      }
      for (const name of ['drawn', 'order', 'counts', 'cursors'] as const) {
        expect(one.memory.arrays[name]).toEqual(other.memory.arrays[name])
      }
      one.losses.forEach((loss, i) => {
        expect(Math.abs(loss - other.losses[i]!)).toBeLessThan(1e-5)
      })
    }),
    { numRuns: 60, seed: 1 },
  )
})

test('so it does at the usual rate', async () => {
  const rows = randomRows(30, 40, 7)
  const shape = { items: 40, dimensions: 96, negatives: 16, batch: 32 }
  const plan = { epochs: 1, temperature: 0.15, seed: 2 }
  const fitted = { rows, shape, plan: { ...plan, learningRate: 3e-3 } }
  const one = await fitHere({ ...fitted, kernel: wasmFitKernel })
  const other = await fitHere({ ...fitted, kernel: twin })
  expect(apart(one.memory.arrays.items, other.memory.arrays.items)).toBeLessThan(1e-5)
  expect(apart(one.memory.arrays.users, other.memory.arrays.users)).toBeLessThan(1e-5)
})

describe('the gradient', () => {
  const shape = { items: 9, dimensions: 32, negatives: 8, batch: 64 }
  const rows = rowsFrom([[0, 1, 2], [3], [], [2, 4, 8]])

  /** The loss of one batch, in double precision, by factors that the function may move. */
  function lossOf(memory: FitMemory, users: Float64Array, items: Float64Array): number {
    const { dimensions, negatives } = shape
    const { drawn, order, pairUser } = memory.arrays
    const unit = (rows: Float64Array, row: number) => {
      const own = rows.subarray(row * dimensions, (row + 1) * dimensions)
      const length = Math.hypot(...own)
      return own.map((value) => value / length)
    }
    let loss = 0
    for (let example = 0; example < 7; example++) {
      const own = unit(users, pairUser[order[example]!]!)
      const at = example * (negatives + 1)
      const logits = Array.from(drawn.subarray(at, at + negatives + 1), (item) => {
        const other = unit(items, item)
        return own.reduce((sum, value, k) => sum + value * other[k]!, 0) / 0.15
      })
      loss += Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) - logits.at(-1)!
    }
    return loss / 7
  }

  test.each([
    ['WASM', wasmFitKernel],
    ['twin', twin],
  ])('of the %s kernel equals finite differences', async (_, kernel) => {
    const plan = { epochs: 1, temperature: 0.15, seed: 3 }
    // At a rate of nothing the factors stay, and the first mean is a tenth of the gradient.
    const { memory } = await fitHere({ rows, kernel, shape, plan: { ...plan, learningRate: 0 } })
    const { arrays } = memory
    for (const [side, mean] of [
      ['users', 'userMean'],
      ['items', 'itemMean'],
    ] as const) {
      for (let i = 0; i < arrays[side].length; i++) {
        const slope = slopeAt(arrays, side, i, (users, items) => lossOf(memory, users, items))
        // Gradients are of the order of 1; single precision over tens of terms leaves 1e-6.
        expect(Math.abs(10 * arrays[mean][i]! - slope), `${side} ${i}`).toBeLessThan(2e-5)
      }
    }
  })

  function slopeAt(
    arrays: FitArrays,
    side: 'users' | 'items',
    i: number,
    loss: (users: Float64Array, items: Float64Array) => number,
  ): number {
    const step = 1e-5
    const at = (delta: number) => {
      const moved = {
        users: Float64Array.from(arrays.users),
        items: Float64Array.from(arrays.items),
      }
      moved[side][i]! += delta
      return loss(moved.users, moved.items)
    }
    return (at(step) - at(-step)) / (2 * step)
  }
})

test('exp errs by less than 2e-7 of its value from -87 to 0', () => {
  const shape = { users: 1, items: 1, pairs: 1, dimensions: 32, negatives: 4, threads: 1 }
  const { wasm } = fitMemory({ ...shape, batch: 40_000 })
  const { exponentials } = factorsExports(wasm)
  const given = Float32Array.from({ length: 100_000 }, (_, i) => (-87 * i) / 100_000)
  const powers = new Float32Array(wasm.buffer, 4096, given.length)
  powers.set(given)
  exponentials(4096, given.length)
  let most = 0
  given.forEach((x, i) => {
    most = Math.max(most, Math.abs(powers[i]! / Math.exp(x) - 1))
  })
  expect(most).toBeLessThan(2e-7)
  expect(most).toBeGreaterThan(0)
  expect(powers[0]).toBe(1)
})
