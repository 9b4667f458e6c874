/** Searching by threads: answers, changes while serving, what is refused, what dies. */
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, test } from 'vitest'
import { endThread } from '../../base/index.ts'
import { startSearch } from './epoch.ts'
import { startTask } from './index-task.ts'
import type { SearchSetup } from './search-thread.ts'
import { bruteForce, clusteredVectors, foundOf, patient, smallSearch } from './testing.ts'

const world = { seed: 3, dimensions: 8, clusters: 20 }
const vectors = clusteredVectors({ ...world, count: 1_000 })
const queries = clusteredVectors({ ...world, count: 20, stream: 'queries' })
const query = queries[0]!
const code = (code: string) => expect.objectContaining({ code })

async function filledSearch(given: Parameters<typeof smallSearch>[0] = {}) {
  const search = await smallSearch(given)
  vectors.forEach((vector, id) => {
    search.add(id, vector)
  })
  await search.rebuild()
  return search
}

/** Read alone. */
const shared = filledSearch()
afterAll(async () => (await shared).close())

describe('answers', () => {
  test('a batch is what its queries are alone, for any number of threads and either index', async () => {
    const one = await shared
    await using two = await filledSearch({ threads: 2 })
    expect(one.stats).toMatchObject({ vectors: 1_000, linked: 1_000, fresh: 0, epoch: 2 })
    for (const index of ['graph', 'scan'] as const) {
      const batch = await one.search({ vectors: queries, k: 10, ef: 1_000, index })
      expect(batch.byGraph).toBe(index === 'graph' ? queries.length : 0)
      const alone = await Promise.all(
        queries.map((vector) => two.search({ vectors: [vector], k: 10, ef: 1_000, index })),
      )
      alone.forEach((answer, i) => {
        expect(foundOf(answer)).toEqual(foundOf(batch, i))
        const best = bruteForce(vectors.entries(), queries[i]!, 10)
        expect(foundOf(answer).map(({ id }) => id)).toEqual(best.map(({ id }) => id))
      })
    }
  })

  test('a score depends on query and vector alone, whatever else is there', async () => {
    const all = await shared
    await using few = await smallSearch({ scanMax: 4_000 })
    for (let id = 0; id < 1_000; id += 7) few.add(id, vectors[id]!)
    const scores = new Map(
      foundOf(await all.search({ vectors: [query], k: 1_000 })).map(({ id, score }) => [id, score]),
    )
    const found = foundOf(await few.search({ vectors: [query], k: 1_000 }))
    expect(found).toHaveLength(143)
    for (const { id, score } of found) expect(score).toBe(scores.get(id))
  })

  test('the same contents and seed are the same index, whatever came before', async () => {
    const one = await shared
    await using other = await smallSearch()
    for (let id = 999; id >= 0; id--) other.add(id, query)
    vectors.forEach((vector, id) => {
      other.set(id, vector)
    })
    await other.rebuild()
    // With a low ef, so that what is not found differs where graphs do.
    const asked = { vectors: queries, k: 10, ef: 20, index: 'graph' } as const
    expect(await other.search(asked)).toEqual(await one.search(asked))
  })

  test('an empty index, k beyond all, a filter that allows nothing or all', async () => {
    await using search = await smallSearch()
    expect(foundOf(await search.search({ vectors: [query], k: 5 }))).toEqual([])
    await search.rebuild()
    expect(foundOf(await search.search({ vectors: [query], k: 5 }))).toEqual([])
    for (let id = 0; id < 30; id++) search.add(id, vectors[id]!)
    await search.rebuild()
    for (const index of [undefined, 'graph', 'scan'] as const) {
      const asked = { vectors: [query], k: 1_000, index }
      expect(foundOf(await search.search(asked))).toHaveLength(30)
      const nothing = search.filterOf([])
      expect(foundOf(await search.search({ ...asked, filter: nothing }))).toEqual([])
      const all = search.filterOf(Array.from({ length: 4_000 }, (_, id) => id))
      expect(foundOf(await search.search({ ...asked, filter: all }))).toHaveLength(30)
    }
    expect(foundOf(await search.search({ vectors: [], k: 5 }))).toEqual([])
  })

  test('lengths do not matter to the cosine, and do to the inner product', async () => {
    await using cosine = await smallSearch({ dimensions: 2 })
    await using dot = await smallSearch({ dimensions: 2, metric: 'dot' })
    for (const search of [cosine, dot]) {
      search.add(1, [1, 0])
      search.add(2, [10, 10])
    }
    const asked = { vectors: [[3, 0]], k: 2 }
    expect(foundOf(await cosine.search(asked))[0]).toEqual({ id: 1, score: 1 })
    expect(foundOf(await dot.search(asked))[0]).toEqual({ id: 2, score: 30 })
  })
})

