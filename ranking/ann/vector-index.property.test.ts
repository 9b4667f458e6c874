/** The laws of `VectorIndex`, for both, against brute force. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { Desk, type Ranked } from './desk.ts'
import { buildGraphFile, HnswIndex, readGraphFile } from './hnsw-index.ts'
import { ScanIndex } from './scan-index.ts'
import { bruteForce, clusteredVectors } from './testing.ts'
import type { VectorIndex } from './vector-index.ts'
import { filterWords, told, vectorMemory } from './vector-memory.ts'
import { VectorStore } from './vector-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'vector-index-'))
afterAll(() => rmSync(folder, { recursive: true }))
const SEED = 5

function emptyStore(dimensions: number, capacity: number) {
  const shape = { dimensions, capacity, idLimit: capacity, desks: 2, deskRows: 4 * capacity + 200 }
  return new VectorStore(vectorMemory(shape))
}

function ask(index: VectorIndex, store: VectorStore, query: Float32Array, given: Asked): Ranked {
  const desk = deskOf(index, store)
  const { allowed, k } = given
  desk.filter.fill(0)
  for (const id of allowed ?? []) desk.filter[id >>> 5]! |= 1 << (id & 31)
  desk.ask(query, allowed !== undefined)
  return index.search(k, 400)
}
type Asked = { readonly k: number; readonly allowed?: ReadonlySet<number> | undefined }

const desks = new WeakMap<VectorIndex, Desk>()
function deskOf(index: VectorIndex, store: VectorStore): Desk {
  const desk = desks.get(index)
  if (!desk || desk.memory !== store.memory) throw new Error('an index of this store')
  return desk
}

/** Whole numbers: products are exact in floats, and equal scores are many. */
const component = fc.integer({ min: -3, max: 3 })
const plan = fc.integer({ min: 1, max: 20 }).chain((dimensions) => {
  const vector = fc.array(component, { minLength: dimensions, maxLength: dimensions })
  const id = fc.nat(39)
  return fc.record({
    dimensions: fc.constant(dimensions),
    before: fc.array(vector, { minLength: 1, maxLength: 30 }),
    changes: fc.array(fc.record({ id, vector: fc.option(vector) }), { maxLength: 15 }),
    query: vector,
    allowed: fc.option(fc.uniqueArray(id), { nil: undefined }),
    k: fc.integer({ min: 1, max: 60 }),
  })
})

describe.each(['scan', 'graph'] as const)('%s', (name) => {
  const make = async (store: VectorStore) => {
    const file = join(folder, 'graph')
    const desk = new Desk(store.memory, 0)
    let index: VectorIndex
    if (name === 'scan') index = new ScanIndex(desk)
    else {
      const options = { links: 16, efBuild: 100, seed: 1, file, onRow: () => {} }
      await buildGraphFile(store.memory, options)
      index = new HnswIndex(desk, await readGraphFile(store.memory, file))
    }
    desks.set(index, desk)
    return index
  }

  test('answers as brute force does, filtered, after changes', async () => {
    const law = fc.asyncProperty(plan, async (given) => {
      const store = emptyStore(given.dimensions, 64)
      const held = new Map<number, number[]>()
      const set = (id: number, vector: number[]) => {
        store.set(id, Float32Array.from(vector))
        held.set(id, vector)
      }
      given.before.forEach((vector, id) => {
        set(id, vector)
      })
      Atomics.store(store.memory.told, told.baseRows, store.rowCount)
      const index = await make(store)
      for (const { id, vector } of given.changes) {
        if (vector) set(id, vector)
        else expect(store.delete(id)).toBe(held.delete(id))
      }
      const allowed = given.allowed && new Set(given.allowed)
      const query = Float32Array.from(given.query)
      const { ids, scores } = ask(index, store, query, { k: given.k, allowed })
      const left = [...held].filter(([id]) => !allowed || allowed.has(id))
      const expected = bruteForce(left, given.query, given.k)
      expect([...scores]).toEqual(expected.map(({ score }) => score + 0))
      expect([...ids]).toEqual(expected.map(({ id }) => id))
    })
    await fc.assert(law, { seed: SEED, numRuns: 60 })
  })

  test('finds the nearest of many', async () => {
    const given = { seed: SEED, dimensions: 24, clusters: 30 }
    const vectors = clusteredVectors({ ...given, count: 3_000 })
    const store = emptyStore(24, 3_000)
    vectors.forEach((vector, id) => {
      store.set(id, vector)
    })
    Atomics.store(store.memory.told, told.baseRows, 3_000)
    const index = await make(store)
    let hits = 0
    for (const query of clusteredVectors({ ...given, count: 30, stream: 'queries' })) {
      const { ids } = ask(index, store, query, { k: 10 })
      const best = new Set(bruteForce(vectors.entries(), query, 10).map(({ id }) => id))
      hits += ids.filter((id) => best.has(id)).length
    }
    // Of 300; seeded, so the same on every run of one machine.
    expect(hits).toBeGreaterThanOrEqual(299)
  })
})

test('the bits of a filter end where ids do', () => {
  expect([1, 32, 33].map(filterWords)).toEqual([1, 1, 2])
})
