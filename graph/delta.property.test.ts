/** Many edges at once are shown as one by one would show them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NONE, Random } from '../base/index.ts'
import { buildGraph } from './build.ts'
import { GraphDelta } from './delta.ts'
import { wasmStore } from './graph-store.ts'
import { GraphView } from './graph-view.ts'
import { edgeList, randomEdges } from './testing.ts'

const PINS = 700
const BOARDS = 90
/** Host numbers below this are frozen. */
const KNOWN = 500

type List = { readonly pins: Uint32Array; readonly boards: Uint32Array; readonly count: number }

/** A frozen graph with some removals, and distinct edges that it does not have. */
function given(seed: number, count: number) {
  const random = new Random(seed)
  const frozen = randomEdges(random, 3_000, KNOWN, BOARDS)
  const held = new Set(frozen.map((edge) => edge.join()))
  const fresh = randomEdges(random, count, PINS, BOARDS).filter((edge) => !held.has(edge.join()))
  const list: List = {
    pins: Uint32Array.from(fresh, ([pin]) => pin),
    boards: Uint32Array.from(fresh, ([, board]) => board),
    count: fresh.length,
  }
  const view = (edgeCapacity: number): GraphView => {
    const graph = buildGraph(edgeList(frozen, PINS, BOARDS), wasmStore)
    const room = { pinCapacity: PINS, boardCapacity: BOARDS, edgeCapacity }
    const delta = GraphDelta.create(graph, room)
    for (const [pin, board] of frozen.slice(0, 100)) delta.remove(pin, board)
    return new GraphView(graph, delta, 1)
  }
  return { list, view }
}

/** Every row of both directions as a walker meets it. */
function rows(view: GraphView): number[][] {
  const ofPins = Array.from({ length: PINS }, (_, pin) =>
    Array.from({ length: view.pinRanks(pin) }, (_, rank) => view.boardOfPin(pin, rank)),
  )
  const ofBoards = Array.from({ length: BOARDS }, (_, board) =>
    Array.from({ length: view.boardRanks(board) }, (_, rank) => view.pinOfBoard(board, rank)),
  )
  return [...ofPins, ...ofBoards]
}

function addSingly({ delta }: GraphView, { pins, boards }: List, from: number, to: number): void {
  for (let i = from; i < to; i++) expect(delta.add(pins[i]!, boards[i]!)).toBe(true)
}

describe.each([
  ['vouched for', true],
  ['looked for', false],
])('%s', (_, areNew) => {
  test('in any lists, the same rows in the same order', () => {
    const cuts = fc.uniqueArray(fc.nat(20_000), { maxLength: 4 })
    fc.assert(
      fc.property(fc.nat(), cuts, (seed, places) => {
        const { list, view } = given(seed, 20_000)
        const [many, single] = [view(40_000), view(40_000)]
        const ends = [...places.filter((end) => end < list.count), list.count].sort((a, b) => a - b)
        let from = 0
        for (const to of ends) {
          expect(many.delta.addMany(list.pins, list.boards, from, to, areNew)).toBe(to)
          from = to
        }
        addSingly(single, list, 0, list.count)
        expect(many.delta.edgeCount).toBe(list.count)
        expect(rows(many)).toEqual(rows(single))
        // Slices have room for what comes one by one afterwards, and for what goes.
        for (const { delta } of [many, single]) {
          delta.add(3, BOARDS - 1)
          for (let i = 0; i < 500; i++) delta.remove(list.pins[i]!, list.boards[i]!)
          delta.add(list.pins[0]!, list.boards[0]!)
        }
        expect(rows(many)).toEqual(rows(single))
      }),
      { numRuns: 15 },
    )
  })

  test('without room for all, as many as it says', () => {
    const { list, view } = given(5, 20_000)
    const [many, single] = [view(5_000), view(40_000)]
    const end = many.delta.addMany(list.pins, list.boards, 0, list.count, areNew)
    expect(end).toBeGreaterThanOrEqual(5_000)
    expect(end).toBeLessThan(list.count)
    addSingly(single, list, 0, end)
    expect(many.delta.edgeCount).toBe(end)
    expect(rows(many).flat().sort(by)).toEqual(rows(single).flat().sort(by))
  })
})

const by = (a: number, b: number) => a - b

test('rows tell two orders apart', () => {
  const { list, view } = given(1, 20_000)
  const [one, other] = [view(40_000), view(40_000)]
  addSingly(one, list, 0, list.count)
  for (let i = list.count - 1; i >= 0; i--) other.delta.add(list.pins[i]!, list.boards[i]!)
  expect(rows(other)).not.toEqual(rows(one))
  expect(rows(one).flat()).toContain(NONE)
})
