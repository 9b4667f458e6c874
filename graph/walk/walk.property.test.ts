/** What every walk keeps to, by either kernel, over frozen, fresh and removed edges. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type GraphStore, heapStore, wasmStore } from '../graph-store.ts'
import type { GraphView } from '../graph-view.ts'
import { type Changes, changedView, distinctEdges, edgesLeft } from '../testing.ts'
import { threeStep } from '../three-step.ts'
import { WalkScratch } from './scratch.ts'
import { type WalkOptions, walk } from './walk.ts'

const PINS = 40
const BOARDS = 30
const changes: fc.Arbitrary<Changes> = fc.record({
  frozen: distinctEdges(PINS, BOARDS, { minLength: 25, maxLength: 150 }),
  fresh: distinctEdges(PINS, BOARDS, { minLength: 0, maxLength: 20 }),
  removed: distinctEdges(PINS, BOARDS, { minLength: 0, maxLength: 300 }),
})
const seedPins = fc.uniqueArray(fc.nat(PINS - 1), { minLength: 1, maxLength: 4 })
const options = fc.record({
  restart: fc.constantFrom(0.1, 0.5, 0.9),
  booster: fc.boolean(),
  degreeExponent: fc.constantFrom(0, 0.4, 1),
  earlyStopPins: fc.constantFrom(0, 3),
  seed: fc.nat(),
})
const RUNS = { numRuns: 60 }

/** Pins in the same components as the seeds, from the edges alone. */
function reachableFrom(seeds: readonly number[], given: Changes): ReadonlySet<number> {
  const edges = edgesLeft(given)
  const pins = new Set(seeds)
  const boards = new Set<number>()
  for (let before = -1; before !== pins.size + boards.size; ) {
    before = pins.size + boards.size
    for (const [pin, board] of edges) {
      if (pins.has(pin)) boards.add(board)
      if (boards.has(board)) pins.add(pin)
    }
  }
  return pins
}

/** What a walk gave that it may not give. */
function trespasses(
  found: Iterable<number>,
  reachable: ReadonlySet<number>,
  forbidden: readonly number[],
): number[] {
  return [...found].filter((pin) => !reachable.has(pin) || forbidden.includes(pin))
}

const seedsAt = (pins: readonly number[]) => pins.map((pin, i) => ({ pin, weight: 1 + i }))

describe.each([
  ['the kernel', wasmStore],
  ['its twin', heapStore],
] as const)('walks by %s', (_, store: GraphStore) => {
  const scratch = new WalkScratch(PINS)
  const find = (
    view: GraphView,
    pins: readonly number[],
    excluded: readonly number[],
    rest: Partial<WalkOptions>,
  ) => walk(view, seedsAt(pins), excluded, scratch, { steps: 600, top: PINS, ...rest })

  test('return pins of their components only, no seed, no excluded, no hidden one', () => {
    const pin = fc.nat(PINS - 1)
    fc.assert(
      fc.property(changes, seedPins, pin, pin, options, (given, seeds, out, hidden, rest) => {
        const view = changedView(given, PINS, BOARDS, store)
        view.delta.hide(hidden, true)
        const found = find(view, seeds, [out], rest)
        const reachable = reachableFrom(seeds, given)
        expect(trespasses(found.pins, reachable, [...seeds, out, hidden])).toEqual([])
        for (const because of found.because) expect(seeds).toContain(because)
        const three = threeStep(view, seedsAt(seeds), [out], scratch, { top: PINS })
        expect(trespasses(three.pins, reachable, [...seeds, out, hidden])).toEqual([])
      }),
      RUNS,
    )
  })

  test('reach every pin of small components', () => {
    fc.assert(
      fc.property(changes, seedPins, (given, seeds) => {
        const view = changedView(given, PINS, BOARDS, store)
        // Seeds without edges walk nowhere.
        const walking = seeds.filter((pin) => view.pinDegree(pin) > 0)
        const found = find(view, walking, [], { steps: 30_000, restart: 0.05 })
        const reachable = reachableFrom(walking, given)
        const near = [...reachable].filter((pin) => reachable.size < 8 && !walking.includes(pin))
        expect([...found.pins]).toEqual(expect.arrayContaining(near))
      }),
      { numRuns: 30 },
    )
  })

  test('depend on ratios of weights only', () => {
    const scales = fc.constantFrom(2 ** -40, 0.25, 4, 2 ** 60)
    fc.assert(
      fc.property(changes, seedPins, scales, options, (given, pins, scale, rest) => {
        const view = changedView(given, PINS, BOARDS, store)
        const scaled = seedsAt(pins).map(({ pin, weight }) => ({ pin, weight: weight * scale }))
        const all = { steps: 600, top: PINS, ...rest }
        expect(walk(view, scaled, [], scratch, all)).toEqual(find(view, pins, [], rest))
      }),
      RUNS,
    )
  })

  test('leave nothing behind for the next', () => {
    fc.assert(
      fc.property(changes, seedPins, options, (given, pins, rest) => {
        const view = changedView(given, PINS, BOARDS, store)
        const first = find(view, pins, [1, 2], rest)
        find(view, [5, 6], [3], { booster: true })
        threeStep(view, seedsAt(pins), [3], scratch)
        expect(find(view, pins, [1, 2], rest)).toEqual(first)
        const { joined, best } = scratch
        for (const array of [joined, best]) expect(array.every((v) => v === 0)).toBe(true)
      }),
      RUNS,
    )
  })

  test('planted: an edge across components, an exclusion not told, other weights, are seen', () => {
    // Even pins on even boards, odd on odd.
    const apart = Array.from({ length: 60 }, (_, i) => [i % 20, (i % 2) + 2 * (i % 7)] as const)
    const given = { frozen: apart, fresh: [], removed: [] }
    const reachable = reachableFrom([0], given)
    expect([...reachable].every((pin) => pin % 2 === 0)).toBe(true)
    const view = changedView({ ...given, fresh: [[1, 0]] }, PINS, BOARDS, store)
    const { pins } = find(view, [0], [], { restart: 0.1 })
    expect(trespasses(pins, reachable, [0]).length).toBeGreaterThan(0)
    const whole = changedView(given, PINS, BOARDS, store)
    const told = find(whole, [0], [], { restart: 0.1 })
    expect(trespasses(told.pins, reachable, [0])).toEqual([])
    expect(trespasses(told.pins, reachable, [told.pins[0]!])).toEqual([told.pins[0]])
    const other = [
      { pin: 0, weight: 1 },
      { pin: 2, weight: 9 },
    ]
    const all = { steps: 600, top: PINS }
    expect(walk(whole, other, [], scratch, all)).not.toEqual(find(whole, [0, 2], [], {}))
  })
})
