import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExactTable, exactTableMemory, TABLE_K_MAX } from './exact-table.ts'
import { bruteForce, clusteredVectors } from './testing.ts'

const world = { seed: 5, dimensions: 24, clusters: 12 }
const vectors = clusteredVectors({ ...world, count: 3_000 })
const memory = exactTableMemory(Float32Array.from(vectors.flatMap((row) => [...row])), 24)
const table = new ExactTable(memory)
const queries = clusteredVectors({ ...world, count: 20, stream: 'queries' })

test('the best are those of brute force, whatever k', () => {
  fc.assert(
    fc.property(fc.nat(19), fc.nat(TABLE_K_MAX), fc.integer({ min: 1, max: 1_000 }), (q, k, x) => {
      // Inner products, not cosines: the length of a query changes scores and no order.
      const query = queries[q]!.map((value) => value * x)
      const expected = bruteForce(vectors.entries(), query, k)
      const { ids, scores } = table.best(query, k)
      expect(ids.length).toBe(Math.min(k, 3_000))
      expect([...new Set(ids)].length).toBe(ids.length)
      const near = (score: number) => expect.closeTo(score / x, 4)
      expect([...scores].map((score) => score / x)).toEqual(
        expected.map(({ score }) => near(score)),
      )
    }),
    { numRuns: 40, seed: 9 },
  )
})

test('a product is what `best` says, for as many rows as one likes, also twice', () => {
  const { ids, scores } = table.best(queries[0]!, 50)
  const [rows, expected] = [ids.slice(), scores.slice()]
  const many = Uint32Array.from({ length: 20_000 }, (_, i) => rows[i % 50]!)
  table.best(queries[1]!, 7)
  const products = table.productsOf(queries[0]!, many)
  expect([...products]).toEqual(Array.from(many, (_, i) => expected[i % 50]))
  expect(table.productsOf(queries[0]!, new Uint32Array(0)).length).toBe(0)
})

test('two threads’ views do not disturb each other', () => {
  const other = new ExactTable(memory)
  const mine = table.best(queries[2]!, 30)
  const before = [...mine.ids, ...mine.scores]
  other.best(queries[3]!, 30)
  expect([...mine.ids, ...mine.scores]).toEqual(before)
})

test('opened more often than there are places, it refuses by name', () => {
  const small = exactTableMemory(new Float32Array(8), 4)
  const { desks } = small.shape
  const opened = Array.from({ length: desks }, () => new ExactTable(small))
  expect(opened.at(-1)!.rows).toBe(2)
  expect(() => new ExactTable(small)).toThrow(expect.objectContaining({ code: 'CAPACITY' }))
})

test('an empty table answers nothing', () => {
  const none = new ExactTable(exactTableMemory(new Float32Array(0), 16))
  expect(none.best(new Float32Array(16).fill(1), 5).ids.length).toBe(0)
})
