/**
 * Which pins are saved soon after which: item-to-item weights from sequences. A pair `gap` steps
 * apart (gap <= gapMax) adds 1/gap in the direction of time and backward/gap against it; weights
 * are divided by the square roots of both pins' degrees (the sum of 1/gap over their pairs; on
 * Beauty this beats counts of occurrences by 2 %) and pruned to the `neighbours` best. A query sums
 * the lists of the recent pins, each weighted by recency^age.
 *
 * Fitting goes pin by pin over its occurrences with one dense row of accumulators: O(saves ×
 * gapMax) time, 8 bytes × neighbours a pin. It comes in slices, for a background builder.
 */
import { TopK } from '../../graph/index.ts'

/** Sequences end to end: sequence s is items[offsets[s] .. offsets[s + 1]), oldest first. */
export type Sequences = {
  readonly offsets: Uint32Array
  readonly items: Uint32Array
  /** Items are numbered below this. */
  readonly itemCount: number
}

export type CooccurrenceOptions = {
  readonly gapMax: number
  readonly backward: number
  readonly recency: number
  readonly neighbours: number
}

export const cooccurrenceDefaults: CooccurrenceOptions = Object.freeze({
  gapMax: 9,
  backward: 0.5,
  recency: 0.6,
  neighbours: 200,
})

export type CooccurrenceMemory = {
  readonly offsets: Uint32Array
  readonly targets: Uint32Array
  readonly weights: Float32Array
  readonly recency: number
}

export class Cooccurrence {
  readonly memory: CooccurrenceMemory

  constructor(memory: CooccurrenceMemory) {
    this.memory = memory
  }

  /**
   * Adds the scores that `history` (newest first) gives to `into`; calls `touch` at a first score.
   */
  query(
    history: readonly number[],
    into: Float64Array,
    touch: (item: number, from: number) => void,
  ): void {
    const { offsets, targets, weights, recency } = this.memory
    let weight = 1
    for (const item of history) {
      if (item + 1 < offsets.length) {
        for (let i = offsets[item]!; i < offsets[item + 1]!; i++) {
          const target = targets[i]!
          if (into[target] === 0) touch(target, item)
          into[target]! += weight * weights[i]!
        }
      }
      weight *= recency
      if (weight < 1e-6) return
    }
  }
}

