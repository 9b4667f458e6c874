/** How queries end: answered, out of time, called off, refused; and threads that die. */
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, test } from 'vitest'
import { ManualClock } from '../../base/index.ts'
import { heapStore, wasmStore } from '../graph-store.ts'
import { control } from './pool-memory.ts'
import { expectWalked, PINS, patient, poolView, walked, watchedThreads } from './testing.ts'
import { WalkPool } from './walk-pool.ts'
import type { ThreadSetup } from './walk-thread.ts'

const view = poolView(1)
const seeds = [
  { pin: 3, weight: 1 },
  { pin: 40, weight: 2 },
]
const short = { seeds, options: { steps: 2_000 } }
/** More than a minute of walking. */
const endless = { seeds, options: { steps: 1_000_000_000 } }

describe('deadlines and signals', () => {
  test('out of time, a query has what was found, and says so', async () => {
    await using pool = new WalkPool(view, { threads: 1 })
    await pool.walk(short)
    const found = await pool.walk({ ...endless, deadlineMs: 50 })
    expect(found).toMatchObject({ cutShort: true, epoch: 1 })
    expect(found.steps).toBeGreaterThan(1_000)
    expect(found.pins.length).toBe(250)
    expectWalked(await pool.walk(short), view, short)
  })

  test('one that no thread had taken has nothing, and is not walked later', async () => {
    const clock = new ManualClock()
    await using pool = new WalkPool(view, { threads: 1, clock })
    const stop = new AbortController()
    const first = pool.walk({ ...endless, signal: stop.signal })
    const options = { ...endless.options, parts: true }
    const waits = pool.walk({ ...endless, options, deadlineMs: 10 })
    clock.advance(10)
    const parts = { starts: Uint32Array.of(0), seeds: [], visits: [] }
    expect(await waits).toMatchObject({ steps: 0, cutShort: true, parts })
    stop.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    expectWalked(await pool.walk(short), view, short)
  })

  test('a deadline that is not reached changes nothing', async () => {
    await using pool = new WalkPool(view, { threads: 1 })
    expectWalked(await pool.walk({ ...short, deadlineMs: 60_000 }), view, short)
  })

  test('a signal ends it with its reason, waiting, walking or before', async () => {
    await using pool = new WalkPool(view, { threads: 1 })
    const stops = [new AbortController(), new AbortController()] as const
    const queries = stops.map(({ signal }) => pool.walk({ ...endless, signal }))
    stops[1].abort(new Error('second'))
    await expect(queries[1]).rejects.toThrow('second')
    stops[0].abort(new Error('first'))
    await expect(queries[0]).rejects.toThrow('first')
    const already = AbortSignal.abort(new Error('before'))
    await expect(pool.walk({ ...endless, signal: already })).rejects.toThrow('before')
    expectWalked(await pool.walk(short), view, short)
    expect(pool.stats.inFlight).toBe(0)
  })
})

describe('refusals', () => {
  const refused = (code: string) => expect.objectContaining({ code })
  const pool = new WalkPool(view, { threads: 1 })
  afterAll(() => pool.close())

  test.each([
    [{ steps: 0 }, 'WALK_OPTIONS'],
    [{ steps: 1.5 }, 'WALK_OPTIONS'],
    [{ restart: Number.NaN }, 'WALK_OPTIONS'],
    [{ bias: { strength: 2 } }, 'WALK_OPTIONS'],
    [{ top: 1_000_000 }, 'WALK_QUERY_LARGE'],
    [{ top: 100_000, parts: true }, 'WALK_QUERY_LARGE'],
  ])('options %o', async (options, code) => {
    await expect(pool.walk({ seeds, options })).rejects.toEqual(refused(code))
    expectWalked(await pool.walk(short), view, short)
  })

  test.each([-1, Number.NaN, 2 ** 31])('a deadline of %s', async (deadlineMs) => {
    await expect(pool.walk({ ...short, deadlineMs })).rejects.toEqual(refused('WALK_OPTIONS'))
  })

  test('seeds: none, unknown, odd numbers, 10,000, more', async () => {
    expect((await pool.walk({ seeds: [] })).pins).toHaveLength(0)
    const odd = [-1, 1.5, Number.NaN, 2 ** 32, PINS + 1].map((pin) => ({ pin, weight: 1 }))
    expect((await pool.walk({ seeds: odd })).steps).toBe(0)
    const many = { seeds: Array.from({ length: 10_000 }, (_, i) => ({ pin: i, weight: 1 })) }
    expectWalked(await pool.walk(many), view, many)
    const over = { seeds: [...many.seeds, ...seeds] }
    await expect(pool.walk(over)).rejects.toEqual(refused('WALK_OPTIONS'))
    const huge = Array.from({ length: 50_000 }, () => seeds[0]!)
    await expect(pool.walk({ seeds: huge })).rejects.toEqual(refused('WALK_QUERY_LARGE'))
  })

  test('a full pool refuses at once and recovers', async () => {
    await using pool = new WalkPool(view, { threads: 1, cells: 2 })
    const stop = new AbortController()
    const held = [1, 2].map(() => pool.walk({ ...endless, signal: stop.signal }))
    await expect(pool.walk(short)).rejects.toEqual(refused('WALK_POOL_FULL'))
    stop.abort()
    await Promise.allSettled(held)
    await expect
      .poll(() => pool.walk(short).then((answer) => answer.steps), patient)
      .toBe(walked(view, short).steps)
  })

  test('what is no query leaves its cell free', async () => {
    await using small = new WalkPool(view, { threads: 1, cells: 1 })
    const odd = { seeds: [null] } as unknown as typeof short
    await expect(small.walk(odd)).rejects.toThrow(TypeError)
    expectWalked(await small.walk(short), view, short)
  })

  test('options of the pool, and a graph that threads do not share', () => {
    for (const given of [{ threads: 0 }, { threads: 64 }, { cells: 0 }, { queryWords: 5 }]) {
      expect(() => new WalkPool(view, given)).toThrow(/Walk option/)
    }
    expect(() => new WalkPool(poolView(1, heapStore))).toThrow('memory that threads share')
  })

  test('a closed pool; what it had is answered first', async () => {
    const pool = new WalkPool(view, { threads: 1 })
    const asked = [1, 2, 3].map(() => pool.walk(short))
    const closed = pool.close()
    await expect(pool.walk(short)).rejects.toEqual(refused('WALK_POOL_CLOSED'))
    for (const answer of await Promise.all(asked)) expectWalked(answer, view, short)
    await closed
    await pool.close()
  })

  test('a pool that is closed by a deadline cuts its walks short', async () => {
    const pool = new WalkPool(view, { threads: 1 })
    const asked = pool.walk(endless)
    await pool.close(AbortSignal.timeout(300))
    expect((await asked).cutShort).toBe(true)
  })
})

