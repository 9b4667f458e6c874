import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Interner, idProblem } from './ids.ts'
import { sharedAllocator } from './memory.ts'

const id = fc
  .string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
  .filter((text) => idProblem(text) === undefined)

test('an interner numbers ids in order and finds them, like a Map', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), fc.boolean(), (ids, shared) => {
      const options = shared ? { capacity: 300, allocate: sharedAllocator, bytesPerId: 120 } : {}
      const interner = new Interner({ capacity: 4, ...options })
      const map = new Map<string, number>()
      for (const text of ids) {
        if (!map.has(text)) map.set(text, map.size)
        expect(interner.intern(text)).toBe(map.get(text))
      }
      expect(interner.size).toBe(map.size)
      for (const [text, index] of map) {
        expect(interner.id(index)).toBe(text)
        expect(interner.find(text)).toBe(index)
      }
      expect(interner.find('nobody has this id')).toBe(-1)
    }),
  )
})

test('another thread reads ids and hashes from the shared memory', () => {
  const writer = new Interner({ capacity: 100, allocate: sharedAllocator })
  const reader = new Interner({}, writer.memory())
  expect(reader.size).toBe(0)
  writer.intern('later')
  expect(reader.id(0)).toBe('later')
  expect(reader.hash(0)).toBe(writer.hash(0))
})

test('a shared interner that is full names the setting', () => {
  const interner = new Interner({ capacity: 2, allocate: sharedAllocator, setting: 'PINWHEEL_X' })
  interner.intern('a')
  interner.intern('b')
  expect(() => interner.intern('c')).toThrow(/PINWHEEL_X/)
  expect(interner.intern('a')).toBe(0)
})

test('a number left as a gap is nobody’s; those behind it are found, however many', () => {
  const interner = new Interner({ capacity: 2 })
  interner.intern('a')
  for (let n = 0; n < 500; n++) interner.leaveGap()
  const later = Array.from({ length: 500 }, (_, n) => interner.intern(`an id of its own ${n}`))
  expect(later).toEqual(Array.from({ length: 500 }, (_, n) => 501 + n))
  expect([interner.size, interner.find('a'), interner.find('')]).toEqual([1001, 0, -1])
  expect([interner.id(7), interner.byteLength(7), interner.id(1000)]).toEqual([
    '',
    0,
    'an id of its own 499',
  ])
  const full = new Interner({ capacity: 1, allocate: sharedAllocator, setting: 'PINWHEEL_X' })
  full.leaveGap()
  expect(() => full.leaveGap()).toThrow(/PINWHEEL_X/)
})

test.each([
  '',
  'a\0b',
  'line\nbreak',
  'x'.repeat(201),
  '\ud800',
  5,
  null,
  undefined,
  {},
  '🦊'.repeat(51),
])('%j is no id', (value) => expect(idProblem(value)).toMatch(/1 to 200 bytes/))
test.each(['a', 'é', '🦊'.repeat(50), 'with space', '~'])('%j is an id', (value) =>
  expect(idProblem(value)).toBeUndefined(),
)