/** Fits at once. */
export function fitCooccurrence(
  sequences: Sequences,
  options: Partial<CooccurrenceOptions> = {},
): Cooccurrence {
  const steps = fitCooccurrenceSteps(sequences, options)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Of rows that are read, and of rows that are sorted, in a slice. */
const SLICE = 20_000
const SORTED = 5_000

/** Fits in slices of about a millisecond. */
export function* fitCooccurrenceSteps(
  sequences: Sequences,
  given: Partial<CooccurrenceOptions> = {},
): Generator<void, Cooccurrence> {
  const options = { ...cooccurrenceDefaults, ...given }
  const { offsets: starts, items, itemCount } = sequences
  const counts = new Uint32Array(itemCount + 1)
  for (const item of items) counts[item + 1]!++
  for (let i = 0; i < itemCount; i++) counts[i + 1]! += counts[i]!
  yield
  // Where each item occurs, and the bounds of the sequence around each place.
  const places = new Uint32Array(items.length)
  const sequenceOf = new Uint32Array(items.length)
  const next = counts.slice()
  for (let s = 0; s + 1 < starts.length; s++) {
    for (let at = starts[s]!; at < starts[s + 1]!; at++) {
      places[next[items[at]!]!++] = at
      sequenceOf[at] = s
    }
    if (s % SLICE === SLICE - 1) yield
  }
  const degrees = yield* pairDegrees(sequences, options.gapMax)
  const sums = new Float64Array(itemCount)
  const offsets = new Uint32Array(itemCount + 1)
  let targets = new Uint32Array(Math.max(16, itemCount * 8))
  let weights = new Float32Array(targets.length)
  let used = 0
  let work = 0
  // One for all: arrays of each pin's own would be collected ten times a fit.
  const heap = new TopK(Math.min(options.neighbours, itemCount))
  for (let item = 0; item < itemCount; item++) {
    const touched: number[] = []
    for (let o = counts[item]!; o < counts[item + 1]!; o++) {
      work += gather(places[o]!, sequences, sequenceOf[places[o]!]!, options, sums, touched)
    }
    const own = degrees[item]!
    // What is near is looked at again, and the nearest are sorted.
    work += 2 * touched.length
    for (const target of touched) {
      if (target !== item) heap.offer(target, sums[target]! / Math.sqrt(own * degrees[target]!))
      sums[target] = 0
    }
    if (used + heap.count > targets.length) {
      targets = wider(targets, new Uint32Array((used + heap.count) * 2))
      weights = wider(weights, new Float32Array((used + heap.count) * 2))
    }
    used += heap.drain({ keys: targets, scores: weights }, used)
    offsets[item + 1] = used
    if (work > SLICE) {
      work = 0
      yield
    }
  }
  const memory = { targets: targets.slice(0, used), weights: weights.slice(0, used) }
  return new Cooccurrence({ offsets, ...memory, recency: options.recency })
}

/** By item, the sum of 1/gap over all pairs it is in. */
function* pairDegrees({ offsets, items, itemCount }: Sequences, gapMax: number) {
  const degrees = new Float64Array(itemCount)
  for (let s = 0; s + 1 < offsets.length; s++) {
    for (let at = offsets[s]!; at < offsets[s + 1]!; at++) {
      for (let gap = 1; gap <= gapMax && at + gap < offsets[s + 1]!; gap++) {
        degrees[items[at]!]! += 1 / gap
        degrees[items[at + gap]!]! += 1 / gap
      }
    }
    if (s % SLICE === SLICE - 1) yield
  }
  return degrees
}

/** Adds the pairs around one place; returns how many. */
function gather(
  place: number,
  { offsets, items }: Sequences,
  sequence: number,
  options: CooccurrenceOptions,
  sums: Float64Array,
  touched: number[],
): number {
  const from = Math.max(offsets[sequence]!, place - options.gapMax)
  const to = Math.min(offsets[sequence + 1]! - 1, place + options.gapMax)
  for (let at = from; at <= to; at++) {
    if (at === place) continue
    const other = items[at]!
    const gap = Math.abs(at - place)
    if (sums[other] === 0) touched.push(other)
    sums[other]! += at > place ? 1 / gap : options.backward / gap
  }
  return to - from + 1
}

function wider<T extends Uint32Array | Float32Array>(old: T, next: T): T {
  next.set(old)
  return next
}

/** Sequences of (group, item, time) rows: one a group, in order of time, ties by row. */
export function sequencesOf(
  groups: Uint32Array,
  items: Uint32Array,
  times: Float64Array,
  count: number,
): Sequences {
  const steps = sequencesOfSteps(groups, items, times, count)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** The same in slices of about a millisecond. */
export function* sequencesOfSteps(
  groups: Uint32Array,
  items: Uint32Array,
  times: Float64Array,
  count: number,
): Generator<void, Sequences> {
  let groupCount = 0
  let itemCount = 0
  for (let i = 0; i < count; i++) {
    if (i % SLICE === SLICE - 1) yield
    groupCount = Math.max(groupCount, groups[i]! + 1)
    itemCount = Math.max(itemCount, items[i]! + 1)
  }
  const offsets = new Uint32Array(groupCount + 1)
  for (let i = 0; i < count; i++) {
    if (i % SLICE === SLICE - 1) yield
    offsets[groups[i]! + 1]!++
  }
  for (let g = 0; g < groupCount; g++) offsets[g + 1]! += offsets[g]!
  const next = offsets.slice()
  const rows = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    if (i % SLICE === SLICE - 1) yield
    rows[next[groups[i]!]!++] = i
  }
  let sorted = 0
  for (let g = 0; g < groupCount; g++) {
    const part = rows.subarray(offsets[g]!, offsets[g + 1]!)
    if (part.length < 2) continue
    part.sort((a, b) => times[a]! - times[b]! || a - b)
    sorted += part.length
    if (sorted < SORTED) continue
    sorted = 0
    yield
  }
  const sequence = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    if (i % SLICE === SLICE - 1) yield
    sequence[i] = items[rows[i]!]!
  }
  return { offsets, items: sequence, itemCount }
}
