/**
 * The graph as a fold of the log: the edge table, a delta that shows fresh saves at once, and a
 * rebuild in slices that freezes everything into the next epoch. One writer per host.
 *
 * While a rebuild runs, rows that change are remembered and settled on the new delta when the
 * epoch is published, so no save is ever out of sight for longer than it takes to apply it; unless
 * the delta is full: then it shows at the next epoch, which is due at once.
 *
 * Private boards and hidden or deleted pins are in the table but never in what is walked.
 */
import { kindCode, NONE } from '../../base/index.ts'
import {
  buildGraphSteps,
  GraphDelta,
  type GraphStore,
  GraphView,
  type PinBoardGraph,
  wasmStore,
} from '../../graph/index.ts'
import type { EntryView } from '../shard/record-block.ts'
import { type EdgeLists, EdgeTable } from './edge-table.ts'

export type GraphProjectionOptions = {
  readonly pinCapacity: number
  readonly boardCapacity: number
  /** Where graphs lie; by default where the walk kernel of any thread reads them. */
  readonly store?: GraphStore
  /** Hears each new epoch, with the edges it was made from. */
  readonly onEpoch?: (view: GraphView, edges: EdgeLists) => void
}

/** A rebuild is due when this share of the edges is fresh, and at least `freshMin`. */
export const rebuildDefaults = Object.freeze({ freshMin: 2_000, freshShare: 0.1 })

export class GraphProjection {
  readonly table = new EdgeTable()
  readonly #options: GraphProjectionOptions
  readonly #store: GraphStore
  #view: GraphView
  /** Rows that walkers of the current epoch see. */
  #visible = new Uint8Array(1024)
  /** Rows that changed since the running rebuild began. */
  #changed: number[] | undefined
  #overflow = false
  #owners = new Uint32Array(1024).fill(NONE)
  #bulk = true

  constructor(options: GraphProjectionOptions) {
    this.#options = options
    this.#store = options.store ?? wasmStore
    const empty = { pins: new Uint32Array(0), boards: new Uint32Array(0), edgeCount: 0 }
    const steps = buildGraphSteps({ ...empty, pinCount: 0, boardCount: 0 }, this.#store)
    let step = steps.next()
    while (!step.done) step = steps.next()
    this.#view = new GraphView(step.value, this.#delta(step.value), 0)
  }

  get view(): GraphView {
    return this.#view
  }

  /** Whether enough has changed for the next epoch. */
  get isDue(): boolean {
    if (this.#changed) return false
    if (this.#overflow) return true
    if (this.#bulk) return this.table.rows > 0
    const { delta, frozen } = this.#view
    const fresh = delta.edgeCount + delta.removalCount
    const { freshMin, freshShare } = rebuildDefaults
    return fresh >= Math.max(freshMin, frozen.edgeCount * freshShare)
  }

  apply(entry: EntryView): void {
    switch (entry.kind) {
      case kindCode.save:
        this.#own(entry.board, entry.owner)
        this.#touch(this.table.upsert(entry.board, entry.pin, entry.time, 1))
        return
      case kindCode.unsave:
        this.#touch(this.table.upsert(entry.board, entry.pin, entry.time, 0))
        return
      case kindCode.pin:
        this.#notePin(entry.pin, entry.payload?.hidden === true, entry.time)
        return
      case kindCode['delete-pin']:
        this.#notePin(entry.pin, true, entry.time)
        return
      case kindCode.board: {
        this.#own(entry.board, entry.owner)
        const isPrivate = entry.payload?.private === true
        if (this.table.noteBoard(entry.board, isPrivate, entry.time)) this.#touchBoard(entry.board)
        return
      }
      case kindCode['delete-board']:
        if (this.table.deleteBoard(entry.board, entry.time)) this.#touchBoard(entry.board)
        return
      case kindCode['delete-user']:
        for (let board = 0; board < this.#owners.length; board++) {
          if (this.#owners[board] !== entry.owner) continue
          if (this.table.deleteBoard(board, entry.time)) this.#touchBoard(board)
        }
    }
  }

  /** Makes the next epoch in slices of about a millisecond, and publishes it at the end. */
  *rebuildSteps(): Generator<void, void> {
    this.#changed = []
    this.#overflow = false
    const { pinCapacity, boardCapacity } = this.#options
    const inFrozen = new Uint8Array(this.table.rows)
    const edges = yield* this.table.sharedSteps((row) => {
      inFrozen[row] = 1
    })
    const counts = {
      pinCount: Math.min(pinCapacity, this.table.pins.size),
      boardCount: Math.min(boardCapacity, this.table.boards.size),
    }
    const frozen = yield* buildGraphSteps({ ...edges, ...counts }, this.#store)
    const view = new GraphView(frozen, this.#delta(frozen), this.#view.epoch + 1)
    const changed = this.#changed
    this.#changed = undefined
    this.#view = view
    this.#bulk = false
    this.#visible = new Uint8Array(Math.max(1024, this.table.rows * 2))
    this.#visible.set(inFrozen)
    for (let pin = 0; pin < this.table.pins.size; pin++) {
      if (this.table.pins.flags(pin) !== 0) view.delta.hide(pin, true)
    }
    for (const row of changed) this.#settle(row)
    this.#options.onEpoch?.(view, edges)
  }

  #delta(frozen: PinBoardGraph): GraphDelta {
    const { pinCapacity, boardCapacity } = this.#options
    const edgeCapacity = Math.max(65_536, frozen.edgeCount >>> 2)
    return GraphDelta.create(frozen, { pinCapacity, boardCapacity, edgeCapacity })
  }

  #own(board: number, owner: number): void {
    if (board >= this.#owners.length) {
      const wider = new Uint32Array(Math.max(this.#owners.length * 2, board + 1)).fill(NONE)
      wider.set(this.#owners)
      this.#owners = wider
    }
    if (this.#owners[board] === NONE) this.#owners[board] = owner
  }

  #notePin(pin: number, gone: boolean, time: number): void {
    if (!this.table.notePin(pin, gone, time)) return
    this.#view.delta.hide(pin, gone)
    for (let row = 0; row < this.table.rows; row++) {
      if (this.table.pinOf(row) === pin) this.#touch(row)
    }
  }

  #touchBoard(board: number): void {
    for (let row = 0; row < this.table.rows; row++) {
      if (this.table.boardOf(row) === board) this.#touch(row)
    }
  }

  /** A row changed: shows it now, and again on the epoch in the making. */
  #touch(row: number): void {
    if (row < 0) return
    this.#changed?.push(row)
    // Before the first epoch nobody walks; it will hold everything.
    if (!this.#bulk) this.#settle(row)
  }

  /** Brings what walkers see of a row in line with the table. */
  #settle(row: number): void {
    if (row >= this.#visible.length) {
      const wider = new Uint8Array(Math.max(this.#visible.length * 2, row + 1))
      wider.set(this.#visible)
      this.#visible = wider
    }
    const wanted = this.table.isShared(row) ? 1 : 0
    if (this.#visible[row] === wanted) return
    const { delta } = this.#view
    const pin = this.table.pinOf(row)
    const board = this.table.boardOf(row)
    if (wanted === 0) delta.remove(pin, board)
    else if (!delta.add(pin, board)) {
      this.#overflow = true
      return
    }
    this.#visible[row] = wanted
  }
}
