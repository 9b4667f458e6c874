/** Laws of neighbours that learn from one save: they are what a fit on what is left would be. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowsFrom } from '../../algebra/index.ts'
import { fitCooccurrence } from '../cooccurrence.ts'
import { fitRp3Beta } from '../rp3beta.ts'
import { IncrementalCooccurrence, type TimedSave } from './incremental-cooccurrence.ts'
import { IncrementalRp3beta } from './incremental-rp3beta.ts'
import { SumRow } from './sum-row.ts'

const ITEMS = 12
const USERS = 8
const all = Array.from({ length: ITEMS }, (_, item) => item)

test('a row of sums is a map whose zeros are gone', () => {
  const step = fc.tuple(fc.nat(40), fc.integer({ min: -3, max: 3 }))
  const law = fc.property(fc.array(step, { maxLength: 300 }), fc.boolean(), (steps, undo) => {
    const row = new SumRow()
    const map = new Map<number, number>()
    const taken = steps.map(([key, amount]) => [key, -amount] as const)
    for (const [key, amount] of undo ? [...steps, ...taken] : steps) {
      row.add(key * 4096, amount)
      const sum = (map.get(key) ?? 0) + amount
      if (sum === 0) map.delete(key)
      else map.set(key, sum)
      expect(row.get(key * 4096)).toBe(sum)
    }
    const found = new Map<number, number>()
    row.each((key, sum) => found.set(key / 4096, sum))
    expect(found).toEqual(map)
    expect(row.size).toBe(map.size)
    expect(row.bytes).toBeLessThanOrEqual(12 * Math.max(8, (map.size + 1) * 6))
    if (undo) expect([row.size, row.bytes]).toEqual([0, 48])
  })
  fc.assert(law, { numRuns: 100, seed: 1 })
})

/** Relative to the greatest score. */
function expectClose(found: Float64Array, exact: Float64Array): void {
  const greatest = exact.reduce((most, value) => Math.max(most, value), 0)
  found.forEach((value, i) => {
    expect(Math.abs(value - exact[i]!)).toBeLessThanOrEqual(1e-6 * greatest)
    expect(value === 0).toBe(exact[i] === 0)
  })
}

const pair = fc.record({ user: fc.nat(USERS - 1), item: fc.nat(ITEMS - 1) })

describe('RP3beta', () => {
  const options = { alpha: 0.6, beta: 0.5, neighbours: ITEMS }
  const scores = (model: { score(h: number[], into: Float64Array): void }, item: number) => {
    const into = new Float64Array(ITEMS)
    model.score([item], into)
    return into
  }
  const toggled = (steps: readonly { user: number; item: number }[], lengthMax: number) => {
    const model = new IncrementalRp3beta({ ...options, lengthMax })
    const rows = Array.from({ length: USERS }, () => new Set<number>())
    for (const { user, item } of steps) {
      const had = rows[user]!.delete(item)
      if (!had) rows[user]!.add(item)
      expect(had ? model.save(user, item) : model.unsave(user, item)).toBe(false)
      expect(had ? model.unsave(user, item) : model.save(user, item)).toBe(true)
    }
    return { model, rows: rows.map((row) => [...row]) }
  }

  test('saves and unsaves leave what a fit on the rest is', () => {
    const law = fc.property(fc.array(pair, { maxLength: 120 }), (steps) => {
      const { model, rows } = toggled(steps, 500)
      const fit = fitRp3Beta(rowsFrom(rows), ITEMS, options)
      for (const item of all) expectClose(scores(model, item), scores(fit, item))
    })
    fc.assert(law, { numRuns: 60, seed: 2 })
  })

  test('any order with the same end, and a load of rows, give the same bits', () => {
    const lengths = fc.integer({ min: 1, max: ITEMS })
    const law = fc.property(fc.array(pair, { maxLength: 120 }), lengths, (steps, lengthMax) => {
      const { model, rows } = toggled(steps, lengthMax)
      const other = new IncrementalRp3beta({ ...options, lengthMax })
      for (const item of [...all].reverse()) {
        rows.forEach((row, user) => {
          if (row.includes(item)) other.save(user, item)
        })
      }
      const loaded = IncrementalRp3beta.from(rowsFrom(rows), { ...options, lengthMax })
      for (const item of all) {
        expect(scores(other, item)).toEqual(scores(model, item))
        expect(scores(loaded, item)).toEqual(scores(model, item))
      }
      expect(other.memory.pairs).toBe(model.memory.pairs)
      for (const [user, row] of rows.entries()) for (const item of row) model.unsave(user, item)
      expect(model.memory.pairs).toBe(0)
    })
    fc.assert(law, { numRuns: 60, seed: 3 })
  })

  test('a user with more than lengthMax items is one who has them and shares none', () => {
    const law = fc.property(fc.array(pair, { minLength: 20, maxLength: 120 }), (steps) => {
      const { model, rows } = toggled(steps, 4)
      // As many users with one item each: the same degrees, and no pairs.
      const apart = rows.flatMap((row) => (row.length > 4 ? row.map((item) => [item]) : [row]))
      const fit = fitRp3Beta(rowsFrom(apart), ITEMS, options)
      for (const item of all) expectClose(scores(model, item), scores(fit, item))
    })
    fc.assert(law, { numRuns: 40, seed: 4 })
  })

  test('a list is pruned at the query to the best, as the fit prunes', () => {
    const law = fc.property(fc.array(pair, { maxLength: 120 }), (steps) => {
      const { rows } = toggled(steps, 500)
      const few = IncrementalRp3beta.from(rowsFrom(rows), { ...options, neighbours: 3 })
      const whole = IncrementalRp3beta.from(rowsFrom(rows), options)
      for (const item of all) {
        const each = scores(whole, item)
        const best = all
          .filter((other) => each[other]! > 0)
          .sort((a, b) => each[b]! - each[a]! || a - b)
          .slice(0, 3)
        const kept = each.map((score, other) => (best.includes(other) ? score : 0))
        expect(scores(few, item)).toEqual(kept)
      }
    })
    fc.assert(law, { numRuns: 40, seed: 5 })
  })
})

