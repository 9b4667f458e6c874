import { describe, expect, test } from 'vitest'
import { NONE } from '../ids.ts'
import {
  aloneOnItsPage,
  decodeState,
  encodeState,
  f64,
  inspectState,
  type Names,
  plainState,
  ring,
  type StateFields,
  StoredStates,
  stateSchema,
  table,
  text,
  u8,
  u16,
  u32,
  vector,
} from './index.ts'
import { fresh, names, schema, write } from './testing.ts'

describe('state views', () => {
  test('a zeroed row reads as nothing', () => {
    const { state } = fresh()
    expect([state.flag, state.seen, state.total, state.best, state.title]).toEqual([
      0,
      0,
      0,
      NONE,
      '',
    ])
    expect(state.actions.length).toBe(0)
    expect(state.boards.find(3)).toBeUndefined()
  })

  test('a ring keeps the newest rows in order, through growth and wrap', () => {
    const s = fresh()
    write(s, () => {
      for (let i = 0; i < 23; i++) {
        const row = s.state.actions.append()
        row.pin = i
        row.time = i * 1.5
      }
    })
    const pins = Array.from({ length: s.state.actions.length }, (_, i) => s.state.actions.at(i).pin)
    expect(pins).toEqual([13, 14, 15, 16, 17, 18, 19, 20, 21, 22])
    expect(s.state.actions.at(9).time).toBe(33)
  })

  test('a full table drops the row with the least evictBy', () => {
    const s = fresh()
    write(s, () => {
      for (let i = 0; i < 7; i++) {
        const row = s.state.boards.upsert(i)
        row.last = i === 0 ? 100 : i
        row.saves = row.saves + 1
      }
      expect(s.state.boards.remove(5)).toBe(true)
    })
    const keys = Array.from({ length: s.state.boards.length }, (_, i) => s.state.boards.at(i).board)
    expect(keys.sort()).toEqual([0, 3, 4, 6])
  })

  test('a dropped stage leaves every byte and block as it was', () => {
    const s = fresh()
    const ids = names()
    for (let i = 0; i < 30; i++) ids.pin.intern(`p${i}`)
    for (let i = 0; i < 9; i++) ids.board.intern(`b${i}`)
    write(s, () => {
      for (let i = 0; i < 4; i++) s.state.actions.append().pin = i
      s.state.boards.upsert(2).saves = 7
      s.state.title = 'first'
    })
    const before = encodeState(s.handle, ids)
    const used = s.arena.usedBytes
    write(s, () => {
      for (let i = 0; i < 20; i++) s.state.actions.append().pin = i + 4
      for (let i = 0; i < 9; i++) s.state.boards.upsert(i).last = i
      s.state.boards.remove(2)
      s.state.title = 'second, rather longer'
      s.state.byKind.set(2, 9)
      s.state.long.set(19, 9)
      s.state.draft.make().words = 3
      s.state.seen = 5
      s.state.actions.clear()
      return 'drop'
    })
    expect(encodeState(s.handle, ids)).toEqual(before)
    expect(s.arena.usedBytes).toBe(used)
  })

  test('a read may change nothing', () => {
    const s = fresh()
    s.handle.stage.type = 'Sample'
    s.handle.stage.method = 'peek'
    write(s, () => {
      s.state.boards.upsert(4).saves = 1
      s.state.actions.append().kind = 2
    })
    const changes: (() => unknown)[] = [
      () => {
        s.reading.total = 1
      },
      () => {
        s.reading.title = 'x'
      },
      () => {
        s.reading.actions.at(0).kind = 3
      },
      () => {
        s.reading.boards.find(4)!.saves = 3
      },
      () => s.reading.actions.append(),
      () => s.reading.actions.clear(),
      () => s.reading.boards.upsert(1),
      () => s.reading.boards.remove(4),
      () => s.reading.byKind.set(0, 1),
      () => s.reading.long.set(0, 1),
      () => s.reading.draft.make(),
    ]
    const before = plainState(s.handle)
    for (const change of changes) expect(change).toThrow('Sample.peek is a read')
    expect(plainState(s.handle)).toEqual(before)
  })

  test('an element outside a vector is refused', () => {
    const { state } = fresh()
    for (const index of [-1, 4, Number.NaN]) {
      expect(() => state.byKind.get(index)).toThrow(RangeError)
      expect(() => state.byKind.set(index, 1)).toThrow(RangeError)
    }
  })

  test('a field is named by an identifier, rows fit a block, keys are numbers', () => {
    const of = (fields: StateFields) => aloneOnItsPage(stateSchema('odd', 1, fields))
    expect(() => of({ 'a b': u8 })).toThrow('identifier')
    expect(() => of({ place: u8 })).toThrow('a view’s own')
    expect(() => of({ a: ring({ x: f64 }, 60_000) })).toThrow('fit in one block')
    expect(() => of({ a: table({ k: f64 }, { capacity: 4, evictBy: 'k' }) })).toThrow('key')
  })
})