describe('changes', () => {
  test('added, replaced and deleted before a rebuild, after it, and while it runs', async () => {
    await using search = await filledSearch()
    const nearest = async (vector: Float32Array) =>
      foundOf(await search.search({ vectors: [vector], k: 1, index: 'graph' }))[0]?.id
    search.add(2_000, query)
    expect(await nearest(query)).toBe(2_000)
    search.set(2_000, vectors[5]!)
    expect(await nearest(query)).not.toBe(2_000)
    search.delete(5)
    expect(await nearest(vectors[5]!)).toBe(2_000)
    const rebuilt = search.rebuild()
    search.delete(2_000)
    search.set(7, query)
    search.add(5, vectors[5]!)
    expect(await nearest(vectors[5]!)).toBe(5)
    await rebuilt
    expect(search.stats).toMatchObject({ vectors: 1_000, epoch: 3 })
    expect(search.has(2_000)).toBe(false)
    expect(await nearest(vectors[5]!)).toBe(5)
    expect(await nearest(query)).toBe(7)
  })

  test('a rebuild begins by itself after enough changes', async () => {
    await using search = await filledSearch({ rebuildAfter: 300 })
    for (let id = 0; id < 400; id++) search.delete(id)
    await expect.poll(() => search.stats.epoch, patient).toBeGreaterThanOrEqual(3)
    await search.rebuild()
    expect(search.stats).toMatchObject({ vectors: 600, linked: 600, dead: 0 })
  })

  test('few vectors have no graph', async () => {
    await using search = await filledSearch({ scanMax: 1_000 })
    expect(search.stats).toMatchObject({ vectors: 1_000, linked: 0 })
    const answer = await search.search({ vectors: [query], k: 3, index: 'graph' })
    expect(answer.byGraph).toBe(0)
    expect(answer.ids).toHaveLength(3)
  })

  test('rows run out by name, and a rebuild makes room', async () => {
    await using search = await smallSearch({ capacity: 3 })
    for (let i = 0; i < 3; i++) search.set(1, vectors[i]!)
    expect(() => search.set(1, query)).toThrow(code('CAPACITY'))
    expect(search.has(1)).toBe(true)
    await search.rebuild()
    search.set(1, query)
    expect(foundOf(await search.search({ vectors: [query], k: 3 }))).toHaveLength(1)
  })
})

describe('refusals', () => {
  test.each([
    ['a number that is none', [1, 2, 3, 4, 5, 6, 7, Number.NaN]],
    ['an infinite number', [1, 2, 3, 4, 5, 6, 7, Number.NEGATIVE_INFINITY]],
    ['a number beyond floats', [1, 2, 3, 4, 5, 6, 7, 1e300]],
    ['too few', [1, 2, 3]],
    ['none', []],
    ['no direction', [0, 0, 0, 0, 0, 0, 0, 0]],
  ])('%s', async (_, vector) => {
    const search = await shared
    const before = search.stats
    expect(() => search.add(3_000, vector)).toThrow(code('ANN_VECTOR'))
    expect(() => search.set(3, vector)).toThrow(code('ANN_VECTOR'))
    await expect(search.search({ vectors: [query, vector], k: 3 })).rejects.toEqual(
      code('ANN_VECTOR'),
    )
    expect(search.stats).toEqual(before)
  })

  test('an id that is taken, odd ids, odd k, ef, filters and batches', async () => {
    const search = await shared
    expect(() => search.add(3, query)).toThrow(code('ANN_ID_TAKEN'))
    for (const id of [-1, 1.5, Number.NaN, 4_000, 2 ** 32]) {
      expect(() => search.add(id, query)).toThrow(code('ANN_OPTIONS'))
      expect(search.delete(id)).toBe(false)
      expect(search.has(id)).toBe(false)
    }
    expect(() => search.filterOf([4_000])).toThrow(code('ANN_OPTIONS'))
    const asked = { vectors: [query], k: 5 }
    const odd = [
      { k: 0 },
      { k: 1_001 },
      { k: Number.NaN },
      { ef: 0 },
      { filter: new Uint32Array(3) },
      { vectors: Array.from({ length: 65 }, () => query) },
      { vectors: Array.from({ length: 21 }, () => query), k: 1_000 },
    ]
    for (const change of odd) {
      await expect(search.search({ ...asked, ...change })).rejects.toEqual(code('ANN_OPTIONS'))
    }
  })

  test.each([
    { dimensions: 0 },
    { dimensions: 1.5 },
    { threads: 0 },
    { metric: 'l2' as 'dot' },
    { kMax: 0 },
  ])('options %o', async (given) => {
    await expect(smallSearch(given)).rejects.toEqual(code('ANN_OPTIONS'))
  })

  test('more than a memory holds', async () => {
    const given = { dimensions: 4_096, capacity: 2 ** 28 }
    await expect(smallSearch(given)).rejects.toEqual(code('MODEL_TOO_LARGE'))
  })

  test('signals, a full pool, a closed search', async () => {
    const search = await filledSearch({ cells: 1 })
    const asked = { vectors: queries, k: 10 }
    const signal = AbortSignal.abort(new Error('before'))
    await expect(search.search({ ...asked, signal })).rejects.toThrow('before')
    const stop = new AbortController()
    const called = search.search({ ...asked, signal: stop.signal })
    await expect(search.search(asked)).rejects.toEqual(code('ANN_FULL'))
    stop.abort(new Error('off'))
    await expect(called).rejects.toThrow('off')
    await expect.poll(() => search.stats.inFlight, patient).toBe(0)
    const last = search.search(asked)
    const rebuilt = expect(search.rebuild()).rejects.toEqual(code('ANN_CLOSED'))
    await search.close()
    await rebuilt
    expect((await last).ids).toHaveLength(200)
    await expect(search.search(asked)).rejects.toEqual(code('ANN_CLOSED'))
    await expect(search.rebuild()).rejects.toEqual(code('ANN_CLOSED'))
    expect(() => search.add(3_000, query)).toThrow(code('ANN_CLOSED'))
    await search.close()
  })
})

