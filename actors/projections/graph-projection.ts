/**
 * The graph as a fold of the log: the edge table, which is the truth, and a live graph that shows
 * fresh saves at once and is frozen anew from the table. One writer per host.
 *
 * Private boards and hidden or deleted pins are in the table but never in what is walked.
 */
import { kindCode, limits, NONE, sharedAllocator, u32Array } from '../../base/index.ts'
import {
  type GraphView,
  LiveGraph,
  type LiveGraphOptions,
  liveGraphDefaults,
} from '../../graph/index.ts'
import type { OwnedBoard } from '../recommend-ask.ts'
import { BlockBatch, type EntryView, type RecordBlock, roles } from '../shard/record-block.ts'
import type { Chunks } from '../snapshots/section.ts'
import { seedDefaults } from '../user-actor.ts'
import { EdgeDump, restoreEdges } from './edge-dump.ts'
import { type EdgeLists, EdgeTable } from './edge-table.ts'

/** Where graphs lie, and room for fresh edges; by default where any thread's kernel walks them. */
export type GraphMemoryOptions = Pick<LiveGraphOptions, 'store' | 'edgeCapacity'>

export type GraphProjectionOptions = {
  readonly pinCapacity: number
  readonly boardCapacity: number
  readonly memory?: GraphMemoryOptions
  /** Hears each new epoch, with the edges it was made from unless nobody needs them. */
  readonly onEpoch?: (view: GraphView, edges: EdgeLists | undefined) => void
  /** False where the edges of an epoch are not asked for beside it: they take 16 bytes each. */
  readonly listsEdges?: boolean
  /** The share of fresh edges that makes a rebuild due. */
  readonly freshShare?: number
}

/**
 * A rebuild is due when this share of the edges is fresh, and at least `freshMin`, or while there
 * are fewer as many as there are. Where nobody is
 * recommended anything, who would wait for an epoch's catalogue, at least an edge for every
 * `numbersPerFresh` pins and boards: a rebuild looks at each number, however few have edges.
 */
export const rebuildDefaults = Object.freeze({
  freshMin: 2_000,
  freshShare: 0.1,
  numbersPerFresh: 16,
})

/** Records that are looked up together. */
const STRETCH = 512
const places = new Uint32Array(STRETCH)

