import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Interner, NONE } from './ids.ts'
import {
  flagShape,
  knownIds,
  listShape,
  numberShape,
  optionalShape,
  recordShape,
  refShape,
  textShape,
} from './shape.ts'
import { bySpace, type Names } from './state/index.ts'

const shape = recordShape({
  count: numberShape(0, 9),
  note: optionalShape(textShape(5)),
  pins: listShape(refShape('pin'), 3),
  deep: recordShape({ on: flagShape }),
})
const newNames = (): Names => bySpace(() => new Interner())

test('a copy shares nothing with what was given', () => {
  const given = { count: 1, pins: [0, 1], deep: { on: true } }
  const copy = shape.copy(given)
  given.pins.push(2)
  given.deep.on = false
  expect(copy).toEqual({ count: 1, pins: [0, 1], deep: { on: true } })
})

describe('what does not fit is named by its path', () => {
  const good = { count: 1, pins: [], deep: { on: true } }
  test.each([
    [{ ...good, count: 10 }, '.count'],
    [{ ...good, count: Number.NaN }, '.count'],
    [{ ...good, note: 'too long' }, '.note'],
    [{ ...good, pins: [1, -1] }, '.pins[1]'],
    [{ ...good, pins: [1, 2, 3, 4] }, '.pins'],
    [{ ...good, deep: { on: 1 } }, '.deep.on'],
    [{ ...good, more: 1 }, '.more'],
    [null, 'the value'],
    [[], 'the value'],
  ])('%j', (value, path) => expect(() => shape.copy(value)).toThrow(path))
})

test('packed on one host and unpacked on another, refs name the same things', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom('a', 'b', 'é', 'd'), { maxLength: 3 }), (ids) => {
      const here = newNames()
      const there = newNames()
      there.pin.intern('other')
      const value = { count: 1, pins: ids.map((id) => here.pin.intern(id)), deep: { on: false } }
      const wire = JSON.parse(JSON.stringify(shape.pack(value, here)))
      const arrived = shape.unpack(wire, there)
      expect(arrived.pins.map((pin) => there.pin.id(pin))).toEqual(ids)
    }),
  )
  expect(refShape('pin').pack(NONE, newNames())).toBeNull()
  expect(refShape('pin').unpack(null, newNames())).toBe(NONE)
})

test('from a stranger only known ids are taken: reading gives no numbers', () => {
  const names = newNames()
  names.pin.intern('known')
  expect(refShape('pin').unpack('known', knownIds(names))).toBe(0)
  expect(() =>
    shape.unpack({ count: 1, pins: ['who'], deep: { on: true } }, knownIds(names)),
  ).toThrow('.pins[0] is "who"; expected the id of a known pin')
  expect(names.pin.size).toBe(1)
})

test('junk never gets through, nor throws anything but a ShapeError', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      try {
        const copy = shape.copy(value)
        expect(copy).toMatchObject({ count: expect.any(Number) })
      } catch (error) {
        expect((error as Error).name).toBe('ShapeError')
      }
    }),
  )
})
