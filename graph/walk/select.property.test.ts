/** The best pins of a walk are those that sorting all of them gives. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { viewOf } from '../testing.ts'
import { select } from './select.ts'

const PINS = 64
/** Pin p stands on 1 + p mod 7 boards; host numbers run against node numbers. */
const edges = Array.from({ length: PINS }, (_, pin) =>
  Array.from({ length: 1 + (pin % 7) }, (_, board) => [pin, board] as const),
).flat()

const sum = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.double({ min: 1, max: 1e6, noNaN: true }))
const some = fc.uniqueArray(fc.nat(PINS - 1), { maxLength: PINS, size: 'max' })

test('select is what sorting all gives, without the unwanted', () => {
  fc.assert(
    fc.property(
      fc.array(sum, { maxLength: PINS, size: 'max' }),
      some,
      some,
      fc.record({
        top: fc.integer({ min: 1, max: PINS }),
        degreeExponent: fc.constantFrom(0, 0.4, 2),
        booster: fc.boolean(),
      }),
      (sums, excluded, hidden, choice) => {
        const view = viewOf(edges, PINS, 8)
        for (const pin of hidden) view.delta.hide(pin, true)
        const pins = Uint32Array.from(sums, (_, row) => PINS - 1 - row)
        const expected = sums
          .map((sum, row) => {
            const pin = view.frozen.pinOfNode[pins[row]!]!
            const score =
              (choice.booster ? sum ** 2 : sum) / (1 + (pin % 7)) ** choice.degreeExponent
            return { pin, score, row }
          })
          .filter(({ pin }) => !excluded.includes(pin) && !hidden.includes(pin))
          .sort((a, b) => b.score - a.score || a.pin - b.pin)
          .slice(0, choice.top)
        const joined = {
          rows: sums.length,
          pins,
          sums: Float64Array.from(sums),
          best: new Uint32Array(sums.length),
        }
        const best = select(view, joined, new Set(excluded), choice)
        expect([...best.pins]).toEqual(expected.map(({ pin }) => pin))
        expect([...best.scores]).toEqual(expected.map(({ score }) => score))
        expect([...best.rows]).toEqual(expected.map(({ row }) => row))
      },
    ),
    { numRuns: 300 },
  )
})
