import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { evaluateLogged } from './evaluate-logged.ts'
import { readOpenBandit } from './open-bandit.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-open-bandit-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

let files = 0
function fileOf(lines: readonly string[], gzip = false): string {
  const path = join(scratch, `${files++}.csv`)
  const text = `${lines.join('\n')}\n`
  writeFileSync(path, gzip ? gzipSync(text) : text)
  return path
}
const head =
  ',timestamp,item_id,position,click,propensity_score,user_feature_0,user-item_affinity_0'
const line = (second: number, rest: string) =>
  `${second},2019-11-24 00:00:${String(second).padStart(2, '0')}.024393+00:00,${rest},cef3,0.0`

describe('the reader', () => {
  test.each([false, true])('reads columns wherever they stand, by time (gzip %s)', async (gzip) => {
    const lines = [head, line(9, '7,3,1,0.25'), line(4, '12,left,0,1'), line(5, '7,center,0,0.5')]
    const log = await readOpenBandit(fileOf(lines, gzip))
    expect(log.itemIds).toEqual(['7', '12'])
    expect([...log.items]).toEqual([1, 0, 0])
    expect([...log.positions]).toEqual([0, 1, 2])
    expect([...log.rewards]).toEqual([0, 0, 1])
    expect([...log.propensities]).toEqual([1, 0.5, 0.25])
    const other = ['click,propensity_score,position,item_id,timestamp', '1,0.1,2,a,2020-01-01']
    expect(await readOpenBandit(fileOf(other))).toMatchObject({ itemIds: ['a'] })
  })
  test.each([
    ['propensity_score is not a number above 0 and at most 1', '7,3,1,0'],
    ['propensity_score is not a number above 0 and at most 1', '7,3,1,1.5'],
    ['propensity_score is not a number above 0 and at most 1', '7,3,1,NaN'],
    ['propensity_score is not a number above 0 and at most 1', '7,3,1,'],
    ['click is not 0 or 1', '7,3,2,0.5'],
    ['click is not 0 or 1', '7,3,,0.5'],
    ['position is none of 1, 2, 3, left, center, right', '7,4,1,0.5'],
    ['position is none of 1, 2, 3, left, center, right', '7,toString,1,0.5'],
    ['item_id is not an id', ',3,1,0.5'],
    ['the row has not 8 columns', '7,3,1'],
  ])('%s: %s is refused, or left out where that is allowed', async (reason, cells) => {
    const path = fileOf([head, line(1, '7,1,0,0.5'), line(2, cells)])
    const details = { count: 1, rows: 2, limit: 0, reason: expect.stringContaining(reason) }
    await expect(readOpenBandit(path)).rejects.toMatchObject({ code: 'DATASET_BROKEN', details })
    const log = await readOpenBandit(path, { brokenMax: 1 })
    expect(log.rewards).toHaveLength(1)
    expect([log.report.read, log.report.kept]).toEqual([2, 1])
  })
  test('a time that is none, a column that lacks, a file that is empty or not there', async () => {
    const untimed = fileOf([head, '0,soon,7,3,1,0.5,cef3,0.0'])
    const broken = { reason: expect.stringContaining('timestamp is not a time') }
    await expect(readOpenBandit(untimed)).rejects.toMatchObject({ details: broken })
    for (const [path, reason] of [
      [fileOf([head.replace('propensity_score', 'pscore')]), 'it has no column propensity_score'],
      [fileOf([]), 'it is empty'],
      [join(scratch, 'none'), 'ENOENT'],
    ] as const) {
      const expected = { code: 'DATASET_MISSING', details: { path, reason } }
      await expect(readOpenBandit(path)).rejects.toMatchObject(expected)
    }
  })
})

/** Ten items, of which item i is clicked with probability .02 + .04 i, at any position. */
function logOf(rows: number, { chances, seed }: { chances: readonly number[]; seed: number }) {
  const random = new Random(seed)
  const total = chances.reduce((sum, chance) => sum + chance, 0)
  return Array.from({ length: rows }, (_, row) => {
    let left = random.unit() * total
    let item = chances.findIndex((chance) => {
      left -= chance
      return left < 0
    })
    if (item < 0) item = chances.length - 1
    const click = random.unit() < 0.02 + 0.04 * item ? 1 : 0
    const time = new Date(Date.UTC(2020, 0, 1) + 1_000 * row).toISOString()
    return `${row},${time},${item},${1 + (row % 3)},${click},${chances[item]! / total},f,0`
  })
}
const evaluated = async (lines: readonly string[]) =>
  evaluateLogged(await readOpenBandit(fileOf([head, ...lines])))
