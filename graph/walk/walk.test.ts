import { describe, expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { buildGraph, buildGraphSteps } from '../build.ts'
import { exactPageRank } from '../pagerank.ts'
import { loadGraph } from '../snapshot.ts'
import { edgeList, randomEdges, viewOf } from '../testing.ts'
import { threeStep } from '../three-step.ts'
import { allocateSteps } from './allocate-steps.ts'
import { WalkScratch } from './scratch.ts'
import { walk, walkDefaults } from './walk.ts'

const PINS = 40
const edges = randomEdges(new Random(7), 160, PINS, 20)
const scratch = new WalkScratch(PINS)

/** Largest difference between the walk's shares of landings and the exact ones. */
function distance(restart: number, steps: number, fresh: boolean): number {
  const view = viewOf(edges, PINS, 20)
  const seed = 3
  const exact = exactPageRank(view, seed, PINS, { restart })
  if (fresh) view.delta.hide(PINS - 1, false)
  if (fresh) {
    view.delta.remove(...edges[0]!)
    view.delta.add(...edges[0]!)
  }
  const top = { steps, restart, top: PINS, degreeExponent: 0 }
  const found = walk(view, [{ pin: seed, weight: 1 }], [], scratch, top)
  const rest = 1 - exact[seed]!
  const total = found.scores.reduce((a, b) => a + b, 0)
  let worst = 0
  found.pins.forEach((pin, i) => {
    worst = Math.max(worst, Math.abs(found.scores[i]! / total - exact[pin]! / rest))
  })
  return worst
}

describe('the walk against exact PageRank', () => {
  // 400,000 landings: a share of .1 has a standard error of .0005; .004 is eight of them.
  test.each([1, 0.5, 0.2])('restart %d', (restart) => {
    expect(distance(restart, 400_000, false)).toBeLessThan(0.004)
    expect(distance(restart, 400_000, true)).toBeLessThan(0.004)
  })

  test('a planted bias is seen', () => {
    // Sampling restart .2 and comparing with restart 1 must not pass the same bound.
    const view = viewOf(edges, PINS, 20)
    const a = exactPageRank(view, 3, PINS, { restart: 1 })
    const b = exactPageRank(view, 3, PINS, { restart: 0.2 })
    expect(Math.max(...a.map((x, i) => Math.abs(x - b[i]!)))).toBeGreaterThan(0.004)
  })
})

test('three steps exactly are the walk with restart 1', () => {
  const view = viewOf(edges, PINS, 20)
  const exact = exactPageRank(view, 3, PINS, { restart: 1 })
  const seeds = [{ pin: 3, weight: 1 }]
  const found = threeStep(view, seeds, [], scratch, { alpha: 1, beta: 0, top: PINS })
  for (const [i, pin] of found.pins.entries()) expect(found.scores[i]).toBeCloseTo(exact[pin]!, 9)
  expect(found.pins.length).toBe([...exact].filter((x) => x > 0).length - 1)
})

test('steps follow the formula, and the busiest seed still walks', () => {
  const star = Array.from({ length: 20 }, (_, b) => [0, b] as const)
  const view = viewOf([...star, [1, 0], [1, 1]], PINS, 20)
  const seeds = [
    { pin: 0, weight: 1 },
    { pin: 1, weight: 1 },
  ]
  const steps = allocateSteps((pin) => view.pinDegree(pin), seeds, 10_000)
  const c = 1 + Math.log(20)
  const share = (d: number) => d * (c - Math.log(d))
  expect(steps[0]! / steps[1]!).toBeCloseTo(share(20) / share(2), 2)
  expect(steps[0]).toBeGreaterThan(0)
})

test('early stop ends a seed once enough pins have enough visits', () => {
  const view = viewOf(edges, PINS, 20)
  const seeds = [{ pin: 3, weight: 1 }]
  const early = { steps: 100_000, earlyStopPins: 5, earlyStopVisits: 50 }
  expect(walk(view, seeds, [], scratch, early).steps).toBeLessThan(20_000)
  expect(walk(view, seeds, [], scratch, { steps: 100_000 }).steps).toBe(100_000)
})

test('the booster favours pins that several seeds reach', () => {
  // Pin 2 is reached from both seeds, pin 3 twice as often but from one alone.
  const view = viewOf(
    [
      [0, 0],
      [2, 0],
      [1, 1],
      [2, 1],
      [0, 2],
      [3, 2],
      [0, 3],
      [3, 3],
    ],
    8,
    8,
  )
  const seeds = [
    { pin: 0, weight: 1 },
    { pin: 1, weight: 1 },
  ]
  const plain = { steps: 30_000, degreeExponent: 0, restart: 1 }
  const boosted = walk(view, seeds, [], scratch, { ...plain, booster: true })
  expect(boosted.pins[0]).toBe(2)
  expect(boosted.because[0]).toBeDefined()
})

test('a fresh pin on a fresh board is reached, a removed edge is not walked', () => {
  const view = viewOf([[0, 0]], PINS, 20)
  const seeds = [{ pin: 0, weight: 1 }]
  expect(walk(view, seeds, [], scratch, { steps: 100 }).pins).toHaveLength(0)
  view.delta.add(0, 9)
  view.delta.add(33, 9)
  expect([...walk(view, seeds, [], scratch, { steps: 100 }).pins]).toEqual([33])
  view.delta.remove(33, 9)
  expect(walk(view, seeds, [], scratch, { steps: 100 }).pins).toHaveLength(0)
})

test('seeded output does not change from release to release', () => {
  const view = viewOf(edges, PINS, 20)
  const found = walk(
    view,
    [
      { pin: 3, weight: 1 },
      { pin: 5, weight: 2 },
    ],
    [],
    scratch,
    {
      ...walkDefaults,
      steps: 1_000,
      top: 6,
    },
  )
  expect([...found.pins]).toMatchInlineSnapshot(`
    [
      38,
      23,
      9,
      1,
      0,
      13,
    ]
  `)
})

describe('bad input', () => {
  const view = viewOf(edges, PINS, 20)
  const seeds = [{ pin: 3, weight: 1 }]
  test.each([
    { steps: 0 },
    { steps: 1.5 },
    { steps: 1e12 },
    { restart: 0 },
    { restart: Number.NaN },
    { top: -1 },
    { degreeExponent: 9 },
  ])('%j is refused by name', (options) => {
    expect(() => walk(view, seeds, [], scratch, options)).toThrow(Object.keys(options)[0])
  })
  test('weights that are no weights, too many seeds, no seeds', () => {
    expect(() => walk(view, [{ pin: 3, weight: Number.NaN }], [], scratch)).toThrow('weight')
    expect(() => walk(view, [{ pin: 3, weight: 0 }], [], scratch)).toThrow('weight')
    const many = Array.from({ length: 10_001 }, () => ({ pin: 3, weight: 1 }))
    expect(() => walk(view, many, [], scratch)).toThrow('10000 seeds')
    expect(walk(view, [], [], scratch).pins).toHaveLength(0)
    expect(walk(view, [{ pin: 39, weight: 1 }], [], scratch, { steps: 10 }).steps).toBeGreaterThan(
      -1,
    )
  })
  test('edges outside the counts, fewer edges than said, an empty graph', () => {
    expect(() => buildGraph(edgeList([[5, 99]], 10, 10))).toThrow('board 99')
    const short = { ...edgeList([[1, 1]]), edgeCount: 2 }
    expect(() => buildGraph(short)).toThrow('fewer than 2')
    expect(buildGraph(edgeList([], 0, 0)).edgeCount).toBe(0)
  })
  test('a snapshot file that is not there', async () => {
    await expect(loadGraph('/nowhere/graph.bin')).rejects.toThrow('/nowhere/graph.bin')
  })
})

test('a sliced build pauses', () => {
  const many = randomEdges(new Random(2), 400_000, 5_000, 5_000)
  let pauses = 0
  const steps = buildGraphSteps(edgeList(many, 5_000, 5_000))
  while (!steps.next().done) pauses++
  expect(pauses).toBeGreaterThan(10)
})
