/**
 * Slates that are drawn position by position out of a pool of at most 200 candidates, each with the
 * probability it was drawn with: logs of such a policy can be asked about others.
 *
 * `softmaxPolicy` draws the next item, of the n that are left, with
 *   (1 - uniform) softmax(score / temperature) + uniform / n,
 * so that nothing in the pool has less than uniform / n, and no weight of an estimate is without
 * bound. What is outside of the pool has no chance at all: whoever asks about a policy that shows
 * such things asks what the log does not know.
 */
import { assert, type Random } from '../../../base/index.ts'

/** Draws one slate after the other; what it draws from is given to each call. */
export interface SlatePolicy {
  /**
   * Writes into `out` the probability of each candidate to come next, 0 for those that are taken.
   * They sum to 1 unless all are taken.
   */
  next(scores: Float64Array, taken: Uint8Array, out: Float64Array): void
}

export type SoftmaxOptions = {
  /** Of the scale of scores; above 0. */
  readonly temperature?: number
  /** The share of chance that all candidates have alike, 0 to 1. */
  readonly uniform?: number
}
export const softmaxDefaults = Object.freeze({ temperature: 1, uniform: 0.05 })

/** The most candidates that a slate is drawn from. */
export const slatePoolMax = 200

export function softmaxPolicy(options: SoftmaxOptions = {}): SlatePolicy {
  const { temperature, uniform } = { ...softmaxDefaults, ...options }
  assert(temperature > 0, 'a temperature is above 0')
  assert(uniform >= 0 && uniform <= 1, 'a share is from 0 to 1')
  return {
    next(scores, taken, out) {
      // The best that is left is the zero of the exponent: it has 1, the others less.
      let best = Number.NEGATIVE_INFINITY
      let left = 0
      for (let i = 0; i < scores.length; i++) {
        if (taken[i]) continue
        left++
        best = Math.max(best, scores[i]!)
      }
      let sum = 0
      for (let i = 0; i < scores.length; i++) {
        out[i] = taken[i] ? 0 : Math.exp((scores[i]! - best) / temperature)
        sum += out[i]!
      }
      for (let i = 0; i < scores.length; i++) {
        if (!taken[i]) out[i] = ((1 - uniform) * out[i]!) / sum + uniform / left
      }
    },
  }
}

export type DrawnSlate = {
  /** Places in the pool, top first. */
  readonly slate: Uint32Array
  /** Of each, given those above it: what it was drawn with. */
  readonly givenAbove: Float64Array
}

/** As many as `places`, or the whole pool. O(pool × places). */
export function drawSlate(
  policy: SlatePolicy,
  scores: Float64Array,
  { places, random }: { readonly places: number; readonly random: Random },
): DrawnSlate {
  checkPool(scores)
  const count = Math.min(places, scores.length)
  const slate = new Uint32Array(count)
  const givenAbove = new Float64Array(count)
  const taken = new Uint8Array(scores.length)
  const chances = new Float64Array(scores.length)
  for (let place = 0; place < count; place++) {
    policy.next(scores, taken, chances)
    const item = drawn(chances, random.unit())
    slate[place] = item
    givenAbove[place] = chances[item]!
    taken[item] = 1
  }
  return { slate, givenAbove }
}

/** Where the sum of chances passes `unit`; the last with any where rounding keeps it below. */
function drawn(chances: Float64Array, unit: number): number {
  let sum = 0
  let last = 0
  for (let i = 0; i < chances.length; i++) {
    if (chances[i] === 0) continue
    sum += chances[i]!
    last = i
    if (unit < sum) break
  }
  return last
}

/** Given those above, of a slate that another policy may have drawn. O(pool × places). */
export function chancesOf(
  policy: SlatePolicy,
  scores: Float64Array,
  slate: Uint32Array,
): Float64Array {
  checkPool(scores)
  const taken = new Uint8Array(scores.length)
  const chances = new Float64Array(scores.length)
  return Float64Array.from(slate, (item) => {
    policy.next(scores, taken, chances)
    taken[item] = 1
    return chances[item]!
  })
}

/** Lists of candidates that are looked at, at most, to know the chance of each at each position. */
const LISTS_MAX = 10_000_000

/**
 * The probability of each candidate at each position, over all that may stand above it:
 * `[position][candidate]`, exact by going through every list. O(pool ^ places), refused beyond ten
 * millions: three places of a pool of 200 are within.
 */
export function chancesByPosition(
  policy: SlatePolicy,
  scores: Float64Array,
  places: number,
): Float64Array[] {
  checkPool(scores)
  const count = Math.min(places, scores.length)
  assert(scores.length ** count <= LISTS_MAX, 'lists are few enough to go through all of them')
  const found = Array.from({ length: count }, () => new Float64Array(scores.length))
  const chances = found.map(() => new Float64Array(scores.length))
  const taken = new Uint8Array(scores.length)
  const below = (place: number, reached: number) => {
    const here = chances[place]!
    policy.next(scores, taken, here)
    for (let i = 0; i < scores.length; i++) {
      const chance = reached * here[i]!
      if (chance === 0) continue
      found[place]![i]! += chance
      if (place + 1 === count) continue
      taken[i] = 1
      below(place + 1, chance)
      taken[i] = 0
    }
  }
  if (count > 0) below(0, 1)
  return found
}

function checkPool(scores: Float64Array): void {
  assert(scores.length <= slatePoolMax, `a pool has at most ${slatePoolMax} candidates`)
  assert(scores.every(Number.isFinite), 'scores are finite')
}
