import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Interner } from '../../base/index.ts'
import { byScore, QUANTA } from './by-score.ts'
import { Candidates } from './candidates.ts'

const scores = fc.array(
  fc.oneof(
    fc.double({ min: -5, max: 5, noNaN: true }),
    // Ties, and numbers whose place does not fit behind them.
    fc.constantFrom(0, -0, 1, 1 + 0.2 / QUANTA, -3, 2e9, 2e9 + 1, -4e14),
  ),
  { minLength: 1, maxLength: 60 },
)

test('living candidates by falling score, ties by id, however great the scores', () => {
  const property = fc.property(scores, fc.func(fc.boolean()), (values, isAlive) => {
    const names = { pin: new Interner(), tag: new Interner() }
    const candidates = new Candidates(values.length)
    // Ids whose order is neither that of their numbers nor of when they were found.
    values.forEach((_, i) => void names.pin.intern(`p${(i * 37) % values.length}-${i}`))
    values.forEach((score, i) => {
      const at = candidates.add('walk', (i * 7) % values.length, 1)
      if (at !== i) return
      candidates.final[i] = score
      candidates.alive[i] = Number(isAlive(i))
    })
    const told = Array.from({ length: candidates.count }, (_, i) => i)
      .filter((i) => candidates.alive[i] === 1)
      .map((i) => ({
        i,
        value: Math.round(candidates.final[i]! * QUANTA),
        id: names.pin.id(candidates.pins[i]!),
      }))
    told.sort((a, b) => b.value - a.value || (a.id < b.id ? -1 : 1))
    const services = { names } as never
    expect(byScore({ candidates, services })).toEqual(told.map(({ i }) => i))
  })
  fc.assert(property, { numRuns: 300 })
})
