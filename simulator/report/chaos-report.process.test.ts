import { describe, expect, test } from 'vitest'
import { mutants } from '../checkers/mutants.ts'
import { runSeed, seedDefaults } from '../checkers/run-seed.ts'
import { corpus, hunt, runChaos, SEEDS_FOR_COVERAGE, unprovenLaws } from './chaos-report.ts'

const seeds = (count: number) => Array.from({ length: count }, (_, seed) => seed)

test('seeds that once failed, and 500 more: every law holds, every fault strikes', async () => {
  const report = await runChaos({ seeds: [...corpus, ...seeds(SEEDS_FOR_COVERAGE)] })
  const failed = report.failures.map(({ seed, violations }) => ({ seed, violations }))
  expect(failed).toEqual([])
  expect(report.missing).toEqual([])
  expect(report.entriesMin).toBeGreaterThanOrEqual(500)
  expect(report.faultsMin).toBeGreaterThanOrEqual(3)
}, 120_000)

test('a seed says all: two runs are the same to the last event, and seeds differ', async () => {
  const digest = async (seed: number) => (await runSeed({ ...seedDefaults, seed })).trace.digest
  for (const seed of seeds(10)) expect(await digest(seed)).toBe(await digest(seed))
  expect(new Set(await inTurn(seeds(10), digest)).size).toBe(10)
})

describe('planted bugs are found', () => {
  test.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    async (_name, mutant) => {
      expect(await hunt(mutant)).toMatchObject({ seeds: expect.any(Number) })
    },
    120_000,
  )

  test('for every law there is one', () => {
    expect(unprovenLaws(mutants)).toEqual([])
  })
})

/** One after the other: runs share memory. */
async function inTurn<T>(of: readonly number[], run: (seed: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (const seed of of) results.push(await run(seed))
  return results
}
