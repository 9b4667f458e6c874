/** The sorts of edges are those of an array, packed or not, in one bucket or many. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EdgeSort } from './edge-sort.ts'

const KEYS = 70
const ITEMS = 5000
const edges = fc.array(fc.tuple(fc.nat(KEYS - 1), fc.nat(ITEMS - 1)), {
  maxLength: 300,
  size: 'max',
})
type Given = readonly (readonly [key: number, item: number])[]

// 2^31 items do not fit a word with any two keys; 2^20 edges make buckets of 8 keys.
const cases = [
  ['packed, one bucket', ITEMS, 10],
  ['packed, many buckets', ITEMS, 2 ** 20],
  ['two words, one bucket', 2 ** 31 - 1, 10],
  ['two words, many buckets', 2 ** 31 - 1, 2 ** 20],
] as const

/** The edges spread; `stride` is what an item stands for, so that high bits differ too. */
function spread(given: Given, itemCount: number, edgeCount: number) {
  const keys = Uint32Array.from(given, ([key]) => key)
  const items = Uint32Array.from(given, ([, item]) => item)
  const stride = Math.floor(itemCount / ITEMS)
  const itemOf = Uint32Array.from({ length: ITEMS }, (_, item) => item * stride)
  const sort = new EdgeSort({ edgeCount, keyCount: KEYS })
  measure(sort, keys)
  const words = new Uint32Array(2 * given.length)
  const spare = [new Uint32Array(given.length), new Uint32Array(given.length)] as const
  sort.place(itemCount, words, spare)
  sort.spread({ keys, items, itemOf }, 0, keys.length)
  expect(sort.isFilled).toBe(true)
  expect(sort.packs(itemCount)).toBe(itemCount === ITEMS)
  return { sort, words, stride }
}

function measure(sort: EdgeSort, keys: Uint32Array): void {
  const { starts, shift } = sort.tally
  for (const key of keys) starts[(key >>> shift) + 1]!++
}

/** Items of each key, in the order given. */
function rowsOf(given: Given, stride: number): number[][] {
  return Array.from({ length: KEYS }, (_, key) =>
    given.filter(([k]) => k === key).map(([, item]) => item * stride),
  )
}

describe.each(cases)('%s', (_name, itemCount, edgeCount) => {
  test('by key: equals keep their order', () => {
    fc.assert(
      fc.property(edges, (given) => {
        const { sort, words, stride } = spread(given, itemCount, edgeCount)
        const list = sort.packs(itemCount) ? words : new Uint32Array(given.length)
        const start = new Uint32Array(KEYS + 1).fill(given.length)
        for (let k = 0; k < sort.buckets; k++) sort.sort(k, { list, start })
        const rows = Array.from({ length: KEYS }, (_, k) => [
          ...list.subarray(start[k], start[k + 1]),
        ])
        expect(rows).toEqual(rowsOf(given, stride))
      }),
    )
  })

  test('by key and item: each edge once, and counted for the next sort', () => {
    fc.assert(
      fc.property(edges, (given) => {
        const { sort, words, stride } = spread(given, itemCount, edgeCount)
        const next = new EdgeSort({ edgeCount, keyCount: itemCount })
        const start = new Uint32Array(KEYS)
        const degree = new Uint32Array(KEYS)
        let kept = 0
        for (let k = 0; k < sort.buckets; k++) kept += sort.sortDistinct(k, { start, degree }, next)
        const rows = Array.from({ length: KEYS }, (_, k) => [
          ...words.subarray(start[k], start[k]! + degree[k]!),
        ])
        const expected = rowsOf(given, stride).map((row) => [...new Set(row)].sort((a, b) => a - b))
        expect(rows).toEqual(expected)
        expect(kept).toBe(expected.flat().length)
        const counted = new EdgeSort({ edgeCount, keyCount: itemCount })
        measure(counted, Uint32Array.from(expected.flat()))
        expect(next.tally).toEqual(counted.tally)
      }),
    )
  })
})

test.each([
  ['in another bucket', 60, 0],
  ['of a key that is none', KEYS, 0],
  ['of an item that is none', 2, 1],
])('an edge that comes again %s is noticed', (_name, key, item) => {
  const sort = new EdgeSort({ edgeCount: 2 ** 20, keyCount: KEYS })
  measure(sort, Uint32Array.of(1, 2))
  sort.place(9, new Uint32Array(2))
  const [keys, items] = [Uint32Array.of(1, key), Uint32Array.of(0, item)]
  sort.spread({ keys, items, itemOf: Uint32Array.of(3, 0xffffffff) }, 0, 2)
  expect(sort.isFilled).toBe(false)
})
