import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { type ArrivalOptions, Arrivals, arrivalLaws } from './arrivals.ts'

function all(options: Omit<ArrivalOptions, 'random'>, seed: number): number[] {
  const arrivals = new Arrivals({ ...options, random: new Random(seed).split('arrivals') })
  const instants: number[] = []
  for (let at = arrivals.next(); at !== undefined; at = arrivals.next()) instants.push(at)
  return instants
}

const options = fc
  .record({
    law: fc.constantFrom(...arrivalLaws),
    from: fc.double({ min: 0, max: 300, noNaN: true }),
    to: fc.double({ min: 0, max: 300, noNaN: true }),
    seconds: fc.double({ min: 0.1, max: 20, noNaN: true }),
  })
  .filter(({ from, to }) => from + to > 1e-6)
const seed = fc.nat()

test('instants ascend, lie in the run, and are those of the seed', () => {
  fc.assert(
    fc.property(options, seed, (given, n) => {
      const instants = all(given, n)
      expect(instants).toEqual(all(given, n))
      expect(instants).toEqual(instants.toSorted((a, b) => a - b))
      expect(instants.every((at) => at >= 0 && at <= given.seconds * 1_000)).toBe(true)
      const most = Math.floor(instants.length / 2)
      expect(all({ ...given, countMax: most }, n)).toEqual(instants.slice(0, most))
    }),
    { numRuns: 60 },
  )
})

test('any stretch of a ramp has as many arrivals as its rate says', () => {
  const ramp = { from: 20, to: 400, seconds: 30 }
  for (const law of arrivalLaws) {
    const instants = all({ law, ...ramp }, 7)
    for (let second = 0; second < 30; second += 5) {
      const rate = (t: number) => 20 + (380 * t) / 30
      const expected = 5 * rate(second + 2.5)
      const found = instants.filter((at) => at >= second * 1e3 && at < (second + 5) * 1e3).length
      // Poisson counts deviate by the root of their mean, the others by one at each end.
      const most = law === 'poisson' ? 4 * Math.sqrt(expected) : 2
      expect(Math.abs(found - expected)).toBeLessThanOrEqual(most)
    }
  }
})

test('gaps of a Poisson process are exponential: memory of the last arrival helps nobody', () => {
  const instants = all({ law: 'poisson', from: 100, to: 100, seconds: 200 }, 3)
  const gaps = instants.slice(1).map((at, n) => at - instants[n]!)
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  const longer = (ms: number) => gaps.filter((gap) => gap > ms).length / gaps.length
  // 20,000 gaps: a mean deviates by 0.7 %, a share by 0.0035; four deviations are allowed.
  expect(Math.abs(mean - 10)).toBeLessThan(0.28)
  expect(Math.abs(longer(10) - Math.exp(-1))).toBeLessThan(0.014)
  expect(Math.abs(longer(30) - Math.exp(-3))).toBeLessThan(0.007)
})

test('a rate of nothing, or below, is a mistake of the caller', () => {
  const wrong = { law: 'uniform', seconds: 1 } as const
  expect(() => all({ ...wrong, from: 0, to: 0 }, 1)).toThrow('a rate is not negative')
  expect(() => all({ ...wrong, from: -1, to: 5 }, 1)).toThrow('a rate is not negative')
})
