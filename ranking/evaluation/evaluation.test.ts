import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type Entry, systemClock } from '../../base/index.ts'
import { type Evaluation, evaluate, evaluatedNames } from './evaluate.ts'
import { compare, evaluateAgainst } from './evaluate-against.ts'
import { evaluateAll, markdownOf } from './evaluate-all.ts'
import { type FormatName, readEntries } from './formats.ts'
import type { ImportReport } from './import-report.ts'
import { userMetrics } from './metrics.ts'
import { bestOf } from './ranker.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-evaluation-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
let files = 0
function file(content: string | Buffer, name = 'data.txt'): string {
  const folder = join(scratch, String(files++))
  mkdirSync(folder)
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

describe('metrics, by hand', () => {
  test('two of three found, first and third', () => {
    const metrics = userMetrics([5, 9, 6], new Set([5, 6, 7]), 3, 3)
    const ideal = 1 + 1 / Math.log2(3) + 1 / 2
    expect(metrics.recall).toBeCloseTo(2 / 3, 12)
    expect(metrics.ndcg).toBeCloseTo((1 + 1 / 2) / ideal, 12)
    expect(metrics.hit).toBe(1)
    expect(metrics.reciprocalRank).toBe(1)
    expect(userMetrics([9, 5], new Set([5, 6]), 2, 3).reciprocalRank).toBe(1 / 2)
  })
  test('repeated test tokens lower recall, not the ideal', () => {
    expect(userMetrics([5], new Set([5]), 2, 20)).toEqual({
      recall: 0.5,
      ndcg: 1,
      hit: 1,
      reciprocalRank: 1,
    })
  })
  test('nothing found, and beyond k', () => {
    expect(userMetrics([1, 2, 3], new Set([3]), 1, 2)).toEqual({
      recall: 0,
      ndcg: 0,
      hit: 0,
      reciprocalRank: 0,
    })
  })
  test('stay between 0 and 1', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(30)),
        fc.uniqueArray(fc.nat(30), { minLength: 1 }),
        (a, b) => {
          const { recall, ndcg } = userMetrics(a, new Set(b), b.length, 10)
          for (const value of [recall, ndcg]) {
            expect(value).toBeGreaterThanOrEqual(0)
            expect(value).toBeLessThanOrEqual(1)
          }
        },
      ),
    )
  })
})

test('differences are paired: what all users share has no error', () => {
  const values = Array.from({ length: 50 }, (_, i) => (i % 7) / 10)
  const others = values.map((value) => value / 2)
  const same = compare(values, values, 1)
  expect(same).toEqual({ ratio: 1, difference: 0, interval: [0, 0] })
  const shifted = compare(
    values.map((value) => value + 0.25),
    values,
    1,
  )
  for (const bound of shifted.interval) expect(bound).toBeCloseTo(0.25, 12)
  const { ratio, difference, interval } = compare(values, others, 1)
  expect(ratio).toBeCloseTo(2, 12)
  expect(interval[0]).toBeLessThan(difference)
  expect(interval[1]).toBeGreaterThan(difference)
})

describe('every doubt counts against the model', () => {
  test('of equal scores the relevant come last', () => {
    expect(bestOf(Float64Array.of(1, 1, 1, 1), 2, new Set([0, 1]))).toEqual([2, 3])
    expect(bestOf(Float64Array.of(1, 2, 1), 2, new Set([0]))).toEqual([1, 2])
  })
  test('a score that is not a number is worst, a mask is never returned', () => {
    const scores = Float64Array.of(Number.NaN, -5, Number.NEGATIVE_INFINITY, 3)
    expect(bestOf(scores, 4, new Set([0]))).toEqual([3, 1])
  })
  test('is the sort it stands for', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(4), { maxLength: 40 }),
        fc.uniqueArray(fc.nat(39)),
        fc.integer({ min: 1, max: 9 }),
        (scores, some, k) => {
          const relevant = new Set(some)
          const late = (item: number) => Number(relevant.has(item))
          const expected = [...scores.keys()]
            .sort((a, b) => scores[b]! - scores[a]! || late(a) - late(b))
            .slice(0, k)
          const found = bestOf(Float64Array.from(scores), k, relevant)
          expect(found.map((i) => [scores[i], late(i)])).toEqual(
            expected.map((i) => [scores[i], late(i)]),
          )
        },
      ),
    )
  })
})

