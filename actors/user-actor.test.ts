import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DeclaredKind,
  type DeclaredKinds,
  type Entry,
  type EventKind,
  encodeState,
} from '../base/index.ts'
import { batchOf, newNames, recordsOf, standalone } from './testing.ts'
import { UserActor } from './user-actor.ts'
import { userServices } from './user-services.ts'
import { userState } from './user-state.ts'

let counter = 0
const act = (
  kind: EventKind | DeclaredKind,
  pin: string,
  time = ++counter,
  board?: string,
): Entry => ({
  kind,
  id: `e${++counter}`,
  time,
  user: 'u',
  pin,
  ...(board !== undefined && { board }),
})

const services = userServices(new Map(), newNames())

function contextAfter(entries: readonly Entry[], declared: DeclaredKinds = new Map()) {
  const names = newNames()
  const { context, write } = standalone(userState)
  const actor = new UserActor(context, userServices(declared, names))
  write(() => actor.apply(batchOf(recordsOf(entries, names))))
  const said = actor.context()
  const pins = (list: readonly number[]) => list.map((pin) => names.pin.id(pin))
  return {
    ...said,
    seedPins: pins(said.seeds.map((seed) => seed.pin)),
    excluded: pins(said.exclude).sort(),
    savedPins: pins(said.exclude.slice(0, said.savedCount)),
    boardIds: said.boards.map((board) => names.board.id(board)),
    topicIds: said.topics.map((topic) => names.tag.id(topic)),
  }
}

describe('seeds and exclusions', () => {
  test('newest first, stronger for saves than for looks', () => {
    const said = contextAfter([act('save', 'a'), act('closeup', 'b'), act('save', 'c')])
    expect(said.seedPins).toEqual(['c', 'b', 'a'])
    expect(said.excluded).toEqual(['a', 'c'])
    const weight = Object.fromEntries(said.seeds.map((s, i) => [said.seedPins[i], s.weight]))
    expect(weight['c']).toBeGreaterThan(weight['a']!)
    expect(weight['a']).toBeGreaterThan(weight['b']!)
  })
  test('what is saved comes first among the excluded, newest first, more of it than seeds', () => {
    const saves = Array.from({ length: 60 }, (_, n) => act('save', `s${n}`))
    const others = [act('hide', 'h'), act('impression', 'i'), act('impression', 's3')]
    const said = contextAfter([act('save', 'gone'), ...saves, ...others, act('unsave', 'gone')])
    expect(said.savedPins).toEqual(Array.from({ length: 60 }, (_, n) => `s${59 - n}`))
    expect(said.excluded).toHaveLength(62)
    expect(said.seedPins).toHaveLength(48)
  })
  test('an unsave takes a seed back; one that is older than the save does not', () => {
    expect(contextAfter([act('save', 'a', 10), act('unsave', 'a', 20)]).seedPins).toEqual([])
    expect(contextAfter([act('save', 'a', 20), act('unsave', 'a', 10)]).seedPins).toEqual(['a'])
  })
  test('a hidden pin is excluded and no seed, whatever was looked at later', () => {
    const said = contextAfter([act('save', 'a', 1), act('hide', 'a', 2), act('closeup', 'a', 3)])
    expect(said.seedPins).toEqual([])
    expect(said.excluded).toEqual(['a'])
  })
  test('a look does not undo a save', () => {
    const said = contextAfter([act('save', 'a', 1), act('closeup', 'a', 2)])
    expect(said.seedPins).toEqual(['a'])
    expect(said.excluded).toEqual(['a'])
  })
  test('that holds too when they are logged in another order than they happened', () => {
    const said = contextAfter([act('closeup', 'a', 3), act('hide', 'a', 2), act('save', 'a', 1)])
    expect([said.seedPins, said.excluded]).toEqual([[], ['a']])
  })
  test('a seed is as strong as the strongest action, not as the last', () => {
    const [clicked] = contextAfter([act('outbound', 'a', 1), act('closeup', 'a', 2)]).seeds
    const [seen] = contextAfter([act('closeup', 'a', 1), act('closeup', 'a', 2)]).seeds
    expect(clicked!.weight).toBe(2 * seen!.weight)
  })
  test('what was shown is not shown again', () => {
    expect(contextAfter([act('impression', 'a')]).excluded).toEqual(['a'])
  })
  test('a thousand actions are kept, the oldest give way', () => {
    const many = Array.from({ length: 1_200 }, (_, i) => act('save', `p${i}`))
    const said = contextAfter(many)
    expect(said.saves).toBe(1_200)
    expect(said.excluded).toHaveLength(1_000)
    expect(said.seedPins[0]).toBe('p1199')
  })
})

