/** Law: a query has the answer that `walk` gives, with any number of threads and either kernel. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sharedStore, wasmStore } from '../graph-store.ts'
import type { PoolQuery } from './query-words.ts'
import { BOARDS, expectWalked, PINS, poolView, watchedThreads } from './testing.ts'
import { WalkPool, type WalkPoolOptions } from './walk-pool.ts'

const query: fc.Arbitrary<PoolQuery> = fc.record({
  seeds: fc.array(
    fc.record({ pin: fc.nat(PINS + 10), weight: fc.double({ min: 0.01, max: 9, noNaN: true }) }),
    { maxLength: 5 },
  ),
  excluded: fc.uniqueArray(fc.nat(PINS + 10), { maxLength: 40 }),
  options: fc.record(
    {
      steps: fc.integer({ min: 1, max: 30_000 }),
      restart: fc.constantFrom(0.1, 0.5, 1),
      top: fc.integer({ min: 1, max: 600 }),
      degreeExponent: fc.constantFrom(0, 0.4, 1),
      booster: fc.boolean(),
      earlyStopPins: fc.constantFrom(0, 3, 20),
      earlyStopVisits: fc.constantFrom(0, 4),
      checkEvery: fc.constantFrom(100, 4096),
      seed: fc.maxSafeNat(),
      parts: fc.boolean(),
      bias: fc.record(
        { topic: fc.nat(7), language: fc.nat(3), strength: fc.constantFrom(0, 0.3, 1) },
        { requiredKeys: ['strength'] },
      ),
    },
    { requiredKeys: [] },
  ),
})

describe.each([
  ['one thread', 1, wasmStore],
  ['three threads', 3, wasmStore],
  ['two threads, by the twin', 2, sharedStore],
] as const)('%s', (_, threads, store) => {
  const view = poolView(1, store)

  async function holds(pool: WalkPool, numRuns: number): Promise<void> {
    const several = fc.array(query, { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(several, async (queries) => {
        const answers = await Promise.all(queries.map((asked) => pool.walk(asked)))
        answers.forEach((answer, i) => {
          expectWalked(answer, view, queries[i]!)
        })
      }),
      { numRuns },
    )
  }

  test('answers as walk does', async () => {
    await using pool = new WalkPool(view, { threads })
    await holds(pool, 40)
    expect(pool.stats).toEqual({ inFlight: 0, replaced: 0 })
  })

  test('the law sees a thread that walks another graph', async () => {
    const { start } = watchedThreads()
    const other = poolView(2, store)
    const astray: WalkPoolOptions['start'] = (setup) =>
      start({ ...setup, view: { ...other.memory(), epoch: 1 } })
    await using pool = new WalkPool(view, { threads, start: astray })
    await expect(holds(pool, 40)).rejects.toThrow('Property failed')
  })
})

test('the graph is one that walks have somewhere to go in', () => {
  const view = poolView(1)
  expect(view.frozen.pinNodes).toBeGreaterThan(PINS * 0.9)
  expect(view.frozen.boardNodes).toBe(BOARDS)
})
