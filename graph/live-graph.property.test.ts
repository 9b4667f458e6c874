/** A live graph shows exactly the edges that were added and not removed, whatever merges go on. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { heapStore, wasmStore } from './graph-store.ts'
import { LiveGraph } from './live-graph.ts'
import { exactPageRank } from './pagerank.ts'
import { edgeList, viewOf, visibleEdges } from './testing.ts'
import { WalkScratch } from './walk/scratch.ts'
import { walk } from './walk/walk.ts'

const PINS = 24
const BOARDS = 12
const change = fc.record({ pin: fc.nat(PINS - 1), board: fc.nat(BOARDS - 1), gone: fc.boolean() })
/** A change, or that many slices of a merge. */
const step = fc.oneof({ weight: 4, arbitrary: change }, fc.integer({ min: 1, max: 12 }))
const steps = fc.array(step, { minLength: 40, maxLength: 160, size: 'max' })

type Step = { readonly pin: number; readonly board: number; readonly gone: boolean } | number

function run(given: readonly Step[], edgeCapacity: number, store = heapStore) {
  const capacity = { pinCapacity: PINS, boardCapacity: BOARDS, edgeCapacity: () => edgeCapacity }
  const live = new LiveGraph({ ...capacity, store })
  const model = new Map<string, readonly [number, number]>()
  let merge: Generator<void, unknown> | undefined
  let merges = 0
  for (const next of given) {
    if (typeof next === 'number') {
      merge ??= live.mergeSteps()
      for (let i = 0; i < next && merge; i++) {
        if (!merge.next().done) continue
        merge = undefined
        merges++
      }
      continue
    }
    const { pin, board, gone } = next
    if (gone) {
      live.remove(pin, board)
      model.delete(`${pin}-${board}`)
    } else {
      live.add(pin, board)
      model.set(`${pin}-${board}`, [pin, board])
    }
  }
  while (merge && !merge.next().done);
  return { live, model, merges }
}

/** Merges until none is due for lack of room. */
function settle(live: LiveGraph): void {
  for (let i = 0; i < 8 && live.isDue; i++) for (const _ of live.mergeSteps());
}

describe('a live graph', () => {
  test('shows its edges at every moment, and ranks as a rebuild does', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const { live, model } = run(given, 256)
        expect(visibleEdges(live.view, PINS)).toEqual([...model.keys()].sort())
        const rebuilt = viewOf([...model.values()], PINS, BOARDS)
        for (const [seed] of [...model.values()].slice(0, 2)) {
          const a = exactPageRank(live.view, seed, PINS)
          const b = exactPageRank(rebuilt, seed, PINS)
          for (let p = 0; p < PINS; p++) expect(a[p]).toBeCloseTo(b[p]!, 9)
        }
      }),
    )
  })

  test('loses nothing when its delta is too small', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (given, room) => {
        const capacity = { pinCapacity: PINS, boardCapacity: BOARDS }
        const { live, model } = run(given, room)
        settle(live)
        expect(live.view.frozen.nodeOfPin.length).toBeLessThanOrEqual(capacity.pinCapacity)
        expect(visibleEdges(live.view, PINS)).toEqual([...model.keys()].sort())
      }),
      // A loss that batches of edges brought was met once in 500 runs.
      { numRuns: 2_000 },
    )
  })

  test('a merge changes nothing but the epoch', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const { live } = run(given, 256, wasmStore)
        const before = live.view
        const shown = visibleEdges(before, PINS)
        const scratch = new WalkScratch(PINS)
        const seeds = [{ pin: given.length % PINS, weight: 1 }]
        const found = () => walk(before, seeds, [], scratch, { steps: 300, restart: 0.5 })
        const first = found()
        for (const _ of live.mergeSteps()) expect(found()).toEqual(first)
        expect(live.view.epoch).toBe(before.epoch + 1)
        expect(visibleEdges(live.view, PINS)).toEqual(shown)
        // Whoever still holds the old epoch walks it as it was.
        expect(found()).toEqual(first)
      }),
      { numRuns: 50 },
    )
  })

  test('a planted loss is seen', () => {
    const { live, model } = run([{ pin: 1, board: 1, gone: false }], 256)
    live.view.delta.remove(1, 1)
    expect(visibleEdges(live.view, PINS)).not.toEqual([...model.keys()])
  })

  test('starts from a source, and hidden pins stay hidden through a merge', () => {
    const capacity = { pinCapacity: PINS, boardCapacity: BOARDS, store: heapStore }
    const live = new LiveGraph(capacity, edgeList([[1, 1]], PINS, BOARDS))
    live.hide(7, true)
    live.add(7, 1)
    for (const _ of live.mergeSteps());
    expect(live.view.delta.isHidden(7)).toBe(true)
    expect(live.view.frozen.edgeCount).toBe(2)
  })
})