describe('kinds that the operator declares', () => {
  const [purchase, dislike] = ['purchase', 'dislike'] as DeclaredKind[]
  const declared = new Map([
    ['purchase', 2],
    ['dislike', -0.5],
    ['browse', 0],
  ])
  test('above 0: a seed of that strength, which may be shown again', () => {
    const said = contextAfter([act('save', 'a'), act(purchase!, 'b')], declared)
    expect(said.seedPins).toEqual(['b', 'a'])
    expect(said.seeds[0]!.weight).toBe(2)
    expect(said.excluded).toEqual(['a'])
  })
  test('below 0: hidden from this user, until it is saved', () => {
    const disliked = [act('save', 'a', 1), act(dislike!, 'a', 2), act('closeup', 'a', 3)]
    const said = contextAfter(disliked, declared)
    expect([said.seedPins, said.excluded]).toEqual([[], ['a']])
    expect(contextAfter([...disliked, act('save', 'a', 4)], declared).seedPins).toEqual(['a'])
  })
  test('0, or declared no more: it says nothing, and undoes nothing', () => {
    const browse = act('browse' as DeclaredKind, 'a', 9)
    const said = contextAfter([act('save', 'a', 1), browse, act('closeup', 'b')], declared)
    expect(said.seedPins).toEqual(['b', 'a'])
    const forgotten = contextAfter([act(purchase!, 'a'), act('closeup', 'b')])
    expect(forgotten.seedPins).toEqual(['b'])
  })
})

test('boards and topics, latest first; nobody is known before an event', () => {
  const follow: Entry = { kind: 'follow-topic', id: 'f', time: 5, user: 'u', topic: 'clay' }
  const said = contextAfter([act('save', 'a', 1, 'x'), act('save', 'b', 3, 'y'), follow])
  expect(said.boardIds).toEqual(['y', 'x'])
  expect(said.topicIds).toEqual(['clay'])
  expect(said.known).toBe(true)
  const { context } = standalone(userState)
  expect(new UserActor(context, services).context()).toMatchObject({
    known: false,
    seeds: [],
    exclude: [],
  })
})

test('a deleted user leaves nothing', () => {
  const gone: Entry = { kind: 'delete-user', id: 'u', time: 99 }
  const said = contextAfter([act('save', 'a', 1, 'x'), act('impression', 'b'), gone])
  expect(said).toMatchObject({ known: false, seeds: [], exclude: [], boards: [], saves: 0 })
})

test('the class has no fields of its own beside its context', () => {
  expect(Object.keys(new UserActor(standalone(userState).context, services))).toEqual([])
})

const kind = fc.constantFrom<EventKind | DeclaredKind>(
  ...(['save', 'unsave', 'hide', 'closeup', 'impression', 'outbound'] as const),
  'purchase' as DeclaredKind,
)
const entry = fc.record({ kind, pin: fc.nat(5), time: fc.nat(40), board: fc.nat(3) })

test('any split into batches gives equal bytes', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), fc.nat(40), (list, cut) => {
      const entries = list.map((e, i): Entry => {
        return {
          kind: e.kind,
          id: `e${i}`,
          time: e.time,
          user: 'u',
          pin: `p${e.pin}`,
          board: `b${e.board}`,
        }
      })
      const names = newNames()
      const block = recordsOf(entries, names)
      const bytes = (cuts: readonly number[]) => {
        const { context, handle, write } = standalone(userState)
        const actor = new UserActor(context, services)
        const ends = [...cuts, block.count]
        let from = 0
        for (const to of ends) {
          if (to > from) write(() => actor.apply(batchOf(block, from, to)))
          from = Math.max(from, to)
        }
        return encodeState(handle, names)
      }
      const whole = bytes([])
      expect(bytes([Math.min(cut, block.count)])).toEqual(whole)
      expect(bytes(entries.map((_, i) => i))).toEqual(whole)
    }),
  )
})