describe('compact bytes', () => {
  const filled = (ids: Names) => {
    const s = fresh()
    write(s, () => {
      s.state.flag = 200
      s.state.best = ids.pin.intern('the best')
      s.state.byKind.set(3, 11)
      for (const id of ['a', 'b', 'c', 'd', 'é']) s.state.actions.append().pin = ids.pin.intern(id)
      s.state.boards.upsert(ids.board.intern('board one')).saves = 3
      s.state.title = 'Glazed bowl – größer'
    })
    return s
  }

  test('survive a journey to a host with other numbers', () => {
    const here = names()
    const there = names()
    for (let i = 0; i < 50; i++) there.pin.intern(`other ${i}`)
    const s = filled(here)
    const bytes = encodeState(s.handle, here)
    const t = fresh()
    decodeState(t.handle, bytes, there, 'x')
    expect(encodeState(t.handle, there)).toEqual(bytes)
    expect(inspectState(t.handle, there)).toEqual(inspectState(s.handle, here))
    expect(t.state.best).not.toBe(s.state.best)
  })

  test('any flipped byte, missing tail or later version is refused', () => {
    const ids = names()
    const bytes = encodeState(filled(ids).handle, ids)
    const load = (b: Uint8Array) => decodeState(fresh().handle, b, ids, 'u1')
    for (let i = 0; i < bytes.length; i++) {
      const bad = bytes.slice()
      bad[i]! ^= 0x10
      expect(() => load(bad)).toThrow(/damaged/)
      expect(() => load(bytes.slice(0, i))).toThrow(/damaged/)
    }
    const later = aloneOnItsPage(stateSchema('sample', 2, schema.fields))
    expect(() => load(encodeState(later, ids))).toThrow('version 2')
  })

  test('the same of bytes for the stores of this host', () => {
    const ids = names()
    const states = new StoredStates()
    const bytes = states.encode(filled(ids).handle).slice()
    const load = (b: Uint8Array) => states.decode(fresh().handle, b, () => 'u1')
    load(bytes)
    for (let i = 0; i < bytes.length; i++) {
      const bad = bytes.slice()
      bad[i]! ^= 0x10
      expect(() => load(bad)).toThrow(/damaged/)
      expect(() => load(bytes.slice(0, i))).toThrow(/damaged/)
    }
    const later = aloneOnItsPage(stateSchema('sample', 2, schema.fields))
    const newer = new StoredStates().encode(later).slice()
    expect(() => load(newer)).toThrow('version 2')
  })
})

describe('versions', () => {
  const first = stateSchema('card', 1, { saves: u16, name: text(20), tags: vector(u8, 2) })
  const second = stateSchema(
    'card',
    2,
    { saves: u32, name: text(20), tags: ring({ tag: u8 }, 4) },
    {
      from: first,
      migrate: ({ saves, name, tags }) => {
        return { saves, name, tags: (tags as number[]).map((tag) => ({ tag })) }
      },
    },
  )
  const third = stateSchema(
    'card',
    3,
    { saves: f64, label: text(20) },
    {
      from: second,
      migrate: ({ saves, name }) => ({ saves: (saves as number) * 10, label: name }),
    },
  )

  test('old bytes are brought from version to version, from both kinds of bytes', () => {
    const ids = names()
    const old = aloneOnItsPage(first)
    old.stage.raw(() => {
      old.state.saves = 12
      old.state.name = 'bowl'
      old.state.tags.set(1, 7)
    })
    const compact = encodeState(old, ids)
    const stored = new StoredStates().encode(old).slice()
    const wanted = { saves: 12, name: 'bowl', tags: [{ tag: 0 }, { tag: 7 }] }
    for (const [schema, plain] of [
      [second, wanted],
      [third, { saves: 120, label: 'bowl' }],
    ] as const) {
      const handles = [aloneOnItsPage<StateFields>(schema), aloneOnItsPage<StateFields>(schema)]
      decodeState(handles[0]!, compact, ids, 'x')
      new StoredStates().decode(handles[1]!, stored, () => 'x')
      for (const handle of handles) expect(inspectState(handle, ids)).toEqual(plain)
      expect(encodeState(handles[0]!, ids)).toEqual(encodeState(handles[1]!, ids))
    }
  })

  test('a version without a way here is damage, by name', () => {
    const ids = names()
    const bytes = encodeState(aloneOnItsPage(first), ids)
    const alone = aloneOnItsPage(stateSchema('card', 5, { saves: u32 }))
    expect(() => decodeState(alone, bytes, ids, 'x')).toThrow('version 1 has no migration')
  })
})
