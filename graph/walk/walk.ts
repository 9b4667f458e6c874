/**
 * Pixie's random walk (Eksombatchai et al., "Pixie: A System for Recommending 3+ Billion Items to
 * 200+ Million Users in Real-Time", WWW 2018, algorithms 2 and 3).
 *
 * From each seed pin walks step pin -> board -> pin, count the pins they land on, and begin anew
 * with probability `restart` after a landing. Seeds get steps by weight and degree
 * (`allocate-steps.ts`); with several seeds the counts are joined by the multi-hit booster
 * (equation 3) when it is on; a score is divided by degree^`degreeExponent`, since visits favour
 * busy pins. Many walkers advance in step (`lock-step.ts`).
 *
 * The first board of each walk is drawn evenly instead of independently (docs/adr/0006).
 *
 * Deterministic: the same epoch, seeds and options give the same answer on every thread and with
 * both kernels. O(steps + landings log k) time; memory: a WalkScratch.
 */
import { assert, pinwheelError } from '../../base/index.ts'
import type { GraphView } from '../graph-view.ts'
import { nodeOf } from '../side.ts'
import { allocateSteps, type WalkSeed } from './allocate-steps.ts'
import { biasRanges, type WalkBias } from './bias.ts'
import { lockStep, type Stepped } from './lock-step.ts'
import { type ScoreParts, scoreParts } from './score-parts.ts'
import type { WalkScratch } from './scratch.ts'
import { type Best, select } from './select.ts'
import { joinExactly } from './slots.ts'
import type { Joined, WalkKernel } from './walk-kernel.ts'

export type WalkOptions = {
  /** Landings in all, shared among the seeds. */
  readonly steps: number
  /** Probability of beginning anew after a landing, in (0, 1]. */
  readonly restart: number
  /** Pins returned at most. */
  readonly top: number
  /** A score is divided by degree^this; 0 leaves visits as they are. */
  readonly degreeExponent: number
  /** Join seeds by (sum of square roots)^2 instead of a sum. */
  readonly booster: boolean
  /** A seed's walks end early once this many pins ... */
  readonly earlyStopPins: number
  /** ... have had this many visits from it. 0 never ends early. */
  readonly earlyStopVisits: number
  /** Steps between two looks at that. */
  readonly checkEvery: number
  readonly seed: number
  /** Prefer boards of a topic or language. */
  readonly bias?: WalkBias
  /** Tell the visits from each seed. */
  readonly parts?: boolean
  /** Asked between rounds of about 1,000 steps: true ends the walk where it is. */
  readonly isOver?: () => boolean
}

export const walkDefaults: WalkOptions = Object.freeze({
  steps: 20_000,
  restart: 0.9,
  top: 250,
  degreeExponent: 0.4,
  booster: false,
  earlyStopPins: 0,
  earlyStopVisits: 0,
  checkEvery: 4096,
  seed: 1,
})

export type WalkResult = {
  /** Host numbers by falling score, ties by number. */
  readonly pins: Uint32Array
  readonly scores: Float64Array
  /** The seed pin that contributed most to each. */
  readonly because: Uint32Array
  /** Landings made. */
  readonly steps: number
  /** Whether `isOver` ended it before its steps were made. */
  readonly cutShort: boolean
  readonly parts?: ScoreParts
}

/** Walks from `seeds`; excluded, hidden and seed pins are never returned. */
export function walk(
  view: GraphView,
  seeds: readonly WalkSeed[],
  excluded: Iterable<number>,
  scratch: WalkScratch,
  given: Partial<WalkOptions> = {},
): WalkResult {
  const options = { ...walkDefaults, ...given }
  checkOptions(options)
  assert(scratch.pinCapacity >= view.pinCapacity, 'the scratch covers every pin')
  const { pins } = view.delta
  const steps = allocateSteps((pin) => view.pinDegree(pin), seeds, options.steps)
  const labels = seeds.filter((_, i) => steps[i]! > 0).map(({ pin }) => pin)
  if (labels.length === 0) return nothing(options.parts)
  const allotted = steps.filter((some) => some > 0)
  const homes = labels.map((pin, i) => ({ node: nodeOf(pins, pin), steps: allotted[i]! }))
  const kernel = scratch.kernelFor(view)
  const bias = options.bias && biasRanges(view.frozen, options.bias)
  const stepped = lockStep(kernel, view, homes, {
    restart: options.restart,
    earlyStopPins: options.earlyStopPins,
    earlyStopVisits: options.earlyStopVisits,
    checkEvery: options.checkEvery,
    seed: options.seed,
    isOver: options.isOver,
    ...(bias && { bias }),
  })
  const boosted = options.booster && labels.length > 1
  const joined = kernel.overflowed ? joinExactly(kernel.slots(), boosted) : kernel.join(boosted)
  const unwanted = new Set(excluded)
  for (const { pin } of seeds) unwanted.add(pin)
  const best = select(view, joined, unwanted, { ...options, booster: boosted })
  return result(best, joined, labels, stepped, options.parts ? kernel : undefined)
}

/** The result of a walk that has not taken a step. */
export function nothing(parts = false, cutShort = false): WalkResult {
  return {
    pins: new Uint32Array(0),
    scores: new Float64Array(0),
    because: new Uint32Array(0),
    steps: 0,
    cutShort,
    ...(parts && { parts: { starts: new Uint32Array(1), seeds: [], visits: [] } }),
  }
}

function checkOptions(options: WalkOptions): void {
  const wrong = (option: keyof WalkOptions, expected: string) =>
    pinwheelError('WALK_OPTIONS', { option, value: String(options[option]), expected })
  const whole = (option: keyof WalkOptions, low: number, high: number) => {
    const value = options[option] as number
    if (!Number.isInteger(value) || value < low || value > high) {
      throw wrong(option, `a whole number from ${low} to ${high}`)
    }
  }
  whole('steps', 1, 1_000_000_000)
  whole('top', 1, 1_000_000)
  whole('earlyStopPins', 0, 1_000_000)
  // A counter holds no more.
  whole('earlyStopVisits', 0, 65_535)
  whole('checkEvery', 1, 1_000_000_000)
  whole('seed', 0, Number.MAX_SAFE_INTEGER)
  if (!(options.restart > 0 && options.restart <= 1)) throw wrong('restart', 'above 0, at most 1')
  if (!(options.degreeExponent >= 0 && options.degreeExponent <= 2)) {
    throw wrong('degreeExponent', 'from 0 to 2')
  }
}

function result(
  best: Best,
  joined: Joined,
  labels: readonly number[],
  { steps, cutShort }: Stepped,
  kernel: WalkKernel | undefined,
): WalkResult {
  const { pins, scores, rows } = best
  const because = rows.map((row) => labels[joined.best[row]!]!)
  const found = { pins, scores, because, steps, cutShort }
  if (!kernel) return found
  const place = new Map(Array.from(rows, (row, i) => [joined.pins[row]!, i] as const))
  return { ...found, parts: scoreParts(kernel.slots(), place, labels) }
}
