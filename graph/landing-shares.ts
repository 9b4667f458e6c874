/**
 * The same as `exactPageRank`, mixed over seeds, for graphs of millions of edges: power iteration
 * over node numbers, mass passed from pins to boards and from boards to pins, each edge twice an
 * iteration. With restart 1 it is the exact three-step walk. With weights as `allocateSteps` gives
 * them it is what a walk's visits come to.
 *
 * O(edges × log(tolerance) / log(1 - restart)) time; memory: 24 bytes a pin node, 8 a board node,
 * for each call.
 */
import { pinwheelError } from '../base/index.ts'
import type { GraphView } from './graph-view.ts'
import { type PageRankOptions, pageRankDefaults } from './pagerank.ts'
import { GONE, hostOf, nodeOf, type Side } from './side.ts'
import type { WalkSeed } from './walk/allocate-steps.ts'

/**
 * Shares of all landings by host number of a pin; they sum to 1 when a seed has an edge. A seed
 * without edges has no share. WALK_OPTIONS.
 */
export function landingShares(
  view: GraphView,
  seeds: readonly WalkSeed[],
  given: Partial<PageRankOptions> = {},
): Float64Array {
  const { restart, tolerance } = { ...pageRankDefaults, ...given }
  if (!(restart > 0 && restart <= 1)) throw wrong('restart', restart, 'above 0, at most 1')
  if (!(tolerance > 0)) throw wrong('tolerance', tolerance, 'above 0')
  const { pins, boards } = view.delta
  const nodes = nodeCount(view, pins)
  const onBoards = new Float64Array(nodeCount(view, boards))
  const total = new Float64Array(nodes)
  const from = new Float64Array(nodes)
  const to = new Float64Array(nodes)
  let mass = begin(view, seeds, from)
  const enough = mass * tolerance
  while (mass > enough) {
    spread(view, pins, from, onBoards)
    spread(view, boards, onBoards, to)
    mass = 0
    for (let v = 0; v < nodes; v++) {
      total[v]! += to[v]!
      from[v] = to[v]! * (1 - restart)
      mass += from[v]!
    }
  }
  return byHost(view, total)
}

/** Puts the seeds' weights on their nodes; returns their sum. */
function begin(view: GraphView, seeds: readonly WalkSeed[], from: Float64Array): number {
  let mass = 0
  for (const { pin, weight } of seeds) {
    if (!(weight >= 0 && weight <= Number.MAX_VALUE)) throw wrong('weight', weight, '0 or more')
    if (view.pinDegree(pin) === 0) continue
    from[nodeOf(view.delta.pins, pin)]! += weight
    mass += weight
  }
  return mass
}

/** Each node of a side gives what it has to its neighbours, in equal parts. */
function spread(view: GraphView, side: Side, from: Float64Array, to: Float64Array): void {
  const { offset, list, records, gone } = side
  const { pool } = view.delta
  to.fill(0)
  for (let v = 0; v < from.length; v++) {
    const mass = from[v]!
    if (mass === 0) continue
    const share = mass / (view.ranksOf(side, v) - (gone[v] ?? 0))
    const isFrozen = v < side.ofNode.length
    const end = isFrozen ? offset[v + 1]! : 0
    for (let i = isFrozen ? offset[v]! : 0; i < end; i++) {
      const item = list[i]!
      if (item < GONE) to[item]! += share
    }
    const begin = records[2 * v]!
    for (let i = begin; i < begin + records[2 * v + 1]!; i++) to[pool[i]!]! += share
  }
}

function byHost(view: GraphView, total: Float64Array): Float64Array {
  const { pins } = view.delta
  const shares = new Float64Array(Math.max(pins.nodeOf.length, pins.freshNode.length))
  const sum = total.reduce((a, b) => a + b, 0)
  if (sum === 0) return shares
  total.forEach((x, v) => {
    if (x > 0) shares[hostOf(pins, v)] = x / sum
  })
  return shares
}

/** Frozen nodes and the fresh ones, as far as they are taken. */
function nodeCount(view: GraphView, side: Side): number {
  return side.ofNode.length + view.delta.memory().counts[side.freshCount]!
}

function wrong(option: string, value: number, expected: string) {
  return pinwheelError('WALK_OPTIONS', { option, value, expected })
}
