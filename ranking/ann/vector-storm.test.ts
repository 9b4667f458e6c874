/**
 * Everything at once: queries, changes, rebuilds, threads killed. What was deleted before an answer
 * is given is not in it, what is answered has its score, and at the end all is as a map says.
 */
import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { endThread, Random } from '../../base/index.ts'
import { startSearch } from './epoch.ts'
import { bruteForce, clusteredVectors, foundOf, smallSearch } from './testing.ts'

const ROUNDS = 400
const IDS = 800

test('a storm', { timeout: 60_000 }, async () => {
  const random = new Random(11)
  const world = { seed: 4, dimensions: 8, clusters: 20 }
  const pool = clusteredVectors({ ...world, count: 3_000 })
  const workers: Worker[] = []
  await using search = await smallSearch({
    threads: 2,
    checkEvery: 5,
    startSearch: (setup) => {
      workers.push(startSearch(setup))
      return workers.at(-1)!
    },
  })
  const held = new Map<number, Float32Array>()
  /** Every vector that an id has had. */
  const history = Array.from({ length: IDS }, () => new Set<Float32Array>())
  const asking: Promise<void>[] = []
  let answered = 0
  const ask = async () => {
    const query = pool[random.below(3_000)]!
    const index = (['graph', 'scan', undefined] as const)[random.below(3)]
    const filter =
      random.below(3) === 0
        ? search.filterOf([...held.keys()].filter((id) => id % 2 === 0))
        : undefined
    const found = foundOf(await search.search({ vectors: [query], k: 20, index, filter }))
    answered += found.length
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
    for (const { id, score } of found) {
      expect(search.has(id)).toBe(true)
      if (filter) expect(id % 2).toBe(0)
      const scores = [...history[id]!].map(
        (vector) => bruteForce([[id, vector]], query, 1)[0]!.score,
      )
      expect(Math.min(...scores.map((other) => Math.abs(other - score)))).toBeLessThan(1e-5)
    }
  }
  const rebuilds: Promise<void>[] = []
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < 5; i++) {
      const id = random.below(IDS)
      if (random.below(3) === 0) expect(search.delete(id)).toBe(held.delete(id))
      else {
        const vector = pool[random.below(3_000)]!
        search.set(id, vector)
        held.set(id, vector)
        history[id]!.add(vector)
      }
    }
    asking.push(ask())
    if (round % 150 === 100) rebuilds.push(search.rebuild())
    if (round % 200 === 199) void endThread(workers.at(-1)!)
    if (round % 8 === 7) await asking.at(-1)
    if (round === 200) await rebuilds.at(-1)
    // Whoever has been answered looks at the answer before anything else is deleted.
    if (round % 8 === 7 || round === 200) await setImmediate()
  }
  await Promise.all([...asking, ...rebuilds])
  expect(answered).toBeGreaterThan(ROUNDS * 10)
  expect(search.stats.epoch).toBeGreaterThan(2)
  await search.rebuild()
  expect(search.stats).toMatchObject({ vectors: held.size, fresh: 0, dead: 0 })
  const query = pool[0]!
  for (const index of ['graph', 'scan'] as const) {
    const found = foundOf(await search.search({ vectors: [query], k: IDS, index }))
    const expected = bruteForce(held, query, IDS).map(({ score }) => score)
    expect(found.map(({ score }) => score)).toEqual(
      expected.map((score) => expect.closeTo(score, 5)),
    )
  }
})
