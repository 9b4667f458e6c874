import { describe, expect, test } from 'vitest'
import {
  chaosDapr,
  type DaprMutantName,
  daprCorpus,
  daprMutants,
  findDaprMutant,
  runDaprSeed,
} from './index.ts'

const SEEDS = 250
/** Within which a planted bug must be found. */
const MUTANT_SEEDS = 1_000

describe('the Dapr placement under faults', () => {
  test('seeds that found something once find nothing more', async () => {
    for (const { seed, found } of daprCorpus) {
      const { violations } = await chaosDapr({ first: seed, seeds: 1 })
      expect({ seed, found, violations }).toEqual({ seed, found, violations: [] })
    }
  })

  test(`${SEEDS} seeds break no law, and every fault and branch comes`, async () => {
    const run = await chaosDapr({ first: 0, seeds: SEEDS })
    const { seeds, violations, trace } = run
    expect({ seeds, violations, trace }).toEqual({ seeds: SEEDS, violations: [], trace: [] })
    expect([...run.happenings].filter(([, count]) => count === 0)).toEqual([])
    expect(run.events / SEEDS).toBeGreaterThanOrEqual(500)
    expect(run.faults / SEEDS).toBeGreaterThanOrEqual(3)
  }, 120_000)

  test('a seed is the same run every time, traced or not; another is another', async () => {
    const [one, again, other] = [
      await runDaprSeed(7),
      await runDaprSeed(7, undefined, true),
      await runDaprSeed(8),
    ]
    expect(again.digest).toBe(one.digest)
    expect(other.digest).not.toBe(one.digest)
    expect([one.trace.length, again.trace.length > 100]).toEqual([0, true])
  })

  test.each(Object.keys(daprMutants) as DaprMutantName[])(
    'a planted bug is found: %s',
    async (mutant) => {
      const { seed, law } = await findDaprMutant(mutant, MUTANT_SEEDS)
      expect({ law, isFound: seed !== undefined }).toEqual({ law, isFound: true })
    },
    120_000,
  )
})