describe('co-occurrence', () => {
  const options = { gapMax: 3, backward: 0.5, recency: 0.6, neighbours: ITEMS }
  const scoresOf = (
    model: { query(h: number[], into: Float64Array, touch: (item: number) => void): void },
    history: number[],
  ) => {
    const into = new Float64Array(ITEMS)
    const touched: number[] = []
    model.query(history, into, (item) => touched.push(item))
    return { into, touched: touched.sort((a, b) => a - b) }
  }
  // Few times and items: repeats of an item, and saves of one time, are common.
  const save = fc.record({
    user: fc.nat(3),
    item: fc.nat(ITEMS - 1),
    time: fc.nat(30),
  })
  const keyOf = ({ user, item, time }: TimedSave) => `${user} ${item} ${time}`
  const toggled = (steps: readonly TimedSave[]) => {
    const model = new IncrementalCooccurrence(options)
    const left = new Map<string, TimedSave>()
    for (const one of steps) {
      const had = left.delete(keyOf(one))
      if (!had) left.set(keyOf(one), one)
      expect(had ? model.save(one) : model.unsave(one)).toBe(false)
      expect(had ? model.unsave(one) : model.save(one)).toBe(true)
    }
    return { model, left: [...left.values()] }
  }
  const histories = fc.array(fc.nat(ITEMS - 1), { maxLength: 5 })

  test('saves and unsaves at any time leave what a fit on the rest is', () => {
    const law = fc.property(fc.array(save, { maxLength: 100 }), histories, (steps, history) => {
      const { model, left } = toggled(steps)
      const sorted = [...left].sort((a, b) => a.time - b.time || a.item - b.item)
      const lists = [0, 1, 2, 3].map((user) =>
        sorted.filter((one) => one.user === user).map(({ item }) => item),
      )
      const fit = fitCooccurrence({ ...rowsFrom(lists), itemCount: ITEMS }, options)
      for (const asked of [history, ...all.map((item) => [item])]) {
        const found = scoresOf(model, asked)
        const exact = scoresOf(fit, asked)
        expectClose(found.into, exact.into)
        expect(found.touched).toEqual(exact.touched)
      }
    })
    fc.assert(law, { numRuns: 80, seed: 6 })
  })

  test('any order with the same end gives the same bits; of nothing nothing is kept', () => {
    const law = fc.property(fc.array(save, { maxLength: 100 }), (steps) => {
      const { model, left } = toggled(steps)
      const other = new IncrementalCooccurrence(options)
      for (const one of [...left].reverse()) other.save(one)
      for (const item of all) expect(scoresOf(other, [item])).toEqual(scoresOf(model, [item]))
      expect(other.memory.pairs).toBe(model.memory.pairs)
      for (const one of left) model.unsave(one)
      expect(model.memory.pairs).toBe(0)
    })
    fc.assert(law, { numRuns: 60, seed: 7 })
  })
})
