import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashId } from './ids.ts'
import { NumberedIds, receivedIds } from './numbered-ids.ts'

const COUNT = 4_000_000_000
const ids = new NumberedIds([
  { prefix: 'u', count: COUNT - 1000 },
  { prefix: '\u0001ü', count: 1000 },
])

test('numbers and ids are each other’s, and hashes and bytes those of the text', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.nat(COUNT - 1), fc.integer({ min: COUNT - 2000, max: COUNT - 1 })),
      (index) => {
        const id = ids.id(index)
        const second = index - COUNT + 1000
        expect(id).toBe(second < 0 ? `u${index}` : `\u0001ü${second}`)
        expect(ids.find(id)).toBe(index)
        expect(ids.intern(id)).toBe(index)
        expect(ids.hash(index)).toBe(hashId(id))
        const bytes = Buffer.alloc(30)
        const end = ids.copyId(index, bytes, 3)
        expect(bytes.toString('utf8', 3, end)).toBe(id)
        expect(ids.byteLength(index)).toBe(Buffer.byteLength(id))
        expect(ids.internBytes(bytes, 3, end)).toBe(index)
      },
    ),
  )
})

test('what is none of them is not found, and cannot be added', () => {
  for (const id of ['u4000000000', 'p1', 'u', 'u01', 'u1.5', 'u-1', 'u1e3', '']) {
    expect(ids.find(id), id).toBe(-1)
    expect(() => ids.intern(id)).toThrow(expect.objectContaining({ code: 'CAPACITY' }))
  }
})

test('another thread knows the same ids by its memory', () => {
  expect(receivedIds(ids.memory()).id(7)).toBe('u7')
})
