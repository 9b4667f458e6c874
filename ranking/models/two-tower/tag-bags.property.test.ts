import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bagOf, tagBags, tagRowsFor, UNTAGGED_ROW } from './tag-bags.ts'

const shape = { slots: 4, tagRows: 1 << 20 }
const word = fc.string({ maxLength: 8 })
const lists = fc.array(fc.option(fc.array(word, { maxLength: 9 }), { nil: undefined }), {
  minLength: 1,
  maxLength: 12,
})

test('a bag depends on its own tags alone, wherever it stands', () => {
  const law = fc.property(lists, (tags) => {
    const { rows, sizes, shape: made } = tagBags(tags, tags.length, shape)
    tags.forEach((list, pin) => {
      const own = [...rows.subarray(pin * made.slots, pin * made.slots + sizes[pin]!)]
      expect(own).toEqual(bagOf(list, shape))
      // Places behind a bag read what it reads, so that a step moves no other row.
      const place = rows.subarray(pin * made.slots, (pin + 1) * made.slots)
      expect(new Set(place)).toEqual(new Set(own))
    })
  })
  fc.assert(law, { seed: 3 })
})

test('the first distinct tags in the order given, empty words are none', () => {
  const rowsOf = (...tags: string[]) => bagOf(tags, shape)
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((tag) => rowsOf(tag)[0]!)
  expect(new Set([a, b, c, d, e, UNTAGGED_ROW]).size).toBe(6)
  expect(rowsOf('b', '', 'a', 'b', 'c')).toEqual([b, a, c])
  expect(rowsOf('e', 'd', 'c', 'b', 'a')).toEqual([e, d, c, b])
  for (const nothing of [[], [''], undefined]) {
    expect(bagOf(nothing, shape)).toEqual([UNTAGGED_ROW])
  }
})

test('what is left out is counted', () => {
  const tags = [['a', 'b', 'c', 'd', 'e', 'f'], undefined, [], ['a', 'a']]
  expect(tagBags(tags, 5, shape)).toMatchObject({ untagged: 3, cut: 2, shape: { slots: 4 } })
  expect(tagBags([['a'], ['b', 'c']], 2, shape).shape.slots).toBe(2)
})

test('rows are many times as many as tags', () => {
  const rowsFor = (count: number) =>
    tagRowsFor([Array.from({ length: count }, (_, n) => `t${n}`), undefined])
  expect([0, 700, 20_000, 50_000].map(rowsFor)).toEqual([32, 32_768, 2 ** 18, 2 ** 19])
})