test('closed while it links: the thread stops soon, and the process lives', async () => {
  const count = 20_000
  const search = await smallSearch({ capacity: count, idLimit: count })
  clusteredVectors({ ...world, count }).forEach((vector, id) => {
    search.add(id, vector)
  })
  const linking = Promise.withResolvers<void>()
  const told: number[] = []
  const rebuilt = search.rebuild((done) => {
    told.push(done)
    linking.resolve()
  })
  const refused = expect(rebuilt).rejects.toEqual(code('ANN_CLOSED'))
  await linking.promise
  await search.close()
  await refused
  expect(told.at(-1)).toBeLessThan(count / 2)
})

describe('threads that die', () => {
  const asked = { vectors: queries, k: 10 }

  test('another answers the same', async () => {
    const started: Worker[] = []
    const start = (setup: SearchSetup) => {
      started.push(startSearch(setup))
      return started.at(-1)!
    }
    await using search = await filledSearch({ startSearch: start })
    search.delete(5)
    const before = await search.search(asked)
    await endThread(started.at(-1)!)
    expect(await search.search(asked)).toEqual(before)
    await expect.poll(() => search.stats.replaced, patient).toBe(1)
  })

  test('threads that never come up: a named error; a rebuild of such changes nothing', async () => {
    let isBroken = false
    const broken = () => new Worker("throw new Error('no such graph')", { eval: true })
    const start = (setup: SearchSetup) => (isBroken ? broken() : startSearch(setup))
    const lost = { code: 'ANN_THREAD_LOST', message: expect.stringContaining('no such graph') }
    await using search = await filledSearch({ startSearch: start })
    const before = await search.search(asked)
    isBroken = true
    await expect(search.rebuild()).rejects.toMatchObject(lost)
    expect(await search.search(asked)).toEqual(before)
    await expect(smallSearch({ startSearch: broken })).rejects.toMatchObject(lost)
    isBroken = false
    await search.rebuild()
    expect(await search.search(asked)).toEqual(before)
  })

  test('a task that dies or fails is named, and tried again', async () => {
    const failures: unknown[] = []
    const scripts = [
      "throw new Error('out of luck')",
      'process.exit(3)',
      `const { parentPort } = require('node:worker_threads')
       const error = { code: 'ANN_NATIVE_MISSING', message: 'not compiled', details: {} }
       parentPort.postMessage({ kind: 'failed', error, reason: '' })`,
    ]
    const taskOf: typeof startTask = (task) => {
      const script = scripts.shift()
      return script === undefined ? startTask(task) : new Worker(script, { eval: true })
    }
    const onError = (error: unknown) => failures.push(error)
    await using search = await smallSearch({ startTask: taskOf, rebuildAfter: 100, onError })
    await expect(search.rebuild()).rejects.toEqual(code('ANN_TASK_LOST'))
    await expect(search.rebuild()).rejects.toEqual(code('ANN_TASK_LOST'))
    for (let id = 0; id < 100; id++) search.add(id, vectors[id]!)
    await expect.poll(() => failures.length, patient).toBe(1)
    expect(failures).toEqual([code('ANN_NATIVE_MISSING')])
    expect((await search.search(asked)).ids).toHaveLength(200)
    await search.rebuild()
    expect(search.stats).toMatchObject({ linked: 100 })
  })
})