describe('a checkerboard: each user likes one colour of two', () => {
  const row = (user: number, take: (n: number) => boolean) => {
    const items = Array.from({ length: 30 }, (_, n) => 2 * n + (user % 2))
    return `${user} ${items.filter((_, n) => take((n * 7 + user) % 10)).join(' ')}`
  }
  const users = Array.from({ length: 80 }, (_, user) => user)
  const folder = join(scratch, 'board')
  mkdirSync(folder)
  writeFileSync(join(folder, 'train.txt'), users.map((u) => row(u, (n) => n < 6)).join('\n'))
  writeFileSync(
    join(folder, 'test.txt.gz'),
    gzipSync(users.map((u) => row(u, (n) => n >= 6)).join('\n')),
  )
  const run = (model: string) =>
    evaluate({ dataset: folder, format: 'lightgcn', model, at: 10, clock: systemClock })

  test('every personal model sees it, popularity cannot; all make a table', async () => {
    const all: Evaluation[] = []
    const place = { dataset: folder, format: 'lightgcn', at: 10, clock: systemClock }
    const left: string[] = []
    const onLeftOut = (model: string, reason: string) => left.push(`${model}: ${reason}`)
    for await (const one of evaluateAll({ ...place, onLeftOut })) all.push(one)
    // Rows alone say nothing of items.
    expect(left).toEqual([expect.stringMatching(/^two-tower: .*says nothing of its items/)])
    const measured = evaluatedNames.filter((name) => name !== 'two-tower')
    expect(all.map(({ model }) => model)).toEqual(measured)
    const recall = Object.fromEntries(all.map(({ model, raw }) => [model, raw['recall@10']]))
    // Co-occurrence minds an order that these rows do not have.
    const { popularity, 'co-occurrence': _ordered, ...personal } = recall
    expect(popularity).toBeLessThan(0.5)
    for (const [model, found] of Object.entries(personal)) {
      expect(found, model).toBeGreaterThan(0.75)
    }
    const lines = markdownOf(all, 10).trimEnd().split('\n')
    expect(lines[0]).toMatch(/^\| model \| raw R \/ N@10 \|/)
    expect(lines).toHaveLength(2 + measured.length)
    expect(new Set(lines.map((line) => line.split(' | ').length)).size).toBe(1)
    expect(lines[2]).toContain('| popularity |')
  }, 60_000)
  test('one model against another, on the same users', async () => {
    const place = { dataset: folder, format: 'lightgcn', at: 10, clock: systemClock }
    const both = await evaluateAgainst({ ...place, model: 'plain-walk', against: 'p3' })
    expect(both.against.raw).toEqual((await run('p3')).raw)
    expect(both.raw.ratio).toBeCloseTo(
      Number(both.model.raw['recall@10']) / Number(both.against.raw['recall@10']),
      3,
    )
    // Both see the colour; what they make of the rest is chance.
    expect(Math.abs(both.raw.ratio - 1)).toBeLessThan(0.1)
    const weak = await evaluateAgainst({ ...place, model: 'popularity', against: 'p3' })
    expect(weak.clean.interval[1]).toBeLessThan(0)
    await expect(evaluateAgainst({ ...place, model: 'p3', against: 'p4' })).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
    })
  })
  test.each(['rp3beta', 'user-neighbours', 'low-pass'])(
    '%s: a user without training rows finds nothing, a list may be longer than the catalogue',
    async (model) => {
      const odd = join(scratch, `odd ${model}`)
      mkdirSync(odd)
      writeFileSync(join(odd, 'train.txt'), users.map((u) => row(u, (n) => n < 6)).join('\n'))
      writeFileSync(join(odd, 'test.txt'), 'stranger 0 1\n0 0 1\nno-one\n')
      const place = { dataset: odd, format: 'lightgcn', model, clock: systemClock }
      const short = await evaluate({ ...place, at: 3 })
      expect(short.raw['users']).toBe(2)
      expect(short.raw['hr@3']).toBeLessThanOrEqual(0.5)
      // Everything but their own is in the list, so the other one's is found.
      const long = await evaluate({ ...place, at: 1_000 })
      expect(long.raw['hr@1000']).toBeGreaterThanOrEqual(0.5)
    },
  )
  test('the same seed gives the same figures', async () => {
    const figures = async () => {
      const { raw, clean, options } = await run('walk')
      return { raw, clean, options }
    }
    expect(await figures()).toEqual(await figures())
  })
})

