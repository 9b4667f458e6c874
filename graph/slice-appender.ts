/**
 * Appends many fresh edges at once to the slices of one side, in the order of its nodes.
 *
 * One by one, an edge misses cache and TLB for its record and for its slice, and takes two fences,
 * since a reader may see a number only after the entries and the beginning that it counts on. In
 * the order of nodes, records are neighbours, slices made together lie in that order too, a node's
 * edges are one run, and runs are shown together: entries, a fence, beginnings, a fence, numbers.
 *
 * Memory: 44 bytes an edge of a block. O(edges + fresh degree) time.
 */
import { assert } from '../base/index.ts'

/** Edges appended at once, at most. */
export const APPEND_MAX = 65_536
/** Of a node, by which one pass sorts, at most. */
const DIGIT_BITS = 11
const SLICE_MIN_LOG2 = 2

/** Words of the slice that so many edges lie in. */
export function roomFor(edges: number): number {
  return edges === 0 ? 0 : 1 << sizeClass(edges)
}

/** Words of a new slice, if one more edge beside `degree` others needs one; else 0. */
export function growth(degree: number): number {
  const room = roomFor(degree + 1)
  return room > roomFor(degree) ? room : 0
}

/** The logarithm of a slice's words; of no edges, one that no slice has. */
function sizeClass(edges: number): number {
  return Math.max(SLICE_MIN_LOG2, 32 - Math.clz32(edges - 1))
}

function block(): Uint32Array {
  return new Uint32Array(APPEND_MAX)
}

export class SliceAppender {
  /** The nodes to append to, written by the caller. */
  readonly incoming = block()
  /** Two words a node: begin in the pool, number. */
  readonly #records: Uint32Array
  readonly #pool: Uint32Array
  /** One word, which readers do not look at. */
  readonly #fence: Uint32Array
  readonly #digits = new Uint32Array(2 ** DIGIT_BITS)
  /** Edges by node. */
  #nodes = block()
  #items = block()
  #spareNodes = block()
  #spareItems = block()
  /** Runs: their nodes, where they end among the edges, and the node's slice. */
  readonly #runNodes = block()
  readonly #ends = block()
  readonly #begins = block()
  readonly #numbers = block()
  #runs = 0
  readonly #runOf = block()
  /** Runs that need a larger slice. */
  readonly #moves = block()
  #moveCount = 0
  #seen = 0

  constructor(records: Uint32Array, pool: Uint32Array, fence: Uint32Array) {
    this.#records = records
    this.#pool = pool
    this.#fence = fence
  }

  /** Takes items[i] for node incoming[i], i below `n`. Returns the words of the pool they need. */
  take(items: Uint32Array, n: number): number {
    assert(n <= APPEND_MAX, 'a block has room')
    this.#nodes.set(this.incoming.subarray(0, n))
    this.#items.set(items.subarray(0, n))
    const bits = 32 - Math.clz32(this.#records.length / 2 - 1)
    const passes = Math.ceil(bits / DIGIT_BITS)
    const digitBits = Math.ceil(bits / passes)
    for (let p = 0; p < passes; p++) this.#sortBy(p * digitBits, digitBits, n)
    this.#findRuns(n)
    return this.#findMoves()
  }

  /** Appends what was taken; new slices go to the pool from `to` on. */
  append(to: number): void {
    this.#move(to)
    this.#write()
    this.#show()
  }

  /** A stable pass by the digit at `shift`. */
  #sortBy(shift: number, bits: number, n: number): void {
    const nodes = this.#nodes
    const items = this.#items
    const nodesTo = this.#spareNodes
    const itemsTo = this.#spareItems
    const digits = this.#digits.subarray(0, 2 ** bits)
    const mask = digits.length - 1
    digits.fill(0)
    for (let i = 0; i < n; i++) digits[(nodes[i]! >>> shift) & mask]!++
    let at = 0
    for (let d = 0; d < digits.length; d++) {
      const count = digits[d]!
      digits[d] = at
      at = (at + count) | 0
    }
    for (let i = 0; i < n; i++) {
      const node = nodes[i]!
      const digit = (node >>> shift) & mask
      const to = digits[digit]!
      digits[digit] = (to + 1) | 0
      nodesTo[to] = node
      itemsTo[to] = items[i]!
    }
    this.#nodes = nodesTo
    this.#items = itemsTo
    this.#spareNodes = nodes
    this.#spareItems = items
  }

