/** Boards and cores against their definitions. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NONE } from '../../../base/index.ts'
import { type Boards, boardCount, boardsOfSaves, denseCore } from './bipartite.ts'

const PINS = 12

function boardsFrom(lists: readonly (readonly number[])[]): Boards {
  const starts = [0]
  for (const list of lists) starts.push(starts.at(-1)! + list.length)
  return { starts: Uint32Array.from(starts), pins: Uint32Array.from(lists.flat()), pinCount: PINS }
}

const listsOf = (boards: Boards) =>
  Array.from({ length: boardCount(boards) }, (_, b) => [
    ...boards.pins.subarray(boards.starts[b]!, boards.starts[b + 1]!),
  ])

const pin = fc.nat(PINS - 1)
const lists = fc.array(fc.uniqueArray(pin, { maxLength: PINS }), { maxLength: 8 })

test('the core: the most saved pins, and boards that hold enough of them', () => {
  const cut = fc.record({
    pinsMax: fc.integer({ min: 1, max: PINS }),
    boardPinsMin: fc.integer({ min: 1, max: 4 }),
  })
  const saves = fc.array(fc.nat(5), { minLength: PINS, maxLength: PINS })
  fc.assert(
    fc.property(lists, saves, cut, (given, counts, cutAt) => {
      const { core, pinOf } = denseCore(boardsFrom(given), Uint32Array.from(counts), cutAt)
      const kept = [...counts.keys()]
        .sort((a, b) => counts[b]! - counts[a]! || a - b)
        .slice(0, cutAt.pinsMax)
      expect([...pinOf]).toEqual(kept)
      const expected = given
        .map((list) => list.filter((p) => kept.includes(p)))
        .filter((list) => list.length >= cutAt.boardPinsMin)
      expect(listsOf(core).map((list) => list.map((i) => pinOf[i]!))).toEqual(expected)
    }),
  )
})

test('boards of saves: each pin once, saves without a board nowhere', () => {
  const save = fc.tuple(pin, fc.oneof(fc.nat(3), fc.constant(NONE)))
  fc.assert(
    fc.property(fc.array(save, { maxLength: 40 }), (saves) => {
      const columns = {
        pin: Uint32Array.from(saves, ([p]) => p),
        board: Uint32Array.from(saves, ([, b]) => b),
      }
      const boards = boardsOfSaves(columns, { pins: PINS, boards: 4 })
      const expected = [0, 1, 2, 3].map((board) => [
        ...new Set(saves.filter(([, b]) => b === board).map(([p]) => p)),
      ])
      expect(listsOf(boards)).toEqual(expected)
    }),
  )
})
