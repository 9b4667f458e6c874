/**
 * The actors of a shard that are in memory: their rows, which row is whose, and who leaves when
 * memory is short.
 *
 * A row's header of four words says whose it is (number + 1; 0 when free), its place among the
 * turns of a block, when it was last used (in blocks), and whether it changed since it was stored.
 *
 * Addressing is direct, slot = number / `stride`, as long as that fits the budget: finding a row
 * then costs the one access that a turn makes anyway. It becomes a directory when numbers outgrow
 * the budget, or from the start where a shard has few of the numbers (`isSparse`). Of eight actors
 * in a row the one that was not used for longest leaves, and a hand moves on behind them, as a
 * clock's (Corbato, 1968) with ages in place of marks. What is in use now never leaves.
 *
 * Memory per actor beyond its state: 16 bytes of header, the row's padding, and with a directory 16
 * bytes at most.
 */
import {
  type Arena,
  aloneOnItsPage,
  assert,
  isWholeState,
  type PageOptions,
  pinwheelError,
  RowPages,
  type StateHandle,
  StoredStates,
} from '../../base/index.ts'
import type { ColdStore } from '../store/index.ts'
import { Directory, slotOf } from './directory.ts'
import { KeptStates } from './kept-states.ts'
import { KeySet } from './key-set.ts'

/** Words of a row's header. */
export const TAG = 0
export const GROUP = 1
export const USED = 2
export const CHANGED = 3

export type ResidentsOptions = {
  readonly handle: StateHandle
  readonly arena: Arena
  readonly pages: PageOptions
  readonly cold: ColdStore
  /** Bytes of rows and blocks in use that actors may take, those of others among them. */
  readonly bytesMax: number
  /** Bytes that others take of these; each makes room for what it brought itself. */
  readonly othersBytes?: (() => number) | undefined
  /** Whether most numbers belong to other shards. */
  readonly isSparse: boolean
  /** Of this many numbers in a row one is this shard's: they share a slot. */
  readonly stride: number
  readonly idOf: (key: number) => string
}

/** Actors of whom the one that was not used for longest leaves. */
const COMPARED = 8

export class Residents {
  readonly rows: RowPages
  /** Which actors the cold store has, or what a start found. */
  readonly stored = new KeySet()
  readonly #cold: KeptStates
  /** The block of turns that runs now. */
  tick = 1
  /** Actors in memory. */
  live = 0
  /** How often actors left memory and came back to it. */
  evictions = 0
  activations = 0
  readonly #options: ResidentsOptions
  /** Where the next to leave is looked for: it goes round, so that rows are read in order. */
  #hand = 0
  readonly #states = new StoredStates()
  /** Numbers below it may be slots: their rows alone would fill the budget. */
  readonly #directMax: number
  readonly stride: number
  #directory: Directory | undefined
  /** Slots below `#end` that a directory may give again. */
  readonly #free: number[] = []
  /** Slots from it on have never been anybody's. */
  #end = 0
  /** Where actors are shown that stay out of memory; made when first needed. */
  #aside: StateHandle | undefined
  /** Of `stored`, those that are not in memory. */
  #coldOnly = 0

  constructor(options: ResidentsOptions) {
    this.#options = options
    this.rows = new RowPages(options.handle.schema.layout.bytes, options.pages)
    if (options.isSparse) this.#directory = new Directory()
    this.stride = options.stride
    this.#cold = new KeptStates(options.cold, options.stride)
    this.#directMax = options.bytesMax / (this.rows.rowWords * 4)
  }

  /** Whether a number gives its slot. */
  get isDirect(): boolean {
    return this.#directory === undefined
  }

  get actors(): number {
    return this.live + this.#coldOnly
  }

  /** Bytes of rows and blocks in use, and of what a start found. */
  get usedBytes(): number {
    return this.live * this.rows.rowWords * 4 + this.#options.arena.usedBytes + this.#cold.bytes
  }

  /** The same with what lies idle between blocks. */
  get reservedBytes(): number {
    const { arena } = this.#options
    return this.live * this.rows.rowWords * 4 + arena.reservedBytes + this.#cold.bytes
  }

  has(key: number): boolean {
    return this.find(key) >= 0 || this.stored.has(key)
  }