export class GraphProjection {
  readonly table = new EdgeTable()
  readonly #live: LiveGraph
  readonly #capacity: { readonly pins: number; readonly boards: number }
  readonly #onEpoch: GraphProjectionOptions['onEpoch']
  readonly #listsEdges: boolean
  #owners = new Uint32Array(1024).fill(NONE)
  /** Titles of boards that have one, as their owners told them last. */
  readonly #titles = new Map<number, string>()
  /** Before the first epoch nobody walks: it will hold everything. */
  #bulk = true
  #dump: EdgeDump | undefined
  /** Where loads go that nobody needs. */
  readonly #loads = { seen: 0 }
  /** New edges to be added together: several times as fast as one by one. */
  readonly #fresh = {
    pins: new Uint32Array(STRETCH),
    boards: new Uint32Array(STRETCH),
    count: 0,
  }

  constructor(options: GraphProjectionOptions) {
    const { pinCapacity, boardCapacity, memory, onEpoch } = options
    const { freshShare = rebuildDefaults.freshShare } = options
    const { freshMin, numbersPerFresh } = rebuildDefaults
    const { pins, boards } = this.table
    this.#listsEdges = options.listsEdges !== false
    const numbers = () => (this.#listsEdges ? 0 : pins.size + boards.size)
    const fewest = () => Math.max(freshMin, numbers() / numbersPerFresh)
    // Nobody's first pins shall wait for thousands of others.
    const few = (edges: number) => (this.#listsEdges ? Math.max(1, edges) : fewest())
    const dueAfter = (edges: number) => Math.max(Math.min(fewest(), few(edges)), edges * freshShare)
    // Room for a fourth of these, twice what makes a rebuild due: more comes while it is made.
    const edgeCapacity = (edges: number) =>
      liveGraphDefaults.edgeCapacity(Math.max(edges, Math.ceil(8 * fewest())))
    const given = { pinCapacity, boardCapacity, dueAfter, edgeCapacity, ...memory }
    this.#live = new LiveGraph(given)
    this.#capacity = { pins: pinCapacity, boards: boardCapacity }
    this.#onEpoch = onEpoch
  }

  get view(): GraphView {
    return this.#live.view
  }

  /** Whether enough has changed for the next epoch. */
  get isDue(): boolean {
    if (this.#live.isMerging) return false
    return this.#bulk ? this.table.rows > 0 : this.#live.isDue
  }

  /** The graph's part of a block. What edges are looked up in is loaded for many of them at once. */
  applyBlock(block: RecordBlock): void {
    const { count, roles: masks } = block
    const batch = new BlockBatch(block)
    for (let from = 0; from < count; ) {
      let n = 0
      for (; from < count && n < STRETCH; from++) {
        if ((masks[from]! & roles.graph) !== 0) places[n++] = from
      }
      this.table.lookAhead(block, places, n)
      this.#lookAhead(block, n)
      for (let i = 0; i < n; i++) this.#apply(batch.record(places[i]!))
    }
    this.#show()
  }

  apply(entry: EntryView): void {
    this.#apply(entry)
    this.#show()
  }

  /** The same for whose boards are. */
  #lookAhead({ board }: RecordBlock, count: number): void {
    const owners = this.#owners
    let seen = 0
    for (let i = 0; i < count; i++) seen |= owners[board[places[i]!]!]! | 0
    this.#loads.seen = seen
  }

  #apply(entry: EntryView): void {
    switch (entry.kind) {
      case kindCode.save:
        this.#own(entry.board, entry.owner)
        this.#save(entry)
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
        if (this.#owners[entry.board] === entry.owner) this.#call(entry.board, entry)
        const isPrivate = entry.payload?.private === true
        if (this.table.noteBoard(entry.board, isPrivate, entry.time)) this.#touchBoard(entry.board)
        return
      }
      case kindCode['delete-board']:
        this.#call(entry.board, entry)
        if (this.table.deleteBoard(entry.board, entry.time)) this.#touchBoard(entry.board)
        return
      case kindCode['delete-user']:
        for (let board = 0; board < this.#owners.length; board++) {
          if (this.#owners[board] !== entry.owner) continue
          this.#call(board, entry)
          if (this.table.deleteBoard(board, entry.time)) this.#touchBoard(board)
        }
    }
  }

  /** Makes the next epoch in slices of about a millisecond, and publishes it at the end. */
  *rebuildSteps(): Generator<void, void> {
    this.#bulk = false
    let lists: EdgeLists | undefined
    const { pins, boards } = this.table
    const capacity = this.#capacity
    const table = this.table
    const isListed = this.#listsEdges
    const view = yield* this.#live.mergeSteps(function* () {
      lists = isListed ? yield* table.sharedSteps() : undefined
      const edges = lists ?? (yield* table.cutSteps())
      const pinCount = Math.min(capacity.pins, pins.size)
      const boardCount = Math.min(capacity.boards, boards.size)
      return { ...edges, pinCount, boardCount }
    })
    this.#onEpoch?.(view, lists)
  }

  /** Whose each board is, as of now: a copy that threads share. */
  owners(): Uint32Array {
    const size = Math.min(this.#owners.length, this.table.boards.size)
    const copy = u32Array(sharedAllocator, size)
    copy.set(this.#owners.subarray(0, size))
    return copy
  }

  /** Undefined for one of which nothing was heard, or that is gone. O(pins on it). */
  board(board: number): OwnedBoard | undefined {
    const owner = this.#owners[board] ?? NONE
    if (owner === NONE || this.table.isDeleted(board)) return undefined
    const { pins, times } = this.table.newestOf(board, limits.boardPinsMax)
    const seeds = pins.slice(0, seedDefaults.count).map((pin, age) => {
      return { pin, weight: 0.5 ** (age / seedDefaults.halfLife), time: times[age]! }
    })
    return { owner, title: this.#titles.get(board) ?? '', pins, seeds }
  }

  /** Everything as it is now, given while entries are applied, until `endDump`. */
  beginDump(): Chunks {
    const dump = new EdgeDump(this.table, {
      ownerOf: (board) => this.#owners[board] ?? NONE,
      titleOf: (board) => this.#titles.get(board) ?? '',
    })
    this.#dump = dump
    this.table.dump = dump
    return dump.chunks()
  }

  endDump(): void {
    this.#dump = undefined
    this.table.dump = undefined
  }

  /** Puts back a chunk of what a dump gave, before anything else is applied. */
  restore(chunk: Uint8Array): void {
    restoreEdges(this.table, chunk, {
      own: (board, owner) => this.#own(board, owner),
      call: (board, title) => this.#titles.set(board, title),
      hide: (pin) => this.#hide(pin, true),
    })
  }

  #own(board: number, owner: number): void {
    if (board >= this.#owners.length) {
      const wider = new Uint32Array(Math.max(this.#owners.length * 2, board + 1)).fill(NONE)
      wider.set(this.#owners)
      this.#owners = wider
    }
    if (this.#owners[board] !== NONE) return
    this.#dump?.keepOwner(board)
    this.#owners[board] = owner
  }

  /** Gives a board the title that its entry tells, or none; a later word stays. */
  #call(board: number, { kind, time, payload }: EntryView): void {
    if (time < this.table.boards.time(board)) return
    this.#dump?.keepTitle(board)
    const title = kind === kindCode.board ? (payload?.title ?? '') : ''
    if (title === '') this.#titles.delete(board)
    else this.#titles.set(board, title)
  }

  #notePin(pin: number, gone: boolean, time: number): void {
    if (!this.table.notePin(pin, gone, time)) return
    this.#hide(pin, gone)
    for (let row = 0; row < this.table.rows; row++) {
      if (this.table.pinOf(row) === pin) this.#touch(row)
    }
  }

  #hide(pin: number, gone: boolean): void {
    // A fold that nobody walks reserves no room for pins.
    if (pin < this.#capacity.pins) this.#live.hide(pin, gone)
  }

  #touchBoard(board: number): void {
    for (const row of this.table.rowsOf(board)) this.#touch(row)
  }

  #save({ board, pin, time }: EntryView): void {
    const { table } = this
    const known = table.rows
    const row = table.upsert(board, pin, time, 1)
    if (table.rows === known || this.#bulk || !table.isShared(row)) this.#touch(row)
    else {
      // No epoch has heard of it, so that nobody need look for it there.
      if (this.#fresh.count === STRETCH) this.#show()
      const n = this.#fresh.count++
      this.#fresh.pins[n] = pin
      this.#fresh.boards[n] = board
    }
  }

  /** A row changed: shows it as the table has it. */
  #touch(row: number): void {
    if (row < 0 || this.#bulk) return
    const pin = this.table.pinOf(row)
    const board = this.table.boardOf(row)
    // In order: it may be one of those that wait.
    this.#show()
    if (this.table.isShared(row)) this.#live.add(pin, board)
    else this.#live.remove(pin, board)
  }

  /** Adds to what is walked the edges that wait for it. */
  #show(): void {
    const { pins, boards, count } = this.#fresh
    if (count === 0) return
    this.#fresh.count = 0
    this.#live.addMany(pins, boards, 0, count, true)
  }
}
