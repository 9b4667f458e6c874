/** Fast and slow exact landings are the same; the fast ones are linear in the seeds. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { GraphView } from './graph-view.ts'
import { landingShares } from './landing-shares.ts'
import { exactPageRank } from './pagerank.ts'
import { changedView, distinctEdges, type Edges, viewOf } from './testing.ts'
import { threeStep } from './three-step.ts'
import { WalkScratch } from './walk/scratch.ts'

const PINS = 30
const BOARDS = 20
const edges = distinctEdges(PINS, BOARDS, { minLength: 40, maxLength: 200 })
const changes = fc.record({
  frozen: edges,
  fresh: distinctEdges(PINS, BOARDS, { minLength: 5, maxLength: 40 }),
  removed: distinctEdges(PINS, BOARDS, { minLength: 20, maxLength: 120 }),
})
const restarts = fc.constantFrom(0.2, 0.5, 0.9, 1)

function difference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] ?? 0))), 0)
}

describe('landing shares', () => {
  test('are exact PageRank, whatever is frozen, fresh or removed', () => {
    fc.assert(
      fc.property(changes, restarts, fc.nat(PINS - 1), (given, restart, pin) => {
        const view = changedView(given, PINS, BOARDS)
        const slow = exactPageRank(view, pin, PINS, { restart })
        const fast = landingShares(view, [{ pin, weight: 3 }], { restart })
        expect(difference(slow, fast)).toBeLessThan(1e-9)
      }),
    )
  })

  test('with restart 1 are three exact steps, mixed by weight', () => {
    const scratch = new WalkScratch(PINS)
    fc.assert(
      fc.property(changes, (given) => {
        const view = changedView(given, PINS, BOARDS)
        const seeds = [0, 1, 2]
          .filter((pin) => view.pinDegree(pin) > 0)
          .map((pin) => ({ pin, weight: 1 + pin }))
        const shares = landingShares(view, seeds, { restart: 1 })
        const steps = threeStep(view, seeds, [], scratch, { alpha: 1, beta: 0, top: PINS })
        const weights = seeds.reduce((sum, { weight }) => sum + weight, 0)
        steps.pins.forEach((pin, i) => {
          expect(shares[pin]).toBeCloseTo(steps.scores[i]! / weights, 12)
        })
      }),
    )
  })

  test('planted: a fresh edge left out, another restart, are seen', () => {
    const path: Edges = Array.from({ length: 20 }, (_, i) => [(i + 1) >> 1, i >> 1] as const)
    const whole = viewOf(path, PINS, BOARDS)
    const without = viewOf(path, PINS, BOARDS)
    whole.delta.add(0, 5)
    const shares = (view: GraphView, restart: number) =>
      landingShares(view, [{ pin: 0, weight: 1 }], { restart })
    expect(difference(shares(whole, 0.5), shares(without, 0.5))).toBeGreaterThan(0.01)
    expect(difference(shares(whole, 0.5), shares(whole, 0.6))).toBeGreaterThan(0.01)
  })

  test('nobody to begin at gives nothing; what is no restart or weight is refused', () => {
    const view = viewOf([[0, 0]], PINS, BOARDS)
    expect(landingShares(view, []).every((x) => x === 0)).toBe(true)
    expect(landingShares(view, [{ pin: 7, weight: 1 }]).every((x) => x === 0)).toBe(true)
    for (const restart of [0, 2, Number.NaN]) {
      expect(() => landingShares(view, [], { restart })).toThrow('restart')
    }
    const nan = [{ pin: 0, weight: Number.NaN }]
    expect(() => landingShares(view, nan)).toThrow('weight')
  })
})