test('a view with room for more pins than the last is walked by the same threads', async () => {
  await using pool = new WalkPool(view, { threads: 2 })
  await pool.walk(short)
  const wider = poolView(2, wasmStore, PINS)
  wider.delta.add(2 * PINS - 1, 5)
  pool.show(wider)
  const query = { seeds: [{ pin: 2 * PINS - 1, weight: 1 }], options: { steps: 2_000 } }
  expect((await pool.walk(query)).steps).toBe(2_000)
  expectWalked(await pool.walk(query), wider, query)
  expect(pool.stats.replaced).toBe(0)
})

test('a pool that closes while its threads look around ends them', async () => {
  const module = new URL('./walk-thread.ts', import.meta.url).href
  // Every thread dawdles between its look at `stop` and what it does next.
  const dawdling = `
    const { load, wait } = Atomics
    const nothing = new Int32Array(new SharedArrayBuffer(4))
    Atomics.load = (words, at) => {
      const found = load(words, at)
      if (at === ${control.stop} && words.length > at) wait(nothing, 0, 0, 60)
      return found
    }
    import(${JSON.stringify(module)})`
  const start = (setup: ThreadSetup) => new Worker(dawdling, { eval: true, workerData: setup })
  const pool = new WalkPool(view, { threads: 2, start })
  expectWalked(await pool.walk(short), view, short)
  // A thread that has answered is now in the middle of its next look.
  await new Promise((resolve) => setTimeout(resolve, 20))
  await pool.close()
})

describe('threads that die', () => {
  test('another walks the query, and the answer is the same', async () => {
    const { started, start, walking } = watchedThreads()
    await using pool = new WalkPool(view, { threads: 1, start })
    const long = { seeds, options: { steps: 10_000_000 } }
    const asked = pool.walk(long)
    await walking(1)
    await started[0]!.terminate()
    expectWalked(await asked, view, long)
    expect(pool.stats).toEqual({ inFlight: 0, replaced: 1 })
    expect(started).toHaveLength(2)
  })

  test('a query that two threads died of ends; the next one is answered', async () => {
    const { started, start, walking } = watchedThreads()
    await using pool = new WalkPool(view, { threads: 1, start })
    const poison = expect(pool.walk(endless)).rejects.toMatchObject({ code: 'WALK_THREAD_LOST' })
    for (let deaths = 0; deaths < 2; deaths++) {
      await walking(1)
      await started[deaths]!.terminate()
    }
    await poison
    expectWalked(await pool.walk(short), view, short)
  })

  test('threads that never come up: a named error with the cause, now and later', async () => {
    let starts = 0
    const start = () => {
      starts++
      return new Worker("throw new Error('no such kernel')", { eval: true })
    }
    await using pool = new WalkPool(view, { threads: 1, start })
    const expected = {
      code: 'WALK_THREAD_LOST',
      message: expect.stringContaining('no such kernel') as string,
    }
    await expect(pool.walk(short)).rejects.toMatchObject(expected)
    await expect(pool.walk(short)).rejects.toMatchObject(expected)
    expect(starts).toBe(3)
  })
})
