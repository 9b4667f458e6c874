/** The sort of edges is the sort by key that keeps the order of equals, packed or not. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EdgeSort } from './edge-sort.ts'

const KEYS = 70
const edges = fc.array(fc.tuple(fc.nat(KEYS - 1), fc.nat(500)), { maxLength: 300, size: 'max' })

/** Items by key, as the sort leaves them. */
function sorted(given: readonly (readonly [number, number])[], itemCount: number, many: number) {
  const keys = Uint32Array.from(given, ([key]) => key)
  const items = Uint32Array.from(given, ([, item]) => item)
  const sizes = { edgeCount: many, keyCount: KEYS, itemCount }
  const sort = new EdgeSort(new Int32Array(2 * given.length), sizes)
  sort.measure(keys, 0, keys.length)
  sort.place()
  sort.spread(keys, items, 0, keys.length)
  expect(sort.isFilled).toBe(true)
  const rows = {
    list: new Uint32Array(given.length),
    start: new Uint32Array(KEYS),
    end: new Uint32Array(KEYS),
  }
  for (let k = 0; k < sort.buckets; k++) sort.sort(k, rows)
  return Array.from({ length: KEYS }, (_, k) => [...rows.list.subarray(rows.start[k], rows.end[k])])
}

// 2^31 items do not fit a word with any key; 2^22 edges make 32 buckets of these keys.
test.each([
  ['packed, one bucket', 501, 10],
  ['packed, many buckets', 501, 2 ** 22],
  ['two words, one bucket', 2 ** 31 - 1, 10],
  ['two words, many buckets', 2 ** 31 - 1, 2 ** 22],
])('%s', (_name, itemCount, many) => {
  fc.assert(
    fc.property(edges, (given) => {
      const expected = Array.from({ length: KEYS }, (_, key) =>
        given.filter(([k]) => k === key).map(([, item]) => item),
      )
      expect(sorted(given, itemCount, many)).toEqual(expected)
    }),
  )
})

test('edges that differ when they come again are noticed', () => {
  const sort = new EdgeSort(new Int32Array(8), { edgeCount: 2 ** 22, keyCount: KEYS, itemCount: 9 })
  sort.measure(Uint32Array.of(1, 2), 0, 2)
  sort.place()
  sort.spread(Uint32Array.of(1, 60), Uint32Array.of(3, 3), 0, 2)
  expect(sort.isFilled).toBe(false)
})
