import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Agenda } from './agenda.ts'

test('what is due longest comes first, and of two that are due at once the first put in', () => {
  const step = fc.record({ at: fc.nat(20), takes: fc.nat(3), now: fc.nat(25) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const agenda = new Agenda<number>()
      let left: { at: number; item: number }[] = []
      for (const [item, { at, takes, now }] of steps.entries()) {
        agenda.put(at, item)
        left.push({ at, item })
        left = left.toSorted((a, b) => a.at - b.at || a.item - b.item)
        for (let n = 0; n < takes; n++) {
          const isDue = left.length > 0 && left[0]!.at <= now
          expect(agenda.take(now)).toBe(isDue ? left.shift()!.item : undefined)
        }
        expect(agenda.size).toBe(left.length)
      }
    }),
  )
})