const alike = Array.from({ length: 10 }, () => 1)

describe('what a file says of others', () => {
  test('of a log that showed some more often: what showing all alike earns', async () => {
    const chances = alike.map((_, item) => 10 - item)
    const found = await evaluated(logOf(30_000, { chances, seed: 2 }))
    expect(found).toMatchObject({ items: 10, rows: { taught: 15_000, asked: 15_000, broken: 0 } })
    const { uniform, popularity } = found.targets
    // Exact: .02 + .04 × 4.5. A right interval holds it 19 times in 20, and with this seed.
    for (const name of ['ips', 'snips', 'dr'] as const) {
      const { interval, biases } = uniform[name]!
      expect(interval[0]).toBeLessThan(0.2)
      expect(interval[1]).toBeGreaterThan(0.2)
      expect(biases).toEqual([])
    }
    expect(uniform.dm?.biases).toEqual(['model'])
    // Shares by click rates: Σ rate² / Σ rate is .266; nearer to what all earn by its 5 %.
    expect(popularity.dr!.interval[0]).toBeLessThan(0.266)
    expect(popularity.dr!.interval[1]).toBeGreaterThan(0.25)
    expect(popularity.dr!.value).toBeGreaterThan(found.logged.interval[1])
    expect(found.reading.join(' ')).not.toContain('equal weight')
  })
  test('of a log of uniform chance: its mean, and says so', async () => {
    const found = await evaluated(logOf(3_000, { chances: alike, seed: 1 }))
    expect(found.targets.uniform.ips.value).toBeCloseTo(found.logged.value, 12)
    expect(found.targets.uniform.snips).toMatchObject({ interval: expect.any(Array) })
    expect(found.reading).toContainEqual(expect.stringMatching(/^uniform is what was logged/))
  })
  test('what no row has at its position is named, with its share', async () => {
    const rows = logOf(3_000, { chances: alike, seed: 1 })
    const without = rows.filter((row) => !/,9,1,[01],/.test(row))
    const { targets, reading } = await evaluated(without)
    // A tenth of a third of the rows; positions are not all alike long.
    expect(targets.uniform.unsupported).toBeCloseTo(1 / 30, 2)
    expect(targets.uniform.ips.biases).toContain('support')
    expect(reading).toContainEqual(expect.stringMatching(/^uniform shows for 3\.\d % what no row/))
  })
  test('propensities of another log are seen in the weights', async () => {
    const rows = logOf(6_000, { chances: alike.map((_, item) => 1 + item), seed: 4 })
    const wrong = rows.map((row) => row.replace(/,0\.\d+,f,0$/, ',0.05,f,0'))
    const { targets, reading } = await evaluated(wrong)
    expect(targets.uniform.ips.biases).toEqual(['weights'])
    expect(reading).toContainEqual(expect.stringContaining('the mean weight is 2.000'))
  })
  test('few rows that tell, and one that decides, are named', async () => {
    const rows = logOf(400, { chances: [1000, ...alike.slice(1)], seed: 3 })
    const { reading } = await evaluated(rows)
    expect(reading).toContainEqual(expect.stringMatching(/^uniform: its weights tell as much as/))
    expect(reading).toContainEqual(expect.stringMatching(/^uniform: one row has/))
  })
  test('no click, or too few rows, teach nothing', async () => {
    const unclicked = logOf(100, { chances: alike, seed: 1 }).map((row) =>
      row.replace(',1,0.1', ',0,0.1'),
    )
    const code = 'EVALUATION_DATA'
    await expect(evaluated(unclicked)).rejects.toMatchObject({ code })
    await expect(evaluated([])).rejects.toMatchObject({ code })
    await expect(evaluated([line(1, '7,1,1,0.5'), line(2, '7,1,1,0.5')])).rejects.toMatchObject({
      code,
    })
  })
})
