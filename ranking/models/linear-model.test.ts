import { expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { degreesOf, gramOf, leadingEigen, rowsFrom } from '../algebra/index.ts'
import { Gemm } from '../onnx/index.ts'
import type { BatchModel } from './batch-model.ts'
import { fitEase } from './ease.ts'
import { gfCf, lowPass } from './graph-filter.ts'

const gemm = new Gemm(1)
const random = new Random(4)
const ITEMS = 30
const all = Array.from({ length: ITEMS }, (_, item) => item)
// The last item is nobody's.
const rows = rowsFrom(
  Array.from({ length: 200 }, () => random.shuffle(all.slice(0, -1)).slice(0, 2 + random.below(6))),
)
const degrees = degreesOf(rows, ITEMS)

/** What a history of one item scores: its row of weights. */
async function weightsOf(model: BatchModel): Promise<number[][]> {
  const histories = all.map((item) => Uint32Array.of(item))
  const { columns, values } = await model.score({ users: all, histories })
  return all.map((item) => Array.from(values.subarray(item * columns, (item + 1) * columns)))
}

test.each([
  [20, 0, 0],
  [5, 0.25, 0.1],
])('EASE, lambda %d, powers %d and %d: no weight could be better', async (lambda, user, item) => {
  const options = { lambda, userPower: user, itemPower: item }
  const weights = await weightsOf(await fitEase(rows, ITEMS, gemm, options))
  const gram = gramOf(rows, ITEMS, options).values
  // In the scaled world: B minimises |X - XB|^2 + lambda |B|^2 with nothing on the diagonal.
  const scale = Array.from(degrees, (degree) => degree ** item)
  const scaled = (i: number, j: number) => (weights[i]![j]! * scale[i]!) / scale[j]!
  for (let j = 0; j < ITEMS - 1; j++) {
    expect(weights[j]![j]).toBe(0)
    for (let i = 0; i < ITEMS - 1; i++) {
      if (i === j) continue
      let slope = lambda * scaled(i, j) - gram[i * ITEMS + j]!
      for (let k = 0; k < ITEMS - 1; k++) slope += gram[i * ITEMS + k]! * scaled(k, j)
      expect(slope).toBeCloseTo(0, 3)
    }
  }
})

const powers = { userPower: 0.3, itemPower: 0.4 }
async function spectrumOf() {
  const gram = gramOf(rows, ITEMS, powers)
  return { gram, eigen: await leadingEigen(gemm, gram, { count: ITEMS }), degrees }
}

test('a low-pass of all frequencies with power 1 is the linear filter', async () => {
  const spectrum = await spectrumOf()
  const options = { rank: ITEMS, power: 1, inputPower: 0 }
  const weights = await weightsOf(lowPass(spectrum, gemm, options))
  const greatest = spectrum.eigen.values[0]!
  weights.forEach((row, i) => {
    row.forEach((weight, j) => {
      expect(weight * greatest).toBeCloseTo(spectrum.gram.values[i * ITEMS + j]!, 4)
    })
  })
})

test('the ideal low-pass of few frequencies is a projection: twice is once', async () => {
  const weights = await weightsOf(
    lowPass(await spectrumOf(), gemm, { rank: 7, power: 0, inputPower: 0 }),
  )
  weights.forEach((row, i) => {
    row.forEach((weight, j) => {
      const twice = row.reduce((sum, value, k) => sum + value * weights[k]![j]!, 0)
      expect(twice, `${i} ${j}`).toBeCloseTo(weight, 4)
    })
  })
})

test('GF-CF is the linear filter and a share of the ideal low-pass', async () => {
  const spectrum = await spectrumOf()
  const both = await weightsOf(gfCf(spectrum, gemm, { rank: 7, share: 0.3, inputPower: 0.5 }))
  const options = { rank: 7, power: 0, inputPower: 0.5 }
  const ideal = await weightsOf(lowPass(spectrum, gemm, options))
  both.forEach((row, i) => {
    row.forEach((weight, j) => {
      const linear = spectrum.gram.values[i * ITEMS + j]!
      expect(weight).toBeCloseTo(linear + 0.3 * ideal[i]![j]!, 5)
    })
  })
})

test('a user’s scores do not depend on who else is scored, to the bit', async () => {
  const spectrum = await spectrumOf()
  const ease = await fitEase(rows, ITEMS, gemm)
  const filter = gfCf(spectrum, gemm, { rank: 7, share: 0.3, inputPower: 0.5 })
  for (const model of [ease, filter]) {
    const histories = Array.from({ length: 50 }, () => {
      return Uint32Array.from(random.shuffle(all).slice(0, 1 + random.below(9)))
    })
    const users = histories.map((_, user) => user)
    const together = await model.score({ users, histories })
    for (const [user, history] of histories.entries()) {
      const { values } = await model.score({ users: [user], histories: [history] })
      expect(values).toEqual(together.values.slice(user * ITEMS, (user + 1) * ITEMS))
    }
  }
})