describe('reading data files', () => {
  async function read(path: string, format: FormatName) {
    const entries: Entry[] = []
    let report: ImportReport | undefined
    for await (const batch of readEntries([path], format)) {
      entries.push(...batch.entries)
      report = batch.report
    }
    return { entries, rejected: Object.fromEntries(report?.rejected ?? []), report }
  }

  test('lightgcn rows, plain or gzip, with any line end', async () => {
    const text = '1 10 11\r\n2 12\n\n3 13 13'
    const plain = await read(file(text), 'lightgcn')
    expect(plain.entries.map((e) => ('pin' in e ? `${e.user}:${e.pin}` : ''))).toEqual([
      '1:10',
      '1:11',
      '2:12',
      '3:13',
      '3:13',
    ])
    const times = plain.entries.map((e) => e.time)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect((await read(file(gzipSync(text)), 'lightgcn')).entries).toEqual(plain.entries)
  })
  test('broken rows are counted by reason, three samples each', async () => {
    const text = ['1', '2', '3', '4', 'a\0b 1', `${'x'.repeat(300)} 1`, '5 ok'].join('\n')
    const { rejected, report } = await read(file(text), 'lightgcn')
    expect(report).toMatchObject({ read: 7, kept: 1 })
    expect(rejected['the row has no items']).toMatchObject({ count: 4 })
    expect(rejected['the row has no items']?.samples).toHaveLength(3)
    expect(Object.keys(rejected)).toHaveLength(3)
  })
  test('recbole interactions and items', async () => {
    const inter =
      'user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t2\t5\t100\n1\t3\t2\t101\n1\t4\n'
    const events = await read(file(inter, 'x.inter'), 'recbole')
    expect(events.entries).toMatchObject([
      { kind: 'save', user: '1', pin: '2', time: 100_000 },
      { kind: 'closeup', pin: '3' },
    ])
    expect(events.rejected).toHaveProperty('the row has not 4 columns')
    const item =
      'item_id:token\tmovie_title:token_seq\tclass:token_seq\n7\tToy Story\tAnimation Comedy\n'
    expect((await read(file(item, 'x.item'), 'recbole')).entries).toMatchObject([
      { kind: 'pin', id: '7', title: 'Toy Story', tags: ['Animation', 'Comedy'] },
    ])
  })
  test('jsonl takes every kind of entry and says what is wrong', async () => {
    const good = { kind: 'pin', id: 'p', time: 1, tags: ['a'] }
    const lines = [JSON.stringify(good), '{', JSON.stringify({ ...good, time: 1e99 }), '[]']
    const { entries, rejected } = await read(file(lines.join('\n')), 'jsonl')
    expect(entries).toEqual([good])
    expect(Object.keys(rejected)).toHaveLength(3)
  })
  test('a file that is not there, or is cut off', async () => {
    await expect(read(join(scratch, 'none'), 'jsonl')).rejects.toMatchObject({
      code: 'DATASET_MISSING',
    })
    const cut = gzipSync('1 2\n'.repeat(1000)).subarray(0, 40)
    await expect(read(file(cut), 'lightgcn')).rejects.toMatchObject({ code: 'DATASET_MISSING' })
  })
  test('any bytes are read without a crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const path = join(scratch, 'any')
        writeFileSync(path, bytes)
        for (const format of ['lightgcn', 'sequences', 'jsonl', 'recbole'] as const) {
          await read(path, format).catch((error) => expect(error.code).toBe('DATASET_MISSING'))
        }
      }),
      { numRuns: 60 },
    )
  })
})
