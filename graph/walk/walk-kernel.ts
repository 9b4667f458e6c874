/**
 * What moves and counts the walkers of one thread. Two implementations give the same numbers for
 * the same state: `wasm-kernel.ts`, for graphs in WASM memory, and `twin.ts`, for any.
 *
 * A round moves n walkers from pin to board to pin. Walker w carries the label of the seed that its
 * walk began at; when it restarts it begins anew at home[w] with homeLabel[w]. A walker whose node
 * has no edge left is nowhere (NONE): it is not counted and restarts in the next round.
 */
import type { GraphView } from '../graph-view.ts'

/** Most walkers in step. */
export const LANES = 1024
/** Labels lie below this. */
export const LABELS_MAX = 16_384
/** A slot counts to this; further visits take another slot. */
export const SLOT_VISITS_MAX = 0xffff
/** Fewest slots. */
export const SLOTS_MIN = 4096
/** Restart number that sends every walker home. */
export const ALL_HOME = 0xffffffff
/** Ranges of board nodes that a bias may name. */
export const RANGES_MAX = 512

/** Slots to begin with: one a step, since every step may land elsewhere, but within a cache. */
export function slotsFor(steps: number): number {
  return Math.max(SLOTS_MIN, 2 ** Math.min(20, Math.ceil(Math.log2(steps))))
}

/** Whether `taken` and `more` slots are so many that twice the slots are due. */
export function isCrowded(taken: number, more: number, slots: number): boolean {
  return (taken + more) * 4 > slots * 3
}

export type Beginning = {
  /** sfc32: a, b, c and counter in four lanes each; then where the Weyl sequence begins. */
  readonly state: Uint32Array
  /** Seeds. */
  readonly labels: number
  /** Rounds times walkers, about. */
  readonly steps: number
  /**
   * Boards to prefer, as ranges [low, high) of nodes, and a coin that falls so at most 2^32 - 1.
   */
  readonly bias?: { readonly ranges: Uint32Array; readonly strength: number }
}
export const STATE_WORDS = 17

/** Landings joined by pin node. Views that the next query overwrites. */
export type Joined = {
  readonly rows: number
  readonly pins: Uint32Array
  /** Visits, or square roots of visits, summed over labels. */
  readonly sums: Float64Array
  /** The label with most visits, the lowest of equals. */
  readonly best: Uint32Array
}

export interface WalkKernel {
  /** LANES pin nodes and labels, written by whoever drives. */
  readonly home: Uint32Array
  readonly homeLabel: Uint32Array
  /** Where the walkers stand after a round: pin nodes. */
  readonly at: Uint32Array
  /** Pins of each label that have reached the visits asked for. */
  readonly reached: Uint32Array
  /** True once a slot was full. */
  readonly overflowed: boolean
  /** Walks this view, with empty counters; everybody must be sent home next. */
  begin(view: GraphView, beginning: Beginning): void
  /** A walker goes home whose random number is at most `restart`. */
  round(n: number, restart: number): void
  /** Counts where the first n walkers stand; `famous` visits raise `reached`. */
  count(n: number, famous: number): void
  join(boosted: boolean): Joined
  /** Two words a slot: pin node + 1 (0 where free); visits in 16 bits, label above them. */
  slots(): Uint32Array
}
