/** Laws of implicit ALS, held against its objective and dense solutions in float64. */
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { systemClock as clock, Random } from '../../../base/index.ts'
import { distinct, type Rows, rowOf, rowsFrom } from '../../algebra/index.ts'
import { Gemm } from '../../onnx/index.ts'
import { fitIals, type IalsOptions, ialsDefaults, ridgeOf } from './ials.ts'
import { type IalsMemory, ialsBytes, type Side, sides } from './ials-memory.ts'
import { IalsModel } from './ials-model.ts'
import { denseGram, denseRow } from './testing.ts'

const gemm = new Gemm(1)
const random = new Random(6)
const ITEMS = 30
/** Up to 20 of the items, some users without any; the first item is nearly everybody's. */
const rows = rowsFrom([
  ...Array.from({ length: 90 }, (_, user) => [
    ...(user % 9 === 0 ? [] : [0, 0]),
    ...Array.from({ length: random.below(20) }, () => 1 + random.below(ITEMS - 2)),
  ]),
  [],
])
const USERS = rows.offsets.length - 1
const saves = distinct(rows)
const options: IalsOptions = {
  ...ialsDefaults,
  dimensions: 16,
  sweeps: 3,
  ridge: 0.02,
  unobserved: 0.2,
}

const rowAt = (factors: Float32Array, row: number) =>
  factors.subarray(row * options.dimensions, (row + 1) * options.dimensions)
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, k) => sum + x * b[k]!, 0)

/** What is minimised, as the head of `ials.ts` has it. */
function objective({ users, items }: IalsMemory, data: Rows): number {
  let sum = 0
  for (let user = 0; user < USERS; user++) {
    const own = rowAt(users.factors, user)
    for (let item = 0; item < ITEMS; item++) {
      sum += options.unobserved * dot(own, rowAt(items.factors, item)) ** 2
    }
    for (const item of rowOf(data, user)) sum += (1 - dot(own, rowAt(items.factors, item))) ** 2
    const n = rowOf(data, user).length
    sum += ridgeOf(n, ITEMS, options) * dot(own, own)
  }
  for (let item = 0; item < ITEMS; item++) {
    const own = rowAt(items.factors, item)
    const n = data.items.filter((other) => other === item).length
    sum += ridgeOf(n, USERS, options) * dot(own, own)
  }
  return sum
}

describe('a half-sweep', () => {
  // Popular items have more savers than there are dimensions, and than are gathered at once.
  test.each([
    [16, 20],
    [40, 1],
  ])('in %d dimensions is the dense solution, of few saves, many or none', async (d, many) => {
    const given = { ...options, dimensions: d, sweeps: 2 }
    let looked = 0
    const onHalf = (side: Side, memory: IalsMemory) => {
      const other = memory[side === 'users' ? 'items' : 'users'].factors
      const gram = denseGram(other, d)
      const { factors, offsets, indices } = memory[side]
      for (let r = 0; r < memory.shape[side]; r++) {
        const list = indices.subarray(offsets[r], offsets[r + 1])
        const exact = denseRow(other, gram, list, given)
        const length = Math.max(1, Math.hypot(...exact))
        factors.subarray(r * d, (r + 1) * d).forEach((value, k) => {
          expect(Math.abs(value - exact[k]!) / length, `${side} ${r}`).toBeLessThan(1e-5)
        })
        looked += Number(list.length > d)
      }
    }
    await fitIals(rows, ITEMS, given, { clock, onHalf })
    expect(looked).toBeGreaterThanOrEqual(many)
  })

  test('lowers the objective, each time', async () => {
    const told: number[] = []
    const onHalf = (_side: Side, memory: IalsMemory) => void told.push(objective(memory, saves))
    await fitIals(rows, ITEMS, { ...options, sweeps: 6 }, { clock, onHalf })
    expect(told).toHaveLength(12)
    told.slice(1).forEach((value, half) => {
      expect(value, `half ${half + 1}`).toBeLessThan(told[half]! * (1 + 1e-6))
    })
    expect(told.at(-1)).toBeLessThan(0.9 * told[0]!)
  })
})

describe('folding in', () => {
  const histories = Array.from({ length: USERS }, (_, user) => rowOf(saves, user))

  test('is the half-sweep of users with the items as they are', async () => {
    const model = await fitIals(rows, ITEMS, options, { clock })
    const { rows: count, values, columns } = new IalsModel(model, gemm).foldIn(histories)
    expect([count, columns]).toEqual([USERS, options.dimensions])
    const gram = denseGram(model.items.values, options.dimensions)
    for (const [user, history] of histories.entries()) {
      const exact = denseRow(model.items.values, gram, history, options)
      const length = Math.max(1, Math.hypot(...exact))
      rowAt(values, user).forEach((value, k) => {
        expect(Math.abs(value - exact[k]!) / length, `user ${user}`).toBeLessThan(1e-5)
      })
    }
  })

  test('of one does not hang on who else is, nor on how many calls it takes', async () => {
    const model = new IalsModel(await fitIals(rows, ITEMS, options, { clock }), gemm)
    const many = Array.from({ length: 5 * USERS }, (_, n) => histories[n % USERS]!)
    const together = await model.score({ users: [...many.keys()], histories: many })
    const columns = ITEMS
    for (const n of [0, 1, 100, 255, 256, 300, 454]) {
      const alone = await model.score({ users: [0], histories: [many[n]!] })
      expect(alone.values).toEqual(together.values.slice(n * columns, (n + 1) * columns))
    }
  })

  test('of as many saves as there are items, for more users than fit at once', async () => {
    const wide = 20_000
    const data = rowsFrom([Array.from({ length: wide }, (_, item) => item), [3, 5], [5, 7]])
    const fitted = await fitIals(data, wide, { ...options, dimensions: 8 }, { clock })
    const model = new IalsModel(fitted, gemm)
    const all = Uint32Array.from({ length: wide }, (_, item) => item)
    const { values } = model.foldIn([all, all, all])
    expect(values.slice(0, 8)).toEqual(values.slice(16))
    expect(values.slice(0, 8)).toEqual(values.slice(8, 16))
    expect(Math.hypot(...values.slice(0, 8))).toBeGreaterThan(0)
  })
})

