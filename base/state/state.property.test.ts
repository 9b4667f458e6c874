import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NONE } from '../ids.ts'
import { StoredStates } from './index.ts'
import { fresh, write } from './testing.ts'

/** What a state should hold, in plain JavaScript. */
class Model {
  total = 0
  byKind = [0, 0, 0, 0]
  long = new Array<number>(20).fill(0)
  actions: { pin: number; time: number; kind: number }[] = []
  path: Pace[] = []
  boards = new Map<number, { saves: number; last: number }>()
  title = ''
  draft: number | undefined

  copy(): Model {
    const copy = new Model()
    Object.assign(copy, structuredClone({ ...this }))
    return copy
  }
}

type Pace = { pin: number; note: number; time: number; size: number; count: number; kind: number }
type Step = readonly [what: number, a: number, b: number]
type Sample = ReturnType<typeof fresh>['state']

function take([what, a, b]: Step, state: Sample, model: Model): void {
  switch (what) {
    case 0: {
      state.total = a
      model.total = a
      break
    }
    case 1: {
      state.byKind.set(a % 4, b)
      model.byKind[a % 4] = b
      state.long.set(a % 20, b & 0xffff)
      model.long[a % 20] = b & 0xffff
      break
    }
    case 2:
    case 3: {
      const row = state.actions.append()
      row.pin = a
      row.time = b / 3
      row.kind = b & 0xff
      model.actions.push({ pin: a, time: b / 3, kind: b & 0xff })
      if (model.actions.length > 10) model.actions.shift()
      break
    }
    case 10:
    case 11:
    case 12: {
      // Pushed in stretches, so that rows go; times go back, jump, and are fractions.
      for (let n = 0; n <= a % 40; n++) {
        const row = {
          pin: a % 3 === 0 ? NONE : a + n,
          note: (b % 2 === 0 ? 0 : -b) | 0,
          time: [b, b / 3, b * 2 ** 21, 0 - b, b + n][(a + n) % 5]!,
          size: Math.fround((b % 4) / 3),
          count: n % 2 === 0 ? 0 : b,
          kind: n,
        }
        Object.assign(state.path.next, row)
        state.path.push()
        model.path.push(row)
      }
      model.path = model.path.slice(-10)
      break
    }
    case 4: {
      state.actions.clear()
      model.actions = []
      if (a % 2 === 0) {
        state.path.clear()
        model.path = []
      }
      break
    }
    case 5:
    case 6: {
      const key = a % 9
      const row = state.boards.upsert(key)
      row.saves += 1
      row.last = b
      if (!model.boards.has(key) && model.boards.size === 5) {
        const least = [...model.boards].reduce((x, y) => (y[1].last < x[1].last ? y : x))
        model.boards.delete(least[0])
      }
      model.boards.set(key, { saves: (model.boards.get(key)?.saves ?? 0) + 1, last: b })
      break
    }
    case 7: {
      const key = a % 9
      expect(state.boards.remove(key)).toBe(model.boards.delete(key))
      break
    }
    case 8: {
      state.title = 'x'.repeat(a % 90)
      model.title = 'x'.repeat(a % 90)
      break
    }
    default: {
      if (b % 2 === 0) state.draft.make().words = a
      else state.draft.clear()
      model.draft = b % 2 === 0 ? a : undefined
    }
  }
}

function expectEqual(state: Sample, model: Model): void {
  expect(state.total).toBe(model.total)
  expect(model.byKind.map((_, i) => state.byKind.get(i))).toEqual(model.byKind)
  expect(model.long.map((_, i) => state.long.get(i))).toEqual(model.long)
  const actions = Array.from({ length: state.actions.length }, (_, i) => {
    const { pin, time, kind } = state.actions.at(i)
    return { pin, time, kind }
  })
  expect(actions).toEqual(model.actions)
  expect(state.path.rows()).toEqual(model.path)
  const boards = Array.from({ length: state.boards.length }, (_, i) => {
    const { board, saves, last } = state.boards.at(i)
    return [board, { saves, last }] as const
  })
  expect(new Map(boards)).toEqual(model.boards)
  expect(state.title).toBe(model.title)
  expect(state.draft.get()?.words).toBe(model.draft)
}

describe('laws of a state', () => {
  const step = fc.tuple(fc.nat(12), fc.nat(0xffff), fc.nat(0xffff))
  const turns = fc.array(
    fc.record({ steps: fc.array(step, { maxLength: 30 }), drop: fc.boolean() }),
  )

  test('it is what a plain model says, turn by turn, whatever is dropped', () => {
    fc.assert(
      fc.property(turns, (plan) => {
        const s = fresh()
        let model = new Model()
        for (const { steps, drop } of plan) {
          const next = model.copy()
          write(s, () => {
            for (const one of steps) take(one, s.state, next)
            return drop ? 'drop' : undefined
          })
          if (!drop) model = next
          expectEqual(s.state, model)
          expectEqual(s.reading, model)
        }
        const bytes = new StoredStates().encode(s.handle).slice()
        const t = fresh()
        new StoredStates().decode(t.handle, bytes, () => 'x')
        expectEqual(t.state, model)
        expect(new StoredStates().encode(t.handle)).toEqual(bytes)
        // What a trail has beyond its capacity stays behind.
        expect(t.arena.usedBytes).toBeLessThanOrEqual(s.arena.usedBytes)
        s.handle.clear()
        t.handle.clear()
        expect([s.arena.usedBytes, t.arena.usedBytes]).toEqual([0, 0])
      }),
    )
  })
})
