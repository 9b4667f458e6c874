import { describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { type Entry, entryOwner, entryProblem, isEvent } from './entry.ts'
import {
  codeOf,
  DECLARED,
  type DeclaredKind,
  eventSlot,
  isEventCode,
  kindNames,
  parseDeclaredKinds,
} from './kinds.ts'

const purchase = { kind: 'purchase', id: 'e', time: 1, user: 'u', pin: 'p' }
const declared = new Map([['purchase', 2]])

test('every kind has a number of its own, and events a counter of their own', () => {
  const codes = [...kindNames.map(codeOf), codeOf('purchase' as DeclaredKind)]
  expect(new Set(codes).size).toBe(codes.length)
  expect(codes.at(-1)).toBe(DECLARED)
  const slots = codes.filter(isEventCode).map(eventSlot)
  expect(slots).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})

describe('an event of a declared kind', () => {
  test('is an entry where its kind is declared, and nowhere else', () => {
    expect(entryProblem(purchase, declared)).toBeUndefined()
    expect(entryProblem(purchase)).toMatchObject({ field: 'kind', value: '"purchase"' })
    expect(entryProblem({ ...purchase, kind: 'wish' }, declared)?.expected).toMatch(
      /purchase, or one that the server is started with/,
    )
  })
  test('has the fields of an event', () => {
    const { pin: _pin, ...pinless } = purchase
    expect(entryProblem(pinless, declared)).toMatchObject({ field: 'pin', value: 'missing' })
    expect(entryProblem({ ...purchase, topic: 't' }, declared)).toMatchObject({ field: 'topic' })
  })
  test('belongs to its user', () => {
    const entry = purchase as Entry
    expect([isEvent(entry), entryOwner(entry)]).toEqual([true, 'u'])
  })
  test.each(['constructor', '__proto__', 'toString'])('%s is no kind by accident', (kind) => {
    expect(entryProblem({ ...purchase, kind }, declared)).toMatchObject({ field: 'kind' })
  })
})

describe('the setting', () => {
  test('names and weights', () => {
    const { kinds } = readConfig({ PINWHEEL_KINDS: 'purchase=2, wish=.5,dislike=-1' }, {}, {})
    expect([...kinds]).toEqual([
      ['purchase', 2],
      ['wish', 0.5],
      ['dislike', -1],
    ])
  })
  test.each([
    'purchase',
    'purchase=',
    'purchase=much',
    'purchase=NaN',
    'purchase=101',
    'purchase=1=2',
    'Purchase=1',
    'save=1',
    'delete-pin=1',
    'a=1,a=2',
    'a=1,',
    `${'x'.repeat(65)}=1`,
    Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(','),
  ])('%j is refused', (text) => {
    expect(parseDeclaredKinds(text)).toBeUndefined()
    expect(() => readConfig({}, {}, { kinds: text })).toThrow(/--kinds is .*expected NAME=WEIGHT/)
  })
})
