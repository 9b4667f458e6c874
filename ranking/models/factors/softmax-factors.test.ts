import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { systemClock as clock, Random } from '../../../base/index.ts'
import { type Rows, rowsFrom } from '../../algebra/index.ts'
import { fitBytes } from './fit-memory.ts'
import { type Factors, type FitProgress, fitSoftmaxFactors } from './softmax-factors.ts'

/** Two camps: users of each save items of their own half, some of them. */
function camps(users: number, items: number): Rows {
  const random = new Random(5)
  return rowsFrom(
    Array.from({ length: users }, (_, user) =>
      Array.from({ length: 6 }, () => 2 * random.below(items / 2) + (user % 2)),
    ),
  )
}

const small = { dimensions: 32, negatives: 8, batch: 64, epochs: 12, learningRate: 0.02 }

function scoreOf({ dimensions, users, items }: Factors, user: number, item: number): number {
  let sum = 0
  for (let k = 0; k < dimensions; k++) {
    sum += users[user * dimensions + k]! * items[item * dimensions + k]!
  }
  return sum
}

describe('factors', () => {
  test('put the items of the own camp first, those not saved too', async () => {
    const rows = camps(60, 20)
    const factors = await fitSoftmaxFactors(rows, 20, { ...small, epochs: 60 }, { clock })
    // A user saved some five of the ten; by chance half of the best eight were of the own camp.
    let own = 0
    for (let user = 0; user < 60; user++) {
      const scores = Array.from({ length: 20 }, (_, item) => scoreOf(factors, user, item))
      const best = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, 8)
      own += best.filter((item) => item % 2 === user % 2).length / 8 / 60
    }
    expect(own).toBeGreaterThan(0.95)
  })

  test('are the same bits for 1, 2 and 3 threads, and others for another seed', async () => {
    const rows = camps(50, 30)
    const fitted = (threads: number, seed: number) =>
      fitSoftmaxFactors(rows, 30, { ...small, threads, seed }, { clock })
    const one = await fitted(1, 1)
    expect(await fitted(2, 1)).toEqual(one)
    expect(await fitted(3, 1)).toEqual(one)
    expect((await fitted(2, 2)).items).not.toEqual(one.items)
  })

  test('are rows of length 1; of a user without items, zeros', async () => {
    const rows = rowsFrom([[0, 1], [], [1, 1, 2]])
    const factors = await fitSoftmaxFactors(rows, 4, small, { clock })
    expect(factors.users.length).toBe(3 * 32)
    const length = (row: Float32Array) => Math.hypot(...row)
    const user = (r: number) => factors.users.subarray(r * 32, (r + 1) * 32)
    expect(length(user(0))).toBeCloseTo(1, 6)
    expect(length(user(1))).toBe(0)
    expect(length(user(2))).toBeCloseTo(1, 6)
    for (let item = 0; item < 4; item++) {
      expect(length(factors.items.subarray(item * 32, (item + 1) * 32))).toBeCloseTo(1, 6)
    }
  })

  test('do not hang on repeats within a row', async () => {
    const once = rowsFrom([[0, 1, 2], [3]])
    const twice = rowsFrom([
      [0, 1, 0, 2, 2],
      [3, 3],
    ])
    const fitted = (rows: Rows) => fitSoftmaxFactors(rows, 5, { ...small, batch: 3 }, { clock })
    expect(await fitted(twice)).toEqual(await fitted(once))
  })
})

describe('a fit', () => {
  const rows = camps(40, 20)

  test('tells of each epoch, and its loss falls below chance', async () => {
    const told: FitProgress[] = []
    const onProgress = (progress: FitProgress) => void told.push(progress)
    await fitSoftmaxFactors(rows, 20, small, { clock, onProgress })
    expect(told.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
    expect(told.at(-1)!.loss).toBeLessThan(0.9 * Math.log(9))
    expect(told.at(-1)!.remainingSeconds).toBe(0)
    expect(told.every(({ rowsPerSecond }) => rowsPerSecond > 0)).toBe(true)
  })

  test('rejects with the reason of its signal, before and while it runs', async () => {
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(fitSoftmaxFactors(rows, 20, small, { clock, signal })).rejects.toBe(reason)
    const controller = new AbortController()
    const onProgress = () => controller.abort(reason)
    const context = { clock, signal: controller.signal, onProgress }
    const long = { ...small, epochs: 10_000 }
    await expect(fitSoftmaxFactors(rows, 20, long, context)).rejects.toBe(reason)
  })

  test('rejects when a thread dies, though others wait for it', async () => {
    const url = new URL('./fit-thread.ts', import.meta.url)
    const dies = 'throw new Error("a thread fell")'
    const start = (setup: { readonly thread: number }) =>
      setup.thread === 1 ? new Worker(dies, { eval: true }) : new Worker(url, { workerData: setup })
    const fitted = fitSoftmaxFactors(rows, 20, small, { clock, start })
    await expect(fitted).rejects.toMatchObject({
      code: 'FACTORS_THREAD_LOST',
      details: { reason: 'a thread fell' },
    })
    const leaves = () => new Worker('process.exit(3)', { eval: true })
    await expect(
      fitSoftmaxFactors(rows, 20, small, { clock, start: leaves }),
    ).rejects.toMatchObject({ code: 'FACTORS_THREAD_LOST', details: { reason: 'it ended with 3' } })
  })

  test('rejects with what its listener throws', async () => {
    const error = new Error('a listener fell')
    const onProgress = () => {
      throw error
    }
    await expect(fitSoftmaxFactors(rows, 20, small, { clock, onProgress })).rejects.toBe(error)
  })

  test.each([
    ['dimensions', 48],
    ['dimensions', 0],
    ['negatives', 6],
    ['temperature', 0],
    ['temperature', Number.NaN],
    ['epochs', 1.5],
    ['batch', 0],
    ['learningRate', -1],
    ['threads', 0],
    ['seed', -1],
  ])('refuses %s %d', async (option, value) => {
    await expect(fitSoftmaxFactors(rows, 20, { [option]: value }, { clock })).rejects.toMatchObject(
      { code: 'FACTORS_OPTIONS', details: { option } },
    )
  })

  test('refuses no pairs, and what no memory can hold', async () => {
    await expect(fitSoftmaxFactors(rowsFrom([[], []]), 3, {}, { clock })).rejects.toMatchObject({
      code: 'FACTORS_DATA',
    })
    const items = 2_000_000
    const { offsets } = rowsFrom([[1]])
    const one = { offsets, items: new Uint32Array([1]) }
    await expect(fitSoftmaxFactors(one, items, {}, { clock })).rejects.toMatchObject({
      code: 'MODEL_TOO_LARGE',
    })
  })

  test('needs the bytes that the formula says', () => {
    const shape = { users: 1000, items: 200, pairs: 5000, dimensions: 64, negatives: 12 }
    const [d, k, b, t] = [64, 12, 96, 3]
    const said = 1000 * 12 * d + 200 * (20 * d + 8 * t) + 5000 * 12 + b * (16 * (k + 1) + 8 * d + 8)
    const bytes = fitBytes({ ...shape, batch: b, threads: t })
    // Each of 20 arrays begins at a cache line, behind the table.
    expect(bytes - said).toBeGreaterThanOrEqual(0)
    expect(bytes - said).toBeLessThan(20 * 64 + 192)
  })
})
