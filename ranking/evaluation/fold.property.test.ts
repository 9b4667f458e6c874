/** The fold of a data set that was cut: cut in the same manner, out of what is before the test. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowOf } from '../algebra/index.ts'
import type { Dataset } from './dataset.ts'
import { foldOf } from './fold.ts'
import { type SplitRule, splitDataset } from './interactions/index.ts'
import { built, rawRows } from './interactions/testing.ts'

const rules: readonly SplitRule[] = [
  { kind: 'last-out' },
  { kind: 'last-fraction', share: 0.3 },
  { kind: 'time', quantile: 0.6 },
  { kind: 'time', instant: 5 * 40 * 60_000 },
  { kind: 'random', share: 0.3 },
]

function dataOf(raw: Parameters<typeof built>[0], rule: SplitRule): Dataset | undefined {
  try {
    return splitDataset(built(raw), { rule, seed: 1, format: 'recbole' })
  } catch {
    return undefined
  }
}

/** By name of user, since a fold may leave users out. */
function lists(data: Dataset, part: 'train' | 'query' | 'test'): Map<string, number[]> {
  return new Map(
    Array.from({ length: data.users }, (_, u) => [
      data.names.users.id(u),
      [...rowOf(data[part], u)],
    ]),
  )
}

test('no fold has a row of the test, and what it holds out is not in what it fits', () => {
  fc.assert(
    fc.property(rawRows, fc.constantFrom(...rules), (raw, rule) => {
      const data = dataOf(raw, rule)
      if (!data) return
      const fold = foldOf(data, 1)
      const before = lists(data, 'query')
      const held = lists(fold, 'test')
      for (const [user, items] of lists(fold, 'query')) {
        const test = held.get(user)!
        for (const item of [...items, ...test]) expect(before.get(user)).toContain(item)
        for (const item of test) expect(items).not.toContain(item)
      }
    }),
  )
})

test('a fold in time fits on what came first', () => {
  const inTime = rules.filter(({ kind }) => kind === 'last-fraction' || kind === 'time')
  fc.assert(
    fc.property(rawRows, fc.constantFrom(...inTime), (raw, rule) => {
      const data = dataOf(raw, rule)
      if (!data?.split) return
      const fold = foldOf(data, 1)
      const { past } = data.split
      const timeOf = (user: number, item: number) => {
        for (let row = past.offsets[user]!; row < past.offsets[user + 1]!; row++) {
          if (past.items[row] === item && past.saved[row] === 1) return past.times[row]!
        }
        return Number.NaN
      }
      let latest = Number.NEGATIVE_INFINITY
      let earliest = Number.POSITIVE_INFINITY
      for (let user = 0; user < data.users; user++) {
        const train = [...rowOf(fold.train, user)]
        const test = [...rowOf(fold.test, user)]
        expect([...train, ...test]).toEqual([...rowOf(data.train, user)])
        for (const item of train) latest = Math.max(latest, timeOf(user, item))
        for (const item of test) earliest = Math.min(earliest, timeOf(user, item))
      }
      if (rule.kind === 'time') expect(latest).toBeLessThan(earliest)
    }),
  )
})
