/**
 * Pixie's random walk (Eksombatchai et al., "Pixie: A System for Recommending 3+ Billion Items to
 * 200+ Million Users in Real-Time", WWW 2018, algorithms 2 and 3).
 *
 * From each seed pin a walk steps pin -> board -> pin, counts the pin it lands on, and returns to
 * the seed with probability `restart`. Seeds get steps by weight and degree (equations 1 and 2);
 * with several seeds the counts are joined by the multi-hit booster (equation 3) when it is on; a
 * score is divided by degree^`degreeExponent`, since visits favour busy pins.
 *
 * The first board of each walk is drawn systematically: walk i of n takes board floor((i + u) d /
 * n) of the seed's d boards. Each board keeps its probability, so the estimate stays unbiased, and
 * the noise of the first hop is gone: worth a few per cent of the steps (docs/adr/0006).
 *
 * Deterministic: the same graph, seeds and options give the same answer. O(steps + touched log k)
 * time. Memory: a WalkScratch, 20 bytes a host number of a pin, reused by every query of a thread.
 */
import { assert, limits, NONE, pinwheelError, Random } from '../base/index.ts'
import type { GraphView } from './graph-view.ts'
import { TopK } from './top-k.ts'

export type WalkSeed = { readonly pin: number; readonly weight: number }

export type WalkOptions = {
  /** Landings in all, shared among the seeds. */
  readonly steps: number
  /** Probability of returning to the seed after a landing, in (0, 1]. */
  readonly restart: number
  /** Pins returned at most. */
  readonly top: number
  /** A score is divided by degree^this; 0 leaves visits as they are. */
  readonly degreeExponent: number
  /** Join seeds by (sum of square roots)^2 instead of a sum. */
  readonly booster: boolean
  /** A seed's walk ends early once this many pins ... */
  readonly earlyStopPins: number
  /** ... have had this many visits. 0 never ends early. */
  readonly earlyStopVisits: number
  readonly seed: number
}

