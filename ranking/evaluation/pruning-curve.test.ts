import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Random, systemClock } from '../../base/index.ts'
import { type CurveRow, meanOf, pruningCurve, type Quality } from './pruning-curve.ts'
import { readingOf } from './pruning-reading.ts'

const folder = mkdtempSync(join(tmpdir(), 'pinwheel-curve-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/**
 * A hundred and twenty users like one of two kinds of pins each, and are asked for more of it.
 * Forty boards hold anything, and ten famous pins each, which nobody asks for: noise, and popular.
 */
function write(): void {
  const random = new Random(3)
  const some = (count: number, from: number, size: number) =>
    Array.from({ length: count }, () => from + random.below(size)).join(' ')
  const kinds = Array.from({ length: 120 }, (_, user) => (user % 2) * 40)
  const famous = Array.from({ length: 10 }, (_, n) => `famous${n}`).join(' ')
  const train = [
    ...kinds.map((from, user) => `u${user} ${some(6, from, 40)}`),
    ...Array.from({ length: 40 }, (_, user) => `any${user} ${some(30, 0, 80)} ${famous}`),
  ]
  writeFileSync(join(folder, 'train.txt'), train.join('\n'))
  const test = kinds.map((from, user) => `u${user} ${some(6, from, 40)}`)
  writeFileSync(join(folder, 'test.txt'), test.join('\n'))
}
write()
const options = { dataset: folder, format: 'lightgcn', clock: systemClock, at: 10 }

describe('the curve', () => {
  test('starts with the whole graph, has a row a setting, and is the same again', async () => {
    const grid = { deltas: [1, 0.8], entropyShares: [0, 0.4] }
    const curve = await pruningCurve({ ...options, ...grid })
    expect(curve.rows.map(({ entropyShare, delta }) => [entropyShare, delta])).toEqual([
      [0, 1],
      [0, 0.8],
      [0.4, 1],
      [0.4, 0.8],
    ])
    const [whole, thin, fewer] = curve.rows
    expect(whole).toMatchObject({ edgesKept: 1, pinsLost: 0 })
    expect(whole!.exact.ndcgChange).toEqual({ mean: 0, standardError: 0 })
    expect(thin!.edges).toBeLessThan(whole!.edges)
    expect(fewer!.edges).toBeLessThan(whole!.edges)
    const change = thin!.exact.ndcg.mean - whole!.exact.ndcg.mean
    expect(thin!.exact.ndcgChange.mean).toBeCloseTo(change, 12)
    expect(curve.users).toBe(120)
    expect(await pruningCurve({ ...options, ...grid })).toEqual(curve)
  })
  test('where mixed boards are noise, dropping them helps, and the reading says so', async () => {
    const curve = await pruningCurve({ ...options, deltas: [1], entropyShares: [0, 0.25] })
    const { visits } = curve.rows[1]!
    expect(visits.ndcgChange.mean).toBeGreaterThan(3 * visits.ndcgChange.standardError)
    expect(curve.reading).toContain('Pruning helps plain visits here')
  })
  test('nobody to rank for is refused, not a row of NaN', async () => {
    await expect(pruningCurve({ ...options, users: 0 })).rejects.toMatchObject({
      code: 'GRAPH_OPTIONS',
    })
  })
  test('fewer users are those drawn first', async () => {
    const curve = await pruningCurve({ ...options, users: 7, deltas: [1], entropyShares: [] })
    expect(curve).toMatchObject({ users: 7, reading: 'Nothing was pruned.' })
  })
})

test('a mean and its standard error by hand', () => {
  expect(meanOf([1, 2, 3, 6])).toEqual({ mean: 3, standardError: Math.sqrt(14 / 3 / 4) })
  expect(meanOf([5])).toEqual({ mean: 5, standardError: 0 })
})

describe('the reading', () => {
  const quality = (ndcg: number, change: number, standardError: number): Quality => ({
    recall: { mean: 0, standardError: 0 },
    ndcg: { mean: ndcg, standardError: 0 },
    ndcgChange: { mean: change, standardError },
  })
  const row = (delta: number, edgesKept: number, of: Quality): CurveRow => {
    const sizes = { edges: 1000 * edgesKept, edgesKept, pinsLost: 0, entropyShare: 0.05, delta }
    return { ...sizes, visits: of, exact: of, walk: of }
  }
  const whole = row(1, 1, quality(0.1, 0, 0))
  const read = (...rows: CurveRow[]) => readingOf([whole, ...rows], 20)

  test('a gain counts beyond three standard errors only', () => {
    const sure = read(row(0.9, 0.6, quality(0.104, 0.004, 0.001)))
    expect(sure).toContain('Pruning helps the served walk here: NDCG@20 +0.0040 ± 0.0010')
    const possible = read(row(0.9, 0.6, quality(0.104, 0.004, 0.0015)))
    expect(possible).toContain('Pruning may help the served walk here')
    const doubtful = read(row(0.9, 0.6, quality(0.104, 0.004, 0.0025)))
    expect(doubtful).toContain('Pruning does not help the served walk here')
    // A sure gain is told before a larger one that may be chance.
    const noise = row(0.8, 0.4, quality(0.11, 0.01, 0.005))
    expect(read(noise, row(0.9, 0.6, quality(0.104, 0.004, 0.001)))).toContain('at best (delta 0.9')
    const loss = read(row(0.9, 0.6, quality(0.09, -0.01, 0.0001)))
    expect(loss).toContain('does not help the served walk here: NDCG@20 -0.0100')
  })
  test('names the smallest graph that costs next to nothing', () => {
    const rows = [
      row(0.9, 0.6, quality(0.0995, -0.0005, 0.0001)),
      row(0.8, 0.4, quality(0.0991, -0.0009, 0.0001)),
      row(0.7, 0.2, quality(0.08, -0.02, 0.0001)),
    ]
    expect(read(...rows)).toContain('the smallest graph within 1 % keeps 40 % of the edges')
    expect(read(rows[2]!)).toContain('every pruned graph loses more than 1 %')
  })
})
