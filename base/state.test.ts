import { describe, expect, test } from 'vitest'
import { Arena, Stage } from './arena.ts'
import { Interner, NONE } from './ids.ts'
import { StateHandle, stateSchema } from './state.ts'
import { decodeState, encodeState, inspectState } from './state-bytes.ts'
import {
  bySpace,
  f64,
  type Names,
  ref,
  ring,
  table,
  text,
  u8,
  u32,
  vector,
} from './state-fields.ts'

const schema = stateSchema('sample', 1, {
  flag: u8,
  seen: f64,
  total: u32,
  best: ref('pin'),
  byKind: vector(u32, 4),
  actions: ring({ pin: ref('pin'), time: f64, kind: u8 }, 10),
  boards: table({ board: ref('board'), saves: u32, last: f64 }, { capacity: 5, evictBy: 'last' }),
  title: text(100),
})

const names = (): Names => bySpace(() => new Interner())

function fresh() {
  const arena = new Arena()
  const stage = new Stage(arena)
  const handle = schema.view(arena, stage)
  const row = handle.allocate()
  return { arena, stage, handle, row, state: handle.move(row) }
}

const write = (s: { stage: Stage }, change: () => void) => {
  s.stage.begin()
  change()
  s.stage.commit()
}

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
    s.stage.begin()
    for (let i = 0; i < 20; i++) s.state.actions.append().pin = i + 4
    for (let i = 0; i < 9; i++) s.state.boards.upsert(i).last = i
    s.state.boards.remove(2)
    s.state.title = 'second, rather longer'
    s.state.byKind.set(2, 9)
    s.state.seen = 5
    s.state.actions.clear()
    s.stage.rollback()
    expect(encodeState(s.handle, ids)).toEqual(before)
    expect(s.arena.usedBytes).toBe(used)
  })

  test('outside a write turn every change is refused', () => {
    const s = fresh()
    s.stage.type = 'Sample'
    s.stage.method = 'peek'
    expect(() => {
      s.state.total = 1
    }).toThrow('Sample.peek is a read')
    expect(() => s.state.actions.append()).toThrow('is a read')
    expect(() => s.state.boards.upsert(1)).toThrow('is a read')
    expect(() => {
      s.state.title = 'x'
    }).toThrow('is a read')
    expect(s.state.total).toBe(0)
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
    t.stage.raw(() => decodeState(t.handle, bytes, there, 'x'))
    expect(encodeState(t.handle, there)).toEqual(bytes)
    expect(inspectState(t.handle, there)).toEqual(inspectState(s.handle, here))
    expect(t.state.best).not.toBe(s.state.best)
  })

  test('any flipped byte, missing tail or later version is refused', () => {
    const ids = names()
    const bytes = encodeState(filled(ids).handle, ids)
    const load = (b: Uint8Array) => {
      const t = fresh()
      t.stage.raw(() => decodeState(t.handle, b, ids, 'u1'))
    }
    for (let i = 0; i < bytes.length; i++) {
      const bad = bytes.slice()
      bad[i]! ^= 0x10
      expect(() => load(bad)).toThrow(/damaged/)
      expect(() => load(bytes.slice(0, i))).toThrow(/damaged/)
    }
    const later = stateSchema('sample', 2, schema.fields)
    const arena = new Arena()
    const handle = new StateHandle(later, arena, new Stage(arena))
    handle.move(handle.allocate())
    expect(() => load(encodeState(handle, ids))).toThrow('version 2')
  })

  test('released rows give all memory back', () => {
    const s = filled(names())
    s.handle.move(s.row)
    s.handle.release()
    expect(s.arena.usedBytes).toBe(0)
  })
})
