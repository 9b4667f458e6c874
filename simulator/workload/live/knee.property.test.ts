import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findKnee, kneeDefaults, type Step } from './knee.ts'

const rate = fc.double({ min: 1, max: 5_000, noNaN: true })

test('of a server with a capacity the knee is just below it, and lies between what was tried', async () => {
  await fc.assert(
    fc.asyncProperty(rate, rate, async (capacity, from) => {
      const step = async (rate: number): Promise<Step> => ({
        rate,
        verdict: rate <= capacity ? 'holds' : 'latency',
      })
      const rateMax = Math.max(from, 5_000)
      const options = { from, rateMax, stepsMax: 40 }
      const { rate: knee, held, broke, steps, end } = await findKnee(options, step)
      expect(knee).toBeLessThanOrEqual(capacity)
      expect(held?.rate).toBe(knee)
      const next = broke?.rate ?? Number.POSITIVE_INFINITY
      expect(next).toBeGreaterThan(capacity)
      if (broke) expect(next).toBeLessThanOrEqual(knee! * (1 + kneeDefaults.gap) + 1e-9)
      else expect(knee).toBe(rateMax)
      expect(end).toBe(broke ? 'found' : 'rate-max')
      expect(steps[0]!.rate).toBe(from)
    }),
  )
})

test('nothing that holds: told without a knee', async () => {
  const { rate, broke, steps, end } = await findKnee({ from: 64, rateMax: 100 }, async (tried) => ({
    rate: tried,
    verdict: 'errors',
  }))
  expect([rate, broke?.rate, steps.length, end]).toEqual([undefined, 1, 7, 'floor'])
})

test.each(['client', 'ended'] as const)('%s ends the search, whatever held before', async (why) => {
  const { rate, steps, end } = await findKnee({ from: 10, rateMax: 100 }, async (tried) => ({
    rate: tried,
    verdict: tried > 30 ? why : 'holds',
  }))
  expect([rate, steps.map((step) => step.rate), end]).toEqual([20, [10, 20, 40], why])
})

test('no more steps than allowed', async () => {
  const ask = { from: 1, rateMax: 1e9, stepsMax: 5 }
  const { rate, steps, end } = await findKnee(ask, async (tried) => ({
    rate: tried,
    verdict: 'holds',
  }))
  expect([rate, steps.length, end]).toEqual([16, 5, 'steps'])
})