describe('a fit', () => {
  test('is the same bits for 1, 2 and 3 threads, and others for another seed', async () => {
    const fitted = async (threads: number, seed: number) => {
      const { items, diagonal } = await fitIals(
        rows,
        ITEMS,
        { ...options, threads, seed },
        { clock },
      )
      return { items, diagonal }
    }
    const one = await fitted(1, 1)
    expect(await fitted(2, 1)).toEqual(one)
    expect(await fitted(3, 1)).toEqual(one)
    expect((await fitted(2, 2)).items).not.toEqual(one.items)
  })

  test('leaves the Gram matrix of the items diagonal, as it says', async () => {
    const { items, diagonal } = await fitIals(rows, ITEMS, options, { clock })
    const gram = await gemm.multiply({ a: items, b: items, transposeA: true })
    gram.values.forEach((value, at) => {
      const [i, j] = [Math.floor(at / 16), at % 16]
      expect(value * options.unobserved, `${i} ${j}`).toBeCloseTo(i === j ? diagonal[i]! : 0, 5)
    })
  })

  test('tells of each sweep', async () => {
    const told: number[] = []
    const onProgress = ({ sweep, remainingSeconds }: { sweep: number; remainingSeconds: number }) =>
      void told.push(sweep, Number(remainingSeconds === 0))
    await fitIals(rows, ITEMS, options, { clock, onProgress })
    expect(told).toEqual([1, 0, 2, 0, 3, 1])
  })

  test('rejects with the reason of its signal, before and while it runs', async () => {
    const reason = new Error('enough')
    const early = { clock, signal: AbortSignal.abort(reason) }
    await expect(fitIals(rows, ITEMS, options, early)).rejects.toBe(reason)
    const controller = new AbortController()
    const onProgress = () => controller.abort(reason)
    const context = { clock, signal: controller.signal, onProgress }
    const long = { ...options, sweeps: 1_000 }
    await expect(fitIals(rows, ITEMS, long, context)).rejects.toBe(reason)
  })

  test('rejects when a thread dies, before and while it is asked', async () => {
    const url = new URL('./ials-thread.ts', import.meta.url)
    for (const [code, reason] of [
      ['throw new Error("a thread fell")', 'a thread fell'],
      ['process.exit(3)', 'it ended with 3'],
      [
        'process.getBuiltinModule("worker_threads").parentPort.once("message", () => process.exit(4))',
        'it ended with 4',
      ],
    ] as const) {
      const start = (setup: { readonly thread: number }) =>
        setup.thread === 1
          ? new Worker(code, { eval: true })
          : new Worker(url, { workerData: setup })
      await expect(fitIals(rows, ITEMS, options, { clock, start })).rejects.toMatchObject({
        code: 'FACTORS_THREAD_LOST',
        details: { reason },
      })
    }
  })

  test.each([
    ['dimensions', 12],
    ['unobserved', -1],
    ['ridge', 0],
    ['frequency', Number.NaN],
    ['sweeps', 0],
    ['threads', 1.5],
    ['seed', -1],
  ])('refuses %s %d', async (option, value) => {
    await expect(fitIals(rows, ITEMS, { [option]: value }, { clock })).rejects.toMatchObject({
      code: 'FACTORS_OPTIONS',
      details: { option },
    })
  })

  test('refuses no pairs, and what no memory can hold', async () => {
    await expect(fitIals(rowsFrom([[], []]), 3, {}, { clock })).rejects.toMatchObject({
      code: 'FACTORS_DATA',
    })
    await expect(fitIals(rowsFrom([[1]]), 5_000_000, {}, { clock })).rejects.toMatchObject({
      code: 'MODEL_TOO_LARGE',
    })
  })

  test('needs the bytes that the formula says', () => {
    const [users, items, pairs, d, t] = [1000, 200, 5000, 64, 3]
    const said = (users + items) * (4 * d + 8) + pairs * 8 + t * (8 * d * d + 16 * d)
    const shape = { users, items, pairs, dimensions: d, threads: t }
    const bytes = ialsBytes(shape)
    // Nine arrays and the scratch begin at cache lines, offsets have one word more.
    expect(sides).toHaveLength(2)
    expect(bytes - said).toBeGreaterThanOrEqual(0)
    expect(bytes - said).toBeLessThan(14 * 64 + 4 * d)
  })
})