  /** The slot of an actor in memory, or -1. */
  find(key: number): number {
    if (this.#directory) return this.#directory.find(key) - 1
    const slot = slotOf(key, this.stride)
    if (slot >= this.rows.slots) return -1
    return this.#word(slot, TAG) === key + 1 ? slot : -1
  }

  /** Prepares direct addressing of `key`, or gives it up when rows would outgrow the budget. */
  reach(key: number): void {
    if (this.#directory) return
    const slot = slotOf(key, this.stride)
    if (slot < this.#directMax) {
      this.rows.reach(slot)
      return
    }
    this.#directory = new Directory()
    for (const [at, held] of this.slots()) this.#directory.set(held, at + 1)
    for (let at = this.#end - 1; at >= 0; at--) {
      if (this.#word(at, TAG) === 0) this.#free.push(at)
    }
  }

  /**
   * The slot of an actor, brought into memory if need be: from the cold store, or zeroed when it is
   * new. STORE_DAMAGED.
   */
  activate(key: number): number {
    const known = this.find(key)
    if (known >= 0) {
      this.use(known)
      return known
    }
    this.reach(key)
    const slot = this.#take(key)
    if (this.stored.has(key)) this.#load(key, slot)
    else this.#set(slot, CHANGED, 1)
    return slot
  }

  /** Notes that an actor in memory is used now. */
  use(slot: number): void {
    this.#set(slot, USED, this.tick)
  }

  /** Places the views on a slot. */
  move(slot: number): void {
    const { pages, shift, mask, rowWords } = this.rows
    this.#options.handle.move(pages[slot >>> shift]!, (slot & mask) * rowWords)
  }

  /** The state in a slot: a view that the next call moves. */
  look(slot: number): unknown {
    this.move(slot)
    return this.#options.handle.reading
  }

  /** Writes an actor to the cold store, if it changed, and drops it. */
  evict(slot: number): void {
    const { handle } = this.#options
    const key = this.#word(slot, TAG) - 1
    const { page, word } = handle.place
    this.move(slot)
    if (this.#word(slot, CHANGED) !== 0) this.#cold.put(key, this.#states.encode(handle))
    this.stored.add(key)
    this.#coldOnly++
    this.evictions++
    this.#drop(key, slot)
    handle.move(page, word)
  }

  /** An actor's bytes for stores of this host, wherever it is: a view that the next call changes. */
  stateOf(key: number): Uint8Array {
    const slot = this.find(key)
    const { handle } = this.#options
    if (slot < 0) {
      const bytes = this.#coldBytes(key)
      if (!isWholeState(bytes)) throw this.#lost(key)
      return bytes
    }
    const { page, word } = handle.place
    this.move(slot)
    const bytes = this.#states.encode(handle)
    handle.move(page, word)
    return bytes
  }

  /** Shows `take` the words of every actor's state, whatever its order and wherever it is. */
  eachState(take: (key: number, words: Uint32Array, end: number) => void): void {
    const { handle } = this.#options
    const { page, word } = handle.place
    for (let slot = 0; slot < this.#end; slot++) {
      const tag = this.#word(slot, TAG)
      if (tag === 0) continue
      this.move(slot)
      take(tag - 1, this.#states.gather(handle), this.#states.end)
    }
    handle.move(page, word)
    for (const key of this.coldKeys()) {
      const bytes = this.stateOf(key).slice()
      take(key, new Uint32Array(bytes.buffer), bytes.length / 4)
    }
  }

  /** Takes over a chunk of actors that are not here, until they are asked for (`KeptStates`). */
  keep(chunk: Uint8Array): void {
    this.#cold.keep(chunk, this.#options.handle.schema, {
      kept: (key) => {
        assert(!this.has(key), 'an actor comes back once')
        this.stored.add(key)
        this.#coldOnly++
      },
      others: (key, bytes) => this.#restore(key, bytes),
    })
    this.tick = (this.tick + 1) >>> 0
    this.makeRoom()
  }

  /** Brings a new actor into memory from such bytes. STATE_DAMAGED, STATE_NEWER. */
  #restore(key: number, bytes: Uint8Array): void {
    const { handle, idOf } = this.#options
    assert(!this.has(key), 'an actor comes back once')
    const slot = this.activate(key)
    this.move(slot)
    try {
      this.#states.decode(handle, bytes, () => idOf(key))
    } catch (error) {
      this.#drop(key, slot)
      throw error
    }
  }

  /** Forgets an actor wherever it is. */
  erase(key: number): void {
    const slot = this.find(key)
    if (this.stored.remove(key)) {
      this.#cold.delete(key)
      if (slot < 0) this.#coldOnly--
    }
    if (slot < 0) return
    this.move(slot)
    this.#drop(key, slot)
  }

  /** Evicts until the budget holds; nobody who is in use now. */
  makeRoom(): void {
    const { bytesMax, othersBytes } = this.#options
    if (bytesMax === Number.POSITIVE_INFINITY) return
    const own = bytesMax - (othersBytes?.() ?? 0)
    while (this.usedBytes > own) {
      if (this.#cold.spill()) continue
      const slot = this.#leastUsed()
      if (slot < 0) return
      this.evict(slot)
    }
  }

  /** Actors in memory: slot and number. */
  *slots(): IterableIterator<readonly [slot: number, key: number]> {
    for (let slot = 0; slot < this.#end; slot++) {
      const tag = this.#word(slot, TAG)
      if (tag !== 0) yield [slot, tag - 1]
    }
  }

  /** Numbers of actors that only the cold store has. */
  *coldKeys(): IterableIterator<number> {
    for (const key of this.stored) if (this.find(key) < 0) yield key
  }

  /** Shows an actor that the cold store has and that stays there. STORE_DAMAGED. */
  showCold<T>(key: number, show: (handle: StateHandle) => T): T {
    this.#aside ??= aloneOnItsPage(this.#options.handle.schema)
    try {
      this.#readCold(key, this.#aside)
      return show(this.#aside)
    } finally {
      this.#aside.clear()
    }
  }

  /** Fills the row under a handle from the cold store. STORE_DAMAGED. */
  #readCold(key: number, into: StateHandle): void {
    const bytes = this.#coldBytes(key)
    try {
      this.#states.decode(into, bytes, () => this.#options.idOf(key))
    } catch (error) {
      throw this.#lost(key, error)
    }
  }

  #coldBytes(key: number): Uint8Array {
    const bytes = this.#cold.get(key)
    if (!bytes) throw this.#lost(key)
    return bytes
  }

  #lost(key: number, cause?: unknown) {
    return pinwheelError('STORE_DAMAGED', { id: this.#options.idOf(key) }, cause)
  }

  #load(key: number, slot: number): void {
    const { handle } = this.#options
    this.move(slot)
    try {
      this.#readCold(key, handle)
    } catch (error) {
      this.#drop(key, slot)
      throw error
    }
    this.#coldOnly--
    if (this.#cold.take(key)) {
      // Nobody else has it.
      this.stored.remove(key)
      this.#set(slot, CHANGED, 1)
    } else this.activations++
  }

  #take(key: number): number {
    let slot = slotOf(key, this.stride)
    if (this.#directory) {
      slot = this.#free.pop() ?? this.#end
      this.rows.reach(slot)
      this.#directory.set(key, slot + 1)
    }
    if (slot >= this.#end) this.#end = slot + 1
    assert(this.#word(slot, TAG) === 0, 'a slot is one actor’s')
    this.live++
    this.#set(slot, TAG, key + 1)
    this.#set(slot, USED, this.tick)
    return slot
  }

  #drop(key: number, slot: number): void {
    this.#options.handle.clear()
    this.live--
    if (this.#directory) {
      this.#directory.remove(key)
      this.#free.push(slot)
    }
  }

  /** The least recently used of the next few at the hand; -1 when all are in use now. */
  #leastUsed(): number {
    let oldest = -1
    let age = 0
    let met = 0
    for (let i = 0; i < this.#end; i++) {
      const slot = this.#hand
      this.#hand = slot + 1 < this.#end ? slot + 1 : 0
      if (this.#word(slot, TAG) === 0) continue
      const idle = (this.tick - this.#word(slot, USED)) >>> 0
      if (idle > age) {
        oldest = slot
        age = idle
      }
      if (++met >= COMPARED && oldest >= 0) break
    }
    return oldest
  }

  #word(slot: number, word: number): number {
    const { pages, shift, mask, rowWords } = this.rows
    return pages[slot >>> shift]!.u32[(slot & mask) * rowWords + word]!
  }

  #set(slot: number, word: number, value: number): void {
    const { pages, shift, mask, rowWords } = this.rows
    pages[slot >>> shift]!.u32[(slot & mask) * rowWords + word] = value
  }
}
