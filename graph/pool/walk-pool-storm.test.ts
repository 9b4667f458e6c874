/**
 * Everything at once: queries, signals, deadlines, threads killed at random, new epochs. Every
 * query ends once, and what was walked to its end is what `walk` says of the epoch it names.
 */
import { expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { expectWalked, PINS, patient, poolView, watchedThreads } from './testing.ts'
import { type AskedQuery, WalkPool } from './walk-pool.ts'

const QUERIES = 400

function queryFrom(random: Random): AskedQuery {
  const seeds = Array.from({ length: 1 + random.below(4) }, () => ({
    pin: random.below(PINS),
    weight: 1 + random.below(5),
  }))
  const steps = 1 + random.below(random.below(10) === 0 ? 400_000 : 20_000)
  return {
    seeds,
    options: { steps, seed: random.below(1000), top: 1 + random.below(300) },
    ...(random.below(5) === 0 && { deadlineMs: random.below(30) }),
  }
}

test('a storm', { timeout: 60_000 }, async () => {
  const random = new Random(7)
  const views = Array.from({ length: 6 }, (_, i) => poolView(i + 1))
  const { started, start } = watchedThreads()
  await using pool = new WalkPool(views[0]!, { threads: 2, cells: 16, start })
  const ends = { whole: 0, cutShort: 0, aborted: 0, full: 0, lost: 0 }
  let shown = 1
  const ask = async (query: AskedQuery) => {
    const newest = shown
    const stop = random.below(8) === 0 ? new AbortController() : undefined
    const asked = pool.walk({ ...query, ...(stop && { signal: stop.signal }) })
    stop?.abort(new Error('called off'))
    try {
      const answer = await asked
      // Never an epoch older than the newest when it was asked.
      expect(answer.epoch).toBeGreaterThanOrEqual(newest)
      if (answer.cutShort) ends.cutShort++
      else {
        expectWalked(answer, views[answer.epoch - 1]!, query)
        ends.whole++
      }
    } catch (error) {
      const { code, message } = error as Error & { code?: string }
      if (code === 'WALK_POOL_FULL') ends.full++
      else if (code === 'WALK_THREAD_LOST') ends.lost++
      else if (message === 'called off') ends.aborted++
      else throw error
    }
  }
  const asking: Promise<void>[] = []
  for (let i = 0; i < QUERIES; i++) {
    asking.push(ask(queryFrom(random)))
    if (i % 60 === 59) void started.at(-1)!.terminate()
    if (i % 80 === 79 && shown < views.length) pool.show(views[shown++]!)
    // Mostly within the pool's bound, sometimes beyond.
    const most = i % 50 < 40 ? 12 : 17
    while (pool.stats.inFlight >= most) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(asking)
  const { whole, cutShort, aborted, full, lost } = ends
  expect(whole + cutShort + aborted + full + lost).toBe(QUERIES)
  expect(whole).toBeGreaterThan(QUERIES / 4)
  for (const some of [aborted, cutShort, full]) expect(some).toBeGreaterThan(0)
  await expect.poll(() => pool.stats.inFlight, patient).toBe(0)
  expect(pool.stats.replaced).toBeGreaterThan(2)
  // Cells come back whatever became of their queries.
  const last = { seeds: [{ pin: 1, weight: 1 }] }
  const all = await Promise.all(Array.from({ length: 16 }, () => pool.walk(last)))
  for (const answer of all) expectWalked(answer, views[shown - 1]!, last)
})
