/** The monitor counts what it should, sees bad answers, and ends where vectors change. */
import { expect, test } from 'vitest'
import { Desk } from './desk.ts'
import { RecallMonitor } from './recall-monitor.ts'
import { ScanIndex } from './scan-index.ts'
import { clusteredVectors, patient, smallSearch } from './testing.ts'
import { told, vectorMemory } from './vector-memory.ts'
import { VectorStore } from './vector-store.ts'

const world = { seed: 8, dimensions: 16, clusters: 10 }
const COUNT = 40_000
const [query] = clusteredVectors({ ...world, count: 1, stream: 'queries' }) as [Float32Array]

function monitored(every: number) {
  const shape = { dimensions: 16, capacity: COUNT + 1, idLimit: COUNT + 1, desks: 2, deskRows: 200 }
  const store = new VectorStore(vectorMemory(shape))
  const some = clusteredVectors({ ...world, count: 1_000 })
  for (let id = 0; id < COUNT; id++)
    store.set(
      id,
      some[id % 1_000]!.map((x) => x + id * 1e-7),
    )
  const desk = new Desk(store.memory, 0)
  const words = store.memory.told
  const counts = () => [told.checks, told.hits, told.wanted, told.dropped].map((at) => words[at])
  return { store, desk, monitor: new RecallMonitor(store.memory, 1, every), counts }
}

test('right answers are counted as right, false ones as false; in pieces', () => {
  const { desk, monitor, counts } = monitored(2)
  desk.ask(query, false)
  const right = new ScanIndex(desk).search(10).scores.slice()
  monitor.note(desk, right)
  expect(monitor.work()).toBe(false)
  monitor.note(desk, right)
  expect([monitor.work(), monitor.work(), monitor.work(), monitor.work()]).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect(counts()).toEqual([1, 10, 10, 0])
  const false2 = right.map((score, i) => (i < 8 ? score : right[9]! - 0.1))
  monitor.note(desk, false2)
  monitor.note(desk, false2)
  while (monitor.work());
  expect(counts()).toEqual([2, 18, 20, 0])
})

test('a change while it runs ends it; under load without a pause it is done late', () => {
  const { store, desk, monitor, counts } = monitored(1)
  desk.ask(query, false)
  const right = new ScanIndex(desk).search(10).scores.slice()
  monitor.note(desk, right)
  expect(monitor.work()).toBe(true)
  store.set(COUNT, query)
  expect(monitor.work()).toBe(false)
  expect(counts()).toEqual([0, 0, 0, 1])
  // The newest is the query itself, so only nine of the former ten are among the ten.
  for (let i = 0; i < 4; i++) monitor.note(desk, right)
  expect(counts()).toEqual([1, 9, 10, 1])
})

test('it follows what is served, and only what the graph answered', async () => {
  await using search = await smallSearch({ dimensions: 16, checkEvery: 10 })
  clusteredVectors({ ...world, count: 2_000 }).forEach((vector, id) => {
    search.add(id, vector)
  })
  await search.rebuild()
  const vectors = clusteredVectors({ ...world, count: 50, stream: 'queries' })
  await search.search({ vectors, k: 10, index: 'scan' })
  expect(search.stats.recall).toEqual({ at10: undefined, checks: 0, dropped: 0 })
  for (let i = 0; i < 4; i++) await search.search({ vectors, k: 10, ef: 100, index: 'graph' })
  await expect.poll(() => search.stats.recall.checks, patient).toBeGreaterThan(2)
  expect(search.stats.recall.at10).toBeGreaterThan(0.9)
})
