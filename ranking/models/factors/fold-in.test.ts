/** Laws of folding in: it ends at the argmin, of one user whoever else is folded in. */
import { describe, expect, test } from 'vitest'
import { systemClock as clock, Random } from '../../../base/index.ts'
import { rowOf, rowsFrom } from '../../algebra/index.ts'
import { Gemm } from '../../onnx/index.ts'
import { FactorsModel } from './factors-model.ts'
import { type FoldInOptions, foldInDefaults, SoftmaxFoldIn } from './fold-in.ts'
import { fitSoftmaxFactors } from './softmax-factors.ts'

const gemm = new Gemm(1)
const random = new Random(8)
const ITEMS = 50
const DIMENSIONS = 32
const items = unit(Float32Array.from({ length: ITEMS * DIMENSIONS }, () => random.normal()))
const all = Array.from({ length: ITEMS }, (_, item) => item)
const histories = [0, 1, 2, 3, 5, 8, 13, 30, 50].map((count) =>
  Uint32Array.from(random.shuffle([...all]).slice(0, count)),
)

function unit(rows: Float32Array): Float32Array {
  for (let row = 0; row < rows.length; row += DIMENSIONS) {
    const own = rows.subarray(row, row + DIMENSIONS)
    own.set(own.map((value) => value / Math.hypot(...own)))
  }
  return rows
}

/** What is minimised, as the head of `fold-in.ts` has it. */
function lossOf(at: Float64Array, history: Uint32Array, options: FoldInOptions): number {
  const logits = Float64Array.from({ length: ITEMS }, (_, item) => {
    let sum = 0
    for (let k = 0; k < DIMENSIONS; k++) sum += at[k]! * items[item * DIMENSIONS + k]!
    return sum / options.temperature
  })
  const drawn = (options.negatives / ITEMS) * logits.reduce((sum, z) => sum + Math.exp(z), 0)
  const losses = Array.from(history, (item) => {
    return Math.log(Math.exp(logits[item]!) + drawn) - logits[item]!
  })
  return losses.reduce((sum, loss) => sum + loss, 0) / history.length
}

function slopeOf(at: Float64Array, history: Uint32Array, options: FoldInOptions): Float64Array {
  return at.map((_, k) => {
    const moved = (by: number) => at.map((value, j) => (j === k ? value + by : value))
    const step = 1e-5
    const rise = lossOf(moved(step), history, options) - lossOf(moved(-step), history, options)
    return rise / (2 * step)
  })
}

describe.each([
  ['usual', {}],
  ['cold, with many negatives', { temperature: 0.07, negatives: 2000 }],
  ['colder, with few', { temperature: 0.02, negatives: 5 }],
])('folded in, %s', (_what, given) => {
  const options = { ...foldInDefaults, tolerance: 1e-5, steps: 500, ...given }
  const foldIn = new SoftmaxFoldIn({ dimensions: DIMENSIONS, items }, gemm, options)

  test('a user has no slope along the ball, by finite differences, and is the argmin', async () => {
    const { values } = await foldIn.foldIn(histories)
    let inside = 0
    for (const [user, history] of histories.entries()) {
      const own = Float64Array.from(values.subarray(user * DIMENSIONS, (user + 1) * DIMENSIONS))
      if (history.length === 0) {
        expect(Math.hypot(...own)).toBe(0)
        continue
      }
      expect(Math.hypot(...own)).toBeLessThan(1 + 1e-6)
      const slope = slopeOf(own, history, options)
      const next = own.map((value, k) => value - options.temperature ** 2 * slope[k]!)
      const scale = 1 / Math.max(1, Math.hypot(...next))
      const left = Math.hypot(...next.map((value, k) => value * scale - own[k]!))
      // Logits of up to 50 in single precision leave some 1e-5.
      expect(left, `user ${user}`).toBeLessThan(5e-5)
      inside += Number(Math.hypot(...own) < 0.999)
      const loss = lossOf(own, history, options)
      for (let n = 0; n < 40; n++) {
        const noise = Float64Array.from(own, () => random.normal())
        const size = 10 ** -(n % 4)
        const other = own.map((value, k) => value + (size * noise[k]!) / Math.hypot(...noise))
        const shrink = 1 / Math.max(1, Math.hypot(...other))
        const there = lossOf(
          other.map((value) => value * shrink),
          history,
          options,
        )
        expect(there).toBeGreaterThan(loss - 1e-5)
      }
    }
    // Of those with everything the ball does not bind.
    expect(inside).toBeGreaterThan(0)
    expect(inside).toBeLessThan(histories.length - 1)
  })

  test('a user does not hang on who else is', async () => {
    const together = await foldIn.foldIn(histories)
    for (const [user, history] of histories.entries()) {
      const alone = await foldIn.foldIn([history])
      const own = together.values.slice(user * DIMENSIONS, (user + 1) * DIMENSIONS)
      expect(alone.values).toEqual(own)
    }
  })
})

test('users whom no fit has seen find their camp', async () => {
  const row = (user: number) =>
    Array.from({ length: 6 }, () => 2 * random.below(ITEMS / 2) + (user % 2))
  const rows = rowsFrom(Array.from({ length: 90 }, (_, user) => row(user)))
  const options = { dimensions: 32, negatives: 8, batch: 64, epochs: 60, learningRate: 0.02 }
  const factors = await fitSoftmaxFactors(rows, ITEMS, options, { clock })
  const model = new FactorsModel(factors, gemm, { negatives: 8 })
  const strangers = rowsFrom(Array.from({ length: 20 }, (_, user) => [...new Set(row(user))]))
  const asked = Array.from({ length: 20 }, (_, user) => rowOf(strangers, user))
  const { values } = await model.score({ users: asked.map((_, i) => 90 + i), histories: asked })
  let own = 0
  for (let user = 0; user < 20; user++) {
    const scores = values.subarray(user * ITEMS, (user + 1) * ITEMS)
    const best = [...all].sort((a, b) => scores[b]! - scores[a]!).slice(0, 12)
    own += best.filter((item) => item % 2 === user % 2).length / 12 / 20
  }
  // By chance it would be half.
  expect(own).toBeGreaterThan(0.95)
})
