import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Entry, encodeState, Random } from '../base/index.ts'
import { PinActor } from './pin-actor.ts'
import { pinState } from './pin-state.ts'
import { batchOf, newNames, recordsOf, standalone } from './testing.ts'

const DAY = 86_400_000

function fold(entries: readonly Entry[], names = newNames(), at = 0) {
  const { context, handle, write } = standalone(pinState)
  const actor = new PinActor(context)
  write(() => actor.apply(batchOf(recordsOf(entries, names))))
  return {
    card: actor.card(),
    recent: actor.activity({ at }),
    bytes: encodeState(handle, names),
    names,
  }
}

const event = fc.record({
  kind: fc.constantFrom('save', 'unsave', 'closeup', 'impression', 'hide', 'outbound', 'purchase'),
  id: fc.uuid(),
  time: fc.nat(20).map((day) => day * DAY + 5),
  user: fc.constantFrom('a', 'b'),
  pin: fc.constant('p'),
})
const told = fc.record({
  kind: fc.constant('pin'),
  id: fc.constant('p'),
  time: fc.nat(1_000_000),
  title: fc.string({ maxLength: 20 }).filter((s) => !s.includes('\0') && s.isWellFormed()),
  tags: fc.uniqueArray(fc.constantFrom('clay', 'wool', 'oak'), { maxLength: 3 }),
})
const deleted = fc.record({
  kind: fc.constant('delete-pin'),
  id: fc.constant('p'),
  time: fc.nat(1_000_000),
})
const entries = fc.uniqueArray(fc.oneof({ weight: 6, arbitrary: event }, told, deleted), {
  minLength: 1,
  maxLength: 30,
  // Two words at the same instant are told apart by the log's order; here every instant is one
  // word.
  selector: (e) => ('user' in e ? e.id : e.time),
}) as fc.Arbitrary<Entry[]>

test('the state is a function of the multiset of entries, whatever their order', () => {
  fc.assert(
    fc.property(entries, fc.nat(), (list, seed) => {
      const names = newNames()
      const shuffled = new Random(seed).shuffle([...list])
      expect(fold(shuffled, names).bytes).toEqual(fold(list, names).bytes)
    }),
    { numRuns: 300 },
  )
})

test('counters fade by day, whatever the order, and forget the oldest', () => {
  const at = 20 * DAY + 7
  const on = (day: number, n: number): Entry[] =>
    Array.from({ length: n }, (_, i) => {
      return { kind: 'save', id: `${day}-${i}`, time: day * DAY, user: 'u', pin: 'p' }
    })
  const entries = [...on(20, 4), ...on(18, 2), ...on(16, 8), ...on(12, 100)]
  const shuffled = new Random(3).shuffle([...entries])
  // 4 today, 2 two days ago, 8 four days ago; twelve days are too old, and 16 - 8 just not.
  expect(fold(shuffled, newNames(), at).recent.saves).toBe(4 + 1 + 2)
  expect(fold(shuffled, newNames(), at + 4 * DAY).recent.saves).toBe((4 + 1 + 2) / 4)
  // Asked about the past, it knows nothing of what came later.
  expect(fold(shuffled, newNames(), 18 * DAY).recent.saves).toBe(2 + 4)
  expect(fold(entries).card.saves).toBe(114)
})

test('what the operator declared is counted apart', () => {
  const bought = { kind: 'purchase', id: 'e', time: 1, user: 'u', pin: 'p' } as Entry
  const { card, recent } = fold([bought, { ...bought, kind: 'save', id: 's' } as Entry])
  expect(card).toMatchObject({ declared: 1, saves: 1 })
  expect(recent).toMatchObject({ declared: 1, saves: 1 })
})

test('a stub becomes a pin, then is hidden, then deleted', () => {
  const save: Entry = { kind: 'save', id: 'e', time: 1, user: 'u', pin: 'p' }
  const pin: Entry = {
    kind: 'pin',
    id: 'p',
    time: 2,
    title: 'Bowl',
    tags: ['clay'],
    topic: 'craft',
  }
  expect(fold([save]).card).toMatchObject({ stub: true, gone: false, saves: 1 })
  const known = fold([save, pin])
  expect(known.card).toMatchObject({ stub: false, title: 'Bowl', saves: 1 })
  expect(known.card.tags.map((tag) => known.names.tag.id(tag))).toEqual(['clay'])
  expect(fold([save, pin, { ...pin, time: 3, hidden: true }]).card.gone).toBe(true)
  const gone = fold([save, pin, { kind: 'delete-pin', id: 'p', time: 4 }]).card
  expect(gone).toMatchObject({ gone: true })
  expect(gone.title).toBeUndefined()
})

test('the class has no fields of its own beside its context', () => {
  expect(Object.keys(new PinActor(standalone(pinState).context))).toEqual([])
})
