/** The walk against the exact distributions, and against itself: how much is sampling noise. */
import {
  allocateSteps,
  type GraphView,
  landingShares,
  TopK,
  type WalkSeed,
  walk,
} from '../../graph/index.ts'
import { type Mean, meanOf } from './pruning-curve.ts'
import type { Checked, SampledBoard } from './walk-sample.ts'

/** One list against another ranking, for boards as seeds and for pins alone. */
export type OverlapRow = {
  readonly list: string
  readonly against: string
  readonly boards: Mean
  readonly pins: Mean
}

/** A ranking to be held against: the score of any pin, and of the K-th best. */
export type Ranking = {
  readonly best: Uint32Array
  readonly scoreOf: (pin: number) => number
  readonly floor: number
}

const EXACT = 'exact PageRank'
const P3 = 'exact P3'
const pairs = [
  ['walk', EXACT],
  ['walk', P3],
  ['walk', 'another walk'],
  [EXACT, P3],
] as const

/** Iteration ends when this share of the mass is left. */
const TOLERANCE = 1e-9

export async function overlapRows(checked: Checked, count: number): Promise<OverlapRow[]> {
  const boards = checked.sample.boards.slice(0, count)
  const shares = async (pinsOf: (board: SampledBoard) => readonly number[]) => {
    const columns: number[][] = pairs.map(() => [])
    for (const board of boards) {
      overlapsOf(checked, board, pinsOf(board)).forEach((share, i) => {
        if (!Number.isNaN(share)) columns[i]!.push(share)
      })
      await checked.pause()
    }
    return columns
  }
  const ofBoards = await shares(({ pins }) => pins)
  const ofPins = await shares(({ alone }) => [alone])
  return pairs.map(([list, against], i) => ({
    list,
    against,
    boards: meanOf(ofBoards[i]!),
    pins: meanOf(ofPins[i]!),
  }))
}

/** In the order of `pairs`; NaN where nothing can be reached. */
function overlapsOf(checked: Checked, board: SampledBoard, pins: readonly number[]): number[] {
  const { top, walkOptions, seedOf } = checked
  const { view } = checked.sample
  const seeds = pins.map((pin) => ({ pin, weight: 1 }))
  const steps = allocateSteps((pin) => view.pinDegree(pin), seeds, 1_000_000_000)
  const allotted = seeds.map(({ pin }, i) => ({ pin, weight: steps[i]! }))
  const exact = exactRanking(view, allotted, top, walkOptions)
  const p3 = exactRanking(view, seeds, top, { ...walkOptions, restart: 1 })
  const found = walk(view, seeds, [], checked.scratch, {
    ...walkOptions,
    seed: seedOf(board),
  }).pins
  const again = walkRanking(checked, seeds, seedOf(board, 1))
  return [
    overlap(found, exact, top),
    overlap(found, p3, top),
    overlap(found, again, top),
    overlap(exact.best, p3, top),
  ]
}

function exactRanking(
  view: GraphView,
  seeds: readonly WalkSeed[],
  top: number,
  { restart, degreeExponent }: { readonly restart: number; readonly degreeExponent: number },
): Ranking {
  const scores = landingShares(view, seeds, { restart, tolerance: TOLERANCE })
  for (const { pin } of seeds) scores[pin] = 0
  const heap = new TopK(top)
  for (let pin = 0; pin < scores.length; pin++) {
    if (scores[pin] === 0) continue
    scores[pin]! /= view.pinDegree(pin) ** degreeExponent
    heap.offer(pin, scores[pin]!)
  }
  const { keys, scores: best } = heap.sorted()
  return { best: keys, scoreOf: (pin) => scores[pin]!, floor: best.at(-1) ?? 0 }
}

/** All that a walk found, as a ranking. */
export function walkRanking(checked: Checked, seeds: readonly WalkSeed[], seed: number): Ranking {
  const options = { ...checked.walkOptions, top: 1_000_000, seed }
  const { pins, scores } = walk(checked.sample.view, seeds, [], checked.scratch, options)
  const scoreByPin = new Map(Array.from(pins, (pin, i) => [pin, scores[i]!]))
  const best = pins.slice(0, checked.top)
  return {
    best,
    scoreOf: (pin) => scoreByPin.get(pin) ?? 0,
    floor: scores[best.length - 1] ?? 0,
  }
}

/** NaN when the ranking is empty. */
export function overlap(
  found: Uint32Array,
  { best, scoreOf, floor }: Ranking,
  top: number,
): number {
  // Sums of the same parts in another order differ in their last digits.
  const enough = floor * (1 - 1e-9)
  const shared = found.subarray(0, top).reduce((n, pin) => n + (scoreOf(pin) >= enough ? 1 : 0), 0)
  return Math.min(shared, best.length) / best.length
}