  #findRuns(n: number): void {
    const records = this.#records
    const nodes = this.#nodes
    const runNodes = this.#runNodes
    const ends = this.#ends
    const begins = this.#begins
    const numbers = this.#numbers
    const runOf = this.#runOf
    let runs = 0
    for (let i = 1; i <= n; i++) {
      const node = nodes[i - 1]!
      runNodes[runs] = node
      ends[runs] = i
      runOf[i - 1] = runs
      runs = (runs + (i === n || nodes[i] !== node ? 1 : 0)) | 0
    }
    for (let r = 0; r < runs; r++) {
      const node = runNodes[r]!
      begins[r] = records[2 * node]!
      numbers[r] = records[2 * node + 1]!
    }
    this.#runs = runs
  }

  /** Returns the words of the slices that runs move to. */
  #findMoves(): number {
    const ends = this.#ends
    const numbers = this.#numbers
    const moves = this.#moves
    const runs = this.#runs
    let count = 0
    let words = 0
    let from = 0
    for (let r = 0; r < runs; r++) {
      const end = ends[r]!
      const number = numbers[r]!
      const needed = sizeClass((number + end - from) | 0)
      // Without a branch, since nobody could foresee it.
      const isMoved = needed === sizeClass(number) ? 0 : 1
      moves[count] = r
      count = (count + isMoved) | 0
      words = (words + ((1 << needed) & -isMoved)) | 0
      from = end
    }
    this.#moveCount = count
    return words
  }

  #move(to: number): void {
    const pool = this.#pool
    const ends = this.#ends
    const begins = this.#begins
    const numbers = this.#numbers
    const moves = this.#moves
    const count = this.#moveCount
    // Loads first, so that their misses overlap; kept, so that they are not seen as useless.
    let seen = 0
    for (let m = 0; m < count; m++) seen |= pool[begins[moves[m]!]!]!
    this.#seen |= seen
    let end = to
    for (let m = 0; m < count; m++) {
      const r = moves[m]!
      const number = numbers[r]!
      const from = r === 0 ? 0 : ends[r - 1]!
      copy(pool, begins[r]!, end, number)
      begins[r] = end
      end += roomFor(number + ends[r]! - from)
    }
  }

  #write(): void {
    const pool = this.#pool
    const items = this.#items
    const ends = this.#ends
    const begins = this.#begins
    const numbers = this.#numbers
    const runOf = this.#runOf
    const runs = this.#runs
    // Edge i goes to places[its run] + i.
    const places = this.#spareNodes
    let from = 0
    for (let r = 0; r < runs; r++) {
      const end = ends[r]!
      const number = numbers[r]!
      places[r] = (begins[r]! + number - from) | 0
      numbers[r] = (number + end - from) | 0
      from = end
    }
    for (let i = 0; i < from; i++) pool[(places[runOf[i]!]! + i) | 0] = items[i]!
  }

  #show(): void {
    const records = this.#records
    const nodes = this.#runNodes
    const begins = this.#begins
    const numbers = this.#numbers
    const moves = this.#moves
    const runs = this.#runs
    Atomics.add(this.#fence, 0, 1)
    for (let m = 0; m < this.#moveCount; m++) records[2 * nodes[moves[m]!]!] = begins[moves[m]!]!
    Atomics.add(this.#fence, 0, 1)
    for (let r = 0; r < runs; r++) records[2 * nodes[r]! + 1] = numbers[r]!
  }
}

function copy(pool: Uint32Array, from: number, to: number, count: number): void {
  for (let i = 0; i < count; i++) pool[to + i] = pool[from + i]!
}