export const walkDefaults: WalkOptions = Object.freeze({
  steps: 20_000,
  restart: 0.9,
  top: 250,
  degreeExponent: 0.4,
  booster: false,
  earlyStopPins: 0,
  earlyStopVisits: 0,
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
}

/** Counters of one thread, zero between queries. */
export class WalkScratch {
  /** Visits in the current seed's walk. */
  visits: Uint32Array
  /** Joined contributions of the finished seeds. */
  joined: Float64Array
  best: Float32Array
  bestSeed: Uint32Array
  /** Pins with a contribution. */
  touched: Uint32Array
  excluded: Uint8Array

  constructor(pinCapacity: number) {
    this.visits = new Uint32Array(pinCapacity)
    this.joined = new Float64Array(pinCapacity)
    this.best = new Float32Array(pinCapacity)
    this.bestSeed = new Uint32Array(pinCapacity)
    this.touched = new Uint32Array(1024)
    this.excluded = new Uint8Array(pinCapacity)
  }

  get pinCapacity(): number {
    return this.visits.length
  }
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
  const steps = allocateSteps(view, seeds, options.steps)
  const random = new Walker(options.seed)
  let touched = 0
  let made = 0
  seeds.forEach((seed, i) => {
    if (steps[i] === 0) return
    const from = touched
    const list = new VisitList(scratch, from)
    made += walkFrom(view, seed.pin, steps[i]!, random, list, options)
    touched = join(scratch, list, seed.pin, options.booster)
  })
  return select(view, seeds, excluded, scratch, touched, made, options)
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
  whole('earlyStopVisits', 0, 1_000_000_000)
  whole('seed', 0, Number.MAX_SAFE_INTEGER)
  if (!(options.restart > 0 && options.restart <= 1)) throw wrong('restart', 'above 0, at most 1')
  if (!(options.degreeExponent >= 0 && options.degreeExponent <= 2)) {
    throw wrong('degreeExponent', 'from 0 to 2')
  }
}

/**
 * Steps for each seed: w · N · s / Σ s with s = d · (C − log d), C = 1 + log(largest degree) so
 * that even the busiest seed walks; weights are normalised first.
 */
export function allocateSteps(
  view: GraphView,
  seeds: readonly WalkSeed[],
  steps: number,
): Uint32Array {
  if (seeds.length > limits.seedsPerWalkMax) {
    const expected = `at most ${limits.seedsPerWalkMax} seeds`
    throw pinwheelError('WALK_OPTIONS', { option: 'seeds', value: seeds.length, expected })
  }
  const share = new Float64Array(seeds.length)
  let degreeMax = 1
  for (const { pin } of seeds) degreeMax = Math.max(degreeMax, view.pinDegree(pin))
  const c = 1 + Math.log(degreeMax)
  let sum = 0
  seeds.forEach(({ pin, weight }, i) => {
    if (!(weight > 0 && weight <= Number.MAX_VALUE)) {
      const expected = 'a positive number'
      throw pinwheelError('WALK_OPTIONS', { option: 'weight', value: weight, expected })
    }
    const degree = view.pinDegree(pin)
    share[i] = degree === 0 ? 0 : weight * (degree * (c - Math.log(degree))) ** STEP_EXPONENT
    sum += share[i]!
  })
  const result = new Uint32Array(seeds.length)
  if (sum > 0) {
    for (let i = 0; i < seeds.length; i++) {
      if (share[i]! > 0) result[i] = Math.max(1, Math.round((steps * share[i]!) / sum))
    }
  }
  return result
}

const STEP_EXPONENT = 1

/** sfc32, keyed from the counter-based stream: a few cycles a number. */
class Walker {
  #a: number
  #b: number
  #c: number
  #d = 1

  constructor(seed: number) {
    const random = new Random(seed).split('walk')
    this.#a = random.u32() | 0
    this.#b = random.u32() | 0
    this.#c = random.u32() | 0
  }

  /** Uniform in [0, 2^32). */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (this.#c << 21) | (this.#c >>> 11)
    this.#c = (this.#c + t) | 0
    return t >>> 0
  }
}

const UNIT = 1 / 4294967296

/** Pins landed on in one seed's walk. `scratch.touched[from ..]` collects those that are new. */
class VisitList {
  readonly scratch: WalkScratch
  pins = new Uint32Array(256)
  count = 0
  readonly from: number

  constructor(scratch: WalkScratch, from: number) {
    this.scratch = scratch
    this.from = from
  }

  add(pin: number): number {
    const { visits } = this.scratch
    assert(pin < visits.length, 'the scratch covers every pin')
    const now = ++visits[pin]!
    if (now === 1) {
      if (this.count === this.pins.length) {
        const wider = new Uint32Array(this.count * 2)
        wider.set(this.pins)
        this.pins = wider
      }
      this.pins[this.count++] = pin
    }
    return now
  }
}

/** The walks of one seed; returns the landings made. */
function walkFrom(
  view: GraphView,
  seed: number,
  steps: number,
  random: Walker,
  list: VisitList,
  options: WalkOptions,
): number {
  return view.overlay.isEmpty
    ? walkFrozen(view, seed, steps, random, list, options)
    : walkBoth(view, seed, steps, random, list, options)
}

/** The common case: nothing in the overlay, so node numbers suffice. */
function walkFrozen(
  view: GraphView,
  seed: number,
  steps: number,
  random: Walker,
  list: VisitList,
  options: WalkOptions,
): number {
  const { pinOffset, pinBoards, boardOffset, boardPins, pinOfNode, nodeOfPin } = view.frozen
  const { earlyStopPins, earlyStopVisits } = options
  const goOn = Math.floor((1 - options.restart) * 4294967296)
  const home = nodeOfPin[seed]!
  const homeStart = pinOffset[home]!
  const homeDegree = pinOffset[home + 1]! - homeStart
  const stride = homeDegree / expectedWalks(steps, options.restart)
  let at = random.next() * UNIT * homeDegree
  let famous = 0
  let made = 0
  while (made < steps) {
    let board = pinBoards[homeStart + Math.floor(at)]!
    at += stride
    if (at >= homeDegree) at %= homeDegree
    for (;;) {
      const start = boardOffset[board]!
      const node =
        boardPins[start + Math.floor(random.next() * UNIT * (boardOffset[board + 1]! - start))]!
      made++
      const visits = list.add(pinOfNode[node]!)
      if (visits === earlyStopVisits && ++famous === earlyStopPins) return made
      if (made >= steps || random.next() >= goOn) break
      const pinStart = pinOffset[node]!
      board =
        pinBoards[pinStart + Math.floor(random.next() * UNIT * (pinOffset[node + 1]! - pinStart))]!
    }
  }
  return made
}

/** With fresh edges or removals: the same walk in host numbers; a removed edge ends a walk. */
function walkBoth(
  view: GraphView,
  seed: number,
  steps: number,
  random: Walker,
  list: VisitList,
  options: WalkOptions,
): number {
  const { earlyStopPins, earlyStopVisits } = options
  const goOn = Math.floor((1 - options.restart) * 4294967296)
  const homeDegree = view.pinDegree(seed)
  const stride = homeDegree / expectedWalks(steps, options.restart)
  let at = random.next() * UNIT * homeDegree
  let famous = 0
  let made = 0
  while (made < steps) {
    let board = view.boardOfPin(seed, Math.floor(at))
    at += stride
    if (at >= homeDegree) at %= homeDegree
    for (;;) {
      made++
      if (board === NONE) break
      const pin = view.pinOfBoard(board, Math.floor(random.next() * UNIT * view.boardDegree(board)))
      if (pin === NONE) break
      const visits = list.add(pin)
      if (visits === earlyStopVisits && ++famous === earlyStopPins) return made
      if (made >= steps || random.next() >= goOn) break
      board = view.boardOfPin(pin, Math.floor(random.next() * UNIT * view.pinDegree(pin)))
    }
  }
  return made
}

/** Walks that `steps` landings make on average, so that the systematic draw goes round once. */
function expectedWalks(steps: number, restart: number): number {
  return Math.max(1, steps * restart)
}

/** Moves a seed's visits into the joined counters and clears them; returns the new `touched`. */
function join(scratch: WalkScratch, list: VisitList, seed: number, booster: boolean): number {
  const { visits, joined, best, bestSeed } = scratch
  let touched = list.from
  if (touched + list.count > scratch.touched.length) {
    const wider = new Uint32Array((touched + list.count) * 2)
    wider.set(scratch.touched)
    scratch.touched = wider
  }
  for (let i = 0; i < list.count; i++) {
    const pin = list.pins[i]!
    const v = visits[pin]!
    visits[pin] = 0
    if (joined[pin] === 0) scratch.touched[touched++] = pin
    joined[pin]! += booster ? Math.sqrt(v) : v
    if (v > best[pin]!) {
      best[pin] = v
      bestSeed[pin] = seed
    }
  }
  return touched
}

function select(
  view: GraphView,
  seeds: readonly WalkSeed[],
  excluded: Iterable<number>,
  scratch: WalkScratch,
  touched: number,
  steps: number,
  options: WalkOptions,
): WalkResult {
  const { joined, best, bestSeed } = scratch
  const marked: number[] = []
  const mark = (pin: number) => {
    if (pin < scratch.excluded.length && scratch.excluded[pin] === 0) {
      scratch.excluded[pin] = 1
      marked.push(pin)
    }
  }
  for (const pin of excluded) mark(pin)
  for (const { pin } of seeds) mark(pin)
  const heap = new TopK(Math.min(options.top, touched))
  const { overlay } = view
  const anyHidden = overlay.hiddenCount > 0
  for (let i = 0; i < touched; i++) {
    const pin = scratch.touched[i]!
    const sum = joined[pin]!
    joined[pin] = 0
    if (scratch.excluded[pin] === 1 || (anyHidden && overlay.isHidden(pin))) {
      best[pin] = 0
      continue
    }
    const visits = options.booster ? sum * sum : sum
    const score =
      options.degreeExponent === 0 ? visits : visits / view.pinDegree(pin) ** options.degreeExponent
    heap.offer(pin, score)
  }
  for (const pin of marked) scratch.excluded[pin] = 0
  const { keys: pins, scores } = heap.sorted()
  const because = new Uint32Array(pins.length)
  pins.forEach((pin, i) => {
    because[i] = bestSeed[pin]!
  })
  for (let i = 0; i < touched; i++) best[scratch.touched[i]!] = 0
  return { pins, scores, because, steps }
}
