/**
 * The best of the pins that a walk landed on.
 *
 * Most were visited once or twice, so a histogram of scores first tells about where the best begin;
 * only from there on are host numbers looked up. What waits for memory does so in loops that do
 * nothing else, as in the kernel.
 *
 * O(rows + top log top) time; memory: 8 bytes a row that may be among the best, 16 bytes a result.
 */
import type { GraphView } from '../graph-view.ts'
import { powersOf } from '../powers.ts'
import { hostOf } from '../side.ts'
import { TopK } from '../top-k.ts'
import type { Joined } from './walk-kernel.ts'

export type Best = {
  /** Host numbers by falling score, ties by number. */
  readonly pins: Uint32Array
  readonly scores: Float64Array
  /** Where they were joined. */
  readonly rows: Uint32Array
}

export type Choice = {
  readonly top: number
  readonly degreeExponent: number
  readonly booster: boolean
}

/** The best rows that are neither excluded nor hidden. Turns the sums into scores. */
export function select(
  view: GraphView,
  joined: Joined,
  unwanted: ReadonlySet<number>,
  choice: Choice,
): Best {
  const scores = scored(view, joined, choice)
  const found = candidates(view, joined, unwanted, choice.top)
  const heap = new TopK(Math.min(choice.top, found.length))
  for (let i = 0; i < found.length; i++) {
    const row = found.rows[i]!
    heap.offer(found.pins[i]!, scores[row]!, row)
  }
  const { keys, scores: best, notes } = heap.sorted()
  return { pins: keys, scores: best, rows: notes }
}

/** At least the best `top`, if so many are there. */
function candidates(view: GraphView, joined: Joined, unwanted: ReadonlySet<number>, top: number) {
  // Of the best some are unwanted: a few more are looked at, and in the end all.
  for (let rank = top + (top >> 3); ; rank *= 4) {
    const found = atLeast(view, joined, scoreOfRank(joined.sums, rank), unwanted)
    if (found.length >= top || rank >= joined.rows) return found
  }
}

function scored(view: GraphView, joined: Joined, choice: Choice): Float64Array {
  const { rows, pins: nodes, sums } = joined
  const { booster, degreeExponent } = choice
  if (booster) for (let row = 0; row < rows; row++) sums[row]! *= sums[row]!
  if (degreeExponent === 0) return sums
  const side = view.delta.pins
  const powerOf = powersOf(degreeExponent)
  for (let row = 0; row < rows; row++) {
    const node = nodes[row]!
    const degree = view.ranksOf(side, node) - (side.gone[node] ?? 0)
    sums[row]! /= powerOf(degree)
  }
  return sums
}

/** Rows of at least this score, and their pins' host numbers, without unwanted pins. */
function atLeast(view: GraphView, joined: Joined, low: number, unwanted: ReadonlySet<number>) {
  const { rows: rowCount, pins: nodes, sums: scores } = joined
  const { delta } = view
  const rows = new Uint32Array(rowCount)
  let count = 0
  for (let row = 0; row < rowCount; row++) {
    rows[count] = row
    if (scores[row]! >= low) count++
  }
  const pins = new Uint32Array(count)
  for (let i = 0; i < count; i++) pins[i] = hostOf(delta.pins, nodes[rows[i]!]!)
  const anyHidden = delta.hiddenCount > 0
  let length = 0
  for (let i = 0; i < count; i++) {
    const pin = pins[i]!
    if (unwanted.has(pin) || (anyHidden && delta.isHidden(pin))) continue
    pins[length] = pin
    rows[length++] = rows[i]!
  }
  return { pins, rows, length }
}

const FRACTION_BITS = 5
/** Bins from 2^-OCTAVES to 2^OCTAVES, by the exponent and the first bits of the fraction. */
const OCTAVES = 32
const bins = new Uint32Array((2 * OCTAVES) << FRACTION_BITS)
const FIRST = (1023 - OCTAVES) << FRACTION_BITS

/** A score that at least `rank` of them reach, if so many are there: about the greatest such. */
function scoreOfRank(scores: Float64Array, rank: number): number {
  // The second word of each has its sign, its exponent and the beginning of its fraction.
  const words = new Uint32Array(scores.buffer, scores.byteOffset, 2 * scores.length)
  const last = bins.length - 1
  bins.fill(0)
  for (let i = 1; i < words.length; i += 2) {
    const bin = (words[i]! >>> (20 - FRACTION_BITS)) - FIRST
    bins[Math.min(last, Math.max(0, bin))]!++
  }
  let bin = last
  for (let seen = bins[bin]!; bin > 0 && seen < rank; ) seen += bins[--bin]!
  if (bin === 0) return 0
  const fraction = (bin & ((1 << FRACTION_BITS) - 1)) / (1 << FRACTION_BITS)
  return 2 ** ((bin >> FRACTION_BITS) - OCTAVES) * (1 + fraction)
}
