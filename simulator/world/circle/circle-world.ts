/**
 * A world for replay: circles of people who come across the same pins. A few patterns are grown;
 * circle c has pattern c mod patterns, with numbers of its own: user u of it is c users + u, and so
 * for pins and boards. A world of half a thousand million people takes the memory of a few circles.
 */
import { assert } from '../../../base/index.ts'
import { type CircleLaws, circleLaws } from './laws.ts'
import type { SeedGraph } from './seed-graph.ts'

export type CircleWorldOptions = {
  readonly seed: number
  readonly users: number
  /** Patterns grown at most: 1, 2 or 4. */
  readonly patterns: 1 | 2 | 4
}

export const circleWorldDefaults: CircleWorldOptions = Object.freeze({
  seed: 1,
  users: circleLaws.users,
  patterns: 4,
})

/** What is known before anything is grown. */
export type CirclePlan = {
  readonly seed: number
  readonly circles: number
  readonly patterns: number
  /** Of one circle. */
  readonly laws: CircleLaws
}

export type CircleWorld = CirclePlan & {
  /** Numbers that a circle has: of users, and at most of pins and boards. */
  readonly users: number
  readonly pins: number
  readonly boards: number
  readonly graphs: readonly SeedGraph[]
}

/** Circles of as many people as the laws say, more or less, so that they hold at least `users`. */
export function planCircles(options: Partial<CircleWorldOptions> = {}): CirclePlan {
  const { seed, users, patterns } = { ...circleWorldDefaults, ...options }
  assert(Number.isSafeInteger(users) && users >= 1, 'a world has a user')
  const circles = Math.max(1, Math.round(users / circleLaws.users))
  const each = Math.ceil(users / circles)
  const saves = Math.ceil((circleLaws.saves * each) / circleLaws.users)
  return {
    seed,
    circles,
    patterns: Math.min(patterns, 2 ** Math.floor(Math.log2(circles))),
    laws: { ...circleLaws, users: each, saves },
  }
}

export function circleWorld(plan: CirclePlan, graphs: readonly SeedGraph[]): CircleWorld {
  assert(graphs.length === plan.patterns, 'every pattern was grown')
  const most = (of: (graph: SeedGraph) => number) => Math.max(...graphs.map(of))
  return {
    ...plan,
    users: plan.laws.users,
    pins: most((graph) => graph.pins),
    boards: most((graph) => graph.boards),
    graphs,
  }
}
