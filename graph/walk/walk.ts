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
import { hostOf, nodeOf } from '../side.ts'
import { TopK } from '../top-k.ts'
import { allocateSteps, type WalkSeed } from './allocate-steps.ts'
import { biasRanges, type WalkBias } from './bias.ts'
import { lockStep, type Stepped } from './lock-step.ts'
import { type ScoreParts, scoreParts } from './score-parts.ts'
import type { WalkScratch } from './scratch.ts'
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
  const unwanted = function* () {
    yield* excluded
    for (const { pin } of seeds) yield pin
  }
  return scratch.excluding(unwanted(), (isExcluded) => {
    const best = select(view, joined, isExcluded, { ...options, booster: boosted })
    return result(view, best, joined, labels, stepped, options.parts ? kernel : undefined)
  })
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

type Best = { readonly keys: Uint32Array; readonly scores: Float64Array }

/** The best rows: keys are host numbers. */
function select(
  view: GraphView,
  { rows, pins, sums }: Joined,
  isExcluded: Uint8Array,
  { top, degreeExponent, booster }: WalkOptions,
): Best {
  const { delta } = view
  const side = delta.pins
  const anyHidden = delta.hiddenCount > 0
  const heap = new TopK(Math.min(top, rows))
  /** Offers rows whose sum lies in [low, high). */
  const offer = (low: number, high: number) => {
    for (let row = 0; row < rows; row++) {
      const sum = sums[row]!
      if (sum < low || sum >= high) continue
      const node = pins[row]!
      let score = booster ? sum * sum : sum
      if (degreeExponent > 0) {
        const degree = view.ranksOf(side, node) - (side.gone[node] ?? 0)
        score /= powerOf(degree, degreeExponent)
      }
      if (score < heap.floor) continue
      const pin = hostOf(side, node)
      if (isExcluded[pin] === 1 || (anyHidden && delta.isHidden(pin))) continue
      heap.offer(pin, score)
    }
  }
  if (degreeExponent > 0) offer(0, Number.POSITIVE_INFINITY)
  else {
    // Most pins were visited once: those are looked at only where the others are too few.
    const low = sumOfRank(sums, rows, top)
    offer(low, Number.POSITIVE_INFINITY)
    if (heap.floor === Number.NEGATIVE_INFINITY) offer(0, low)
  }
  return heap.sorted()
}

const BINS = 1024
const BINS_PER_UNIT = 8

/** A sum that at least `rank` rows reach, if so many are there: about the greatest such. */
function sumOfRank(sums: Float64Array, rows: number, rank: number): number {
  const bins = new Uint32Array(BINS)
  for (let row = 0; row < rows; row++) {
    bins[Math.min(BINS - 1, (sums[row]! * BINS_PER_UNIT) | 0)]!++
  }
  let bin = BINS - 1
  for (let seen = bins[bin]!; bin > 0 && seen < rank; ) seen += bins[--bin]!
  return bin / BINS_PER_UNIT
}

/** Powers of small degrees, of the exponent used last. */
const powers = new Float64Array(4096)
let exponentOfPowers = Number.NaN

function powerOf(degree: number, exponent: number): number {
  if (degree >= powers.length) return degree ** exponent
  if (exponent !== exponentOfPowers) {
    for (let d = 0; d < powers.length; d++) powers[d] = d ** exponent
    exponentOfPowers = exponent
  }
  return powers[degree]!
}

function result(
  view: GraphView,
  best: Best,
  joined: Joined,
  labels: readonly number[],
  { steps, cutShort }: Stepped,
  kernel: WalkKernel | undefined,
): WalkResult {
  const side = view.delta.pins
  const place = new Map<number, number>()
  best.keys.forEach((pin, i) => {
    place.set(nodeOf(side, pin), i)
  })
  const because = new Uint32Array(best.keys.length)
  if (labels.length === 1) because.fill(labels[0]!)
  else {
    for (let row = 0; row < joined.rows; row++) {
      const i = place.get(joined.pins[row]!)
      if (i !== undefined) because[i] = labels[joined.best[row]!]!
    }
  }
  const found = { pins: best.keys, scores: best.scores, because, steps, cutShort }
  return kernel ? { ...found, parts: scoreParts(kernel.slots(), place, labels) } : found
}
