/**
 * A graph that changes while it is walked: an epoch (frozen graph and delta) and the way to the
 * next.
 *
 * A change shows in the delta at once. A merge freezes everything into a new graph in slices of
 * about a millisecond, while walks go on over the old one; what changes meanwhile is noted in a
 * journal too and repeated on the new delta before the new epoch is published. Changes are
 * idempotent, so it does not matter whether the merge saw them already. Nothing is lost when the
 * delta is full: the change waits in the journal for a merge, which is due at once.
 *
 * One writer. An old epoch's memory is freed when nobody holds its view any more.
 *
 * Memory: two graphs during a merge, 8 bytes an edge for the cut, 8 bytes a change for the journal.
 */
import { buildGraphSteps } from './build.ts'
import { GraphDelta } from './delta.ts'
import type { BoardCodes, EdgeList, EdgeStream } from './edge-source.ts'
import { type GraphStore, wasmStore } from './graph-store.ts'
import { GraphView } from './graph-view.ts'
import { Journal } from './journal.ts'
import { GONE, hostOf } from './side.ts'

export type LiveGraphOptions = {
  /** Host numbers lie below these, those of pins and boards to come too. */
  readonly pinCapacity: number
  readonly boardCapacity: number
  readonly store?: GraphStore
  /** Fresh edges that an epoch of so many frozen ones holds. */
  readonly edgeCapacity?: (frozenEdges: number) => number
  /** A merge is due when so many edges are fresh or removed. */
  readonly dueAfter?: (frozenEdges: number) => number
}

/** Beyond that a delta would not fit the 4 GiB of a WASM memory. */
const EDGE_CAPACITY_MAX = 64_000_000

export const liveGraphDefaults = Object.freeze({
  store: wasmStore,
  edgeCapacity: (frozenEdges: number) =>
    Math.min(EDGE_CAPACITY_MAX, Math.max(65_536, frozenEdges >>> 2)),
  dueAfter: (frozenEdges: number) => Math.max(2_000, frozenEdges / 10),
})

/** Work between two pauses, in edges: about a millisecond. */
const SLICE = 50_000
/** Changes take longer. */
const REPLAY_SLICE = 5_000

type Edges = EdgeList | EdgeStream

export class LiveGraph {
  readonly #options: Required<LiveGraphOptions>
  #view: GraphView
  /** Changes since the running merge began, or since the delta was full. */
  #journal = new Journal()
  #merging = false
  #full = false

  /** Builds the first epoch at once; without a source it is empty. */
  constructor(options: LiveGraphOptions, source?: Edges) {
    this.#options = { ...liveGraphDefaults, ...options }
    const none = { pins: new Uint32Array(0), boards: new Uint32Array(0), edgeCount: 0 }
    const steps = this.#build(source ?? { ...none, pinCount: 0, boardCount: 0 }, 0)
    let step = steps.next()
    while (!step.done) step = steps.next()
    this.#view = step.value
  }

  get view(): GraphView {
    return this.#view
  }

  get isMerging(): boolean {
    return this.#merging
  }

  /** Whether enough has changed for the next epoch. */
  get isDue(): boolean {
    if (this.#merging) return false
    const { delta, frozen } = this.#view
    const changed = delta.edgeCount + delta.removalCount
    return this.#full || changed >= this.#options.dueAfter(frozen.edgeCount)
  }

  add(pin: number, board: number): void {
    if (!this.#view.delta.add(pin, board)) this.#full = true
    if (this.#merging || this.#full) this.#journal.add(pin, board)
  }

  /** As `GraphDelta.addMany`; none is lost. */
  addMany(pins: Uint32Array, boards: Uint32Array, from: number, to: number, areNew = false): void {
    const end = this.#view.delta.addMany(pins, boards, from, to, areNew)
    if (end < to) this.#full = true
    const journaled = this.#merging ? from : end
    for (let i = journaled; i < to; i++) this.#journal.add(pins[i]!, boards[i]!)
  }

  remove(pin: number, board: number): void {
    this.#view.delta.remove(pin, board)
    if (this.#merging || this.#full) this.#journal.remove(pin, board)
  }

  hide(pin: number, hidden: boolean): void {
    this.#view.delta.hide(pin, hidden)
  }

  /**
   * Makes the next epoch and publishes it at the end. The edges are those of this epoch, or those
   * that `cut` gives: any state between now and the end of `cut` does.
   */
  *mergeSteps(cut?: () => Generator<void, Edges>): Generator<void, GraphView> {
    this.#merging = true
    try {
      const wasFull = this.#full
      let edges: Edges = cut ? yield* cut() : yield* this.edgesSteps()
      // What the delta had no room for is in the journal alone.
      if (wasFull && !cut) edges = this.#journal.applyTo(edges as EdgeList)
      const view = yield* this.#build(edges, this.#view.epoch + 1)
      const fits = yield* this.#catchUp(view.delta)
      view.delta.hideAs(this.#view.delta)
      this.#view = view
      this.#full = !fits
      return view
    } finally {
      this.#merging = false
      if (!this.#full) this.#journal = new Journal()
    }
  }

  /** Repeats the journal to its end. False when the delta is too small: a merge is due again. */
  *#catchUp(delta: GraphDelta): Generator<void, boolean> {
    const journal = this.#journal
    let fits = true
    // New changes come between two slices; nothing comes between the last one and the publication.
    for (;;) {
      const done = journal.replay(REPLAY_SLICE, (pin, board, gone) => {
        if (gone) delta.remove(pin, board)
        else if (!delta.add(pin, board)) fits = false
      })
      if (!fits) journal.rewind()
      if (done || !fits) return fits
      yield
    }
  }

  /** The edges that are shown, in host numbers, in slices. */
  *edgesSteps(codes?: BoardCodes): Generator<void, EdgeList> {
    const view = this.#view
    const { pins, boards } = view.delta
    const count = view.frozen.edgeCount + view.delta.edgeCount
    let list = { pins: new Uint32Array(count), boards: new Uint32Array(count) }
    let n = 0
    let since = 0
    let pinCount = 0
    let boardCount = 0
    const nodes = pins.records.length / 2 - 1
    for (let node = 0; node < nodes; node++) {
      const ranks = view.ranksOf(pins, node)
      since += ranks + 1
      for (let rank = 0; rank < ranks; rank++) {
        const entry = view.entryAt(pins, node, rank)
        if (entry >= GONE) continue
        // More may have come since the count was taken.
        if (n === list.pins.length) list = { pins: longer(list.pins), boards: longer(list.boards) }
        const board = hostOf(boards, entry)
        list.pins[n] = hostOf(pins, node)
        list.boards[n++] = board
        if (board >= boardCount) boardCount = board + 1
      }
      if (ranks > 0) pinCount = Math.max(pinCount, hostOf(pins, node) + 1)
      if (since >= SLICE) {
        since = 0
        yield
      }
    }
    return { ...list, edgeCount: n, pinCount, boardCount, ...(codes && { codes }) }
  }

  *#build(edges: Edges, epoch: number): Generator<void, GraphView> {
    const { store, edgeCapacity, pinCapacity, boardCapacity } = this.#options
    const frozen = yield* buildGraphSteps(edges, store)
    const room = { pinCapacity, boardCapacity, edgeCapacity: edgeCapacity(frozen.edgeCount) }
    return new GraphView(frozen, GraphDelta.create(frozen, room), epoch)
  }
}

function longer(list: Uint32Array): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(list.length + (list.length >>> 3) + 1024)
  wider.set(list)
  return wider
}
