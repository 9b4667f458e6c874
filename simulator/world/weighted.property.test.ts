import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countBelow, pick, runningSums } from './weighted.ts'

const weights = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 })

test('pick finds what a walk along the weights finds, and never an item without weight', () => {
  fc.assert(
    fc.property(
      weights,
      fc.nat(39),
      fc.nat(39),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      (w, a, b, u) => {
        const [from, to] = [Math.min(a, b) % w.length, w.length]
        const total = w.slice(from, to).reduce((x, y) => x + y)
        fc.pre(total > 0)
        const found = pick(runningSums(w), from, to, u)
        let left = u * total
        let at = from
        while (left >= w[at]!) left -= w[at++]!
        expect(found).toBe(at)
        expect(w[found]).toBeGreaterThan(0)
      },
    ),
  )
})

test('countBelow counts', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 })),
      fc.integer({ min: -1, max: 51 }),
      (l, v) => {
        const list = l.toSorted((a, b) => a - b)
        const range = { from: 0, to: list.length }
        expect(countBelow(list, range, v)).toBe(list.filter((x) => x < v).length)
      },
    ),
  )
})
