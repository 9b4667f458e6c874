/**
 * Entries of the log with their ids made dense, in columns: what shards fold. A block of `capacity`
 * records lies in one buffer, its own or a part of one that threads share; the rare payloads of
 * catalogue entries stand beside it.
 *
 * 40 bytes a record: time and position f64; owner, pin, board, label u32; weight f32; kind, roles,
 * partition u8.
 */
import type { BoardIndex, EpochMs, EventContext, PinIndex, TagIndex } from '../../base/index.ts'

/** The parsed payload of a catalogue entry, its tags made dense. */
export type CataloguePayload = {
  readonly title?: string
  readonly description?: string
  readonly image?: string
  readonly created?: EpochMs
  readonly hidden?: boolean
  readonly private?: boolean
  readonly topic?: TagIndex
  readonly language?: TagIndex
  readonly tags?: readonly TagIndex[]
  /** Of an event, where the feeder was asked to keep it. */
  readonly context?: EventContext
}

/** Who folds a record: a mask, since one worker may play several parts. */
export const roles = Object.freeze({ user: 1, pin: 2, graph: 4, features: 8 })

/** One record, as a cursor over a block's columns. */
export interface EntryView {
  /** A `kindCode`, or DECLARED. */
  readonly kind: number
  readonly time: EpochMs
  /** UserIndex of an event; for the catalogue the number of the entry's own id in its space. */
  readonly owner: number
  readonly pin: PinIndex
  /** NONE for the implicit board. */
  readonly board: BoardIndex
  /** The topic of follow-topic, the name of a declared kind; else NONE. */
  readonly label: TagIndex
  readonly weight: number
  /** Where it stands in its partition. */
  readonly position: number
  readonly partition: number
  readonly payload: CataloguePayload | undefined
}

/** The entries of one actor, in log order. `at` moves one shared cursor. */
export interface EntryBatch {
  readonly length: number
  at(index: number): EntryView
}

export const BYTES_PER_RECORD: number = 8 + 8 + 4 * 5 + 4

export class RecordBlock {
  readonly capacity: number
  count = 0
  payloads = new Map<number, CataloguePayload>()
  /** After this block a snapshot is to be made, in this folder. */
  snapshot: string | undefined
  readonly time: Float64Array
  readonly position: Float64Array
  readonly owner: Uint32Array
  readonly pin: Uint32Array
  readonly board: Uint32Array
  readonly label: Uint32Array
  readonly weight: Float32Array
  readonly kind: Uint8Array
  readonly roles: Uint8Array
  readonly partition: Uint8Array

  /** Over `BYTES_PER_RECORD` bytes a record from byte `at` of a buffer, a multiple of 8. */
  constructor(
    capacity: number,
    buffer: ArrayBufferLike = new ArrayBuffer(capacity * BYTES_PER_RECORD),
    at = 0,
  ) {
    this.capacity = capacity
    const n = capacity
    this.time = new Float64Array(buffer, at, n)
    this.position = new Float64Array(buffer, at + 8 * n, n)
    this.owner = new Uint32Array(buffer, at + 16 * n, n)
    this.pin = new Uint32Array(buffer, at + 20 * n, n)
    this.board = new Uint32Array(buffer, at + 24 * n, n)
    this.label = new Uint32Array(buffer, at + 28 * n, n)
    this.weight = new Float32Array(buffer, at + 32 * n, n)
    this.kind = new Uint8Array(buffer, at + 36 * n, n)
    this.roles = new Uint8Array(buffer, at + 37 * n, n)
    this.partition = new Uint8Array(buffer, at + 38 * n, n)
  }

  get full(): boolean {
    return this.count === this.capacity
  }

  /** Becomes a copy of all of `from`, which has no more records than fit. */
  copyAll(from: RecordBlock): void {
    const { count } = from
    this.time.set(from.time.subarray(0, count))
    this.position.set(from.position.subarray(0, count))
    this.owner.set(from.owner.subarray(0, count))
    this.pin.set(from.pin.subarray(0, count))
    this.board.set(from.board.subarray(0, count))
    this.label.set(from.label.subarray(0, count))
    this.weight.set(from.weight.subarray(0, count))
    this.kind.set(from.kind.subarray(0, count))
    this.roles.set(from.roles.subarray(0, count))
    this.partition.set(from.partition.subarray(0, count))
    this.count = count
    this.payloads = from.payloads
    this.snapshot = from.snapshot
  }

  /** Becomes a copy of the first `count` records that `places` names; their roles are set apart. */
  copyPlaces(from: RecordBlock, places: Uint32Array, count: number): void {
    // A loop for each column: one for all of them would guess what kind of array it has.
    const { time, position, owner, pin, board, label, weight, kind, partition } = from
    for (let n = 0; n < count; n++) this.time[n] = time[places[n]!]!
    for (let n = 0; n < count; n++) this.position[n] = position[places[n]!]!
    for (let n = 0; n < count; n++) this.owner[n] = owner[places[n]!]!
    for (let n = 0; n < count; n++) this.pin[n] = pin[places[n]!]!
    for (let n = 0; n < count; n++) this.board[n] = board[places[n]!]!
    for (let n = 0; n < count; n++) this.label[n] = label[places[n]!]!
    for (let n = 0; n < count; n++) this.weight[n] = weight[places[n]!]!
    for (let n = 0; n < count; n++) this.kind[n] = kind[places[n]!]!
    for (let n = 0; n < count; n++) this.partition[n] = partition[places[n]!]!
    this.count = count
    this.snapshot = undefined
    if (this.payloads.size > 0) this.payloads = new Map()
    if (from.payloads.size === 0) return
    for (let n = 0; n < count; n++) {
      const payload = from.payloads.get(places[n]!)
      if (payload) this.payloads.set(n, payload)
    }
  }

  /** Copies record `i` of `from` to the end. */
  copyFrom(from: RecordBlock, i: number, mask: number): void {
    const n = this.count++
    this.time[n] = from.time[i]!
    this.position[n] = from.position[i]!
    this.owner[n] = from.owner[i]!
    this.pin[n] = from.pin[i]!
    this.board[n] = from.board[i]!
    this.label[n] = from.label[i]!
    this.weight[n] = from.weight[i]!
    this.kind[n] = from.kind[i]!
    this.partition[n] = from.partition[i]!
    this.roles[n] = mask
    const payload = from.payloads.get(i)
    if (payload) this.payloads.set(n, payload)
  }
}

/** Blocks of one size, used again and again: memory that is already mapped. */
export class BlockPool {
  readonly #capacity: number
  readonly #free: RecordBlock[] = []

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** An empty one. */
  take(): RecordBlock {
    return this.#free.pop() ?? new RecordBlock(this.#capacity)
  }

  give(block: RecordBlock): void {
    block.count = 0
    block.payloads = new Map()
    block.snapshot = undefined
    this.#free.push(block)
  }
}

const emptyBlock = new RecordBlock(0)
const emptyOrder = new Uint32Array(0)

/** A movable window of a block: `order[from .. from + length)` are record numbers. */
export class BlockBatch implements EntryBatch, EntryView {
  #block: RecordBlock
  /** The block's columns, a step nearer: they are read for every entry. */
  #kind: Uint8Array
  #time: Float64Array
  #owner: Uint32Array
  #pin: Uint32Array
  #board: Uint32Array
  #label: Uint32Array
  #weight: Float32Array
  #order: Uint32Array
  #from = 0
  #at = 0
  length = 0

  constructor(block: RecordBlock = emptyBlock, order: Uint32Array = emptyOrder) {
    this.#block = block
    this.#kind = block.kind
    this.#time = block.time
    this.#owner = block.owner
    this.#pin = block.pin
    this.#board = block.board
    this.#label = block.label
    this.#weight = block.weight
    this.#order = order
    this.length = block.count
  }

  open(block: RecordBlock, order: Uint32Array): this {
    this.#block = block
    this.#kind = block.kind
    this.#time = block.time
    this.#owner = block.owner
    this.#pin = block.pin
    this.#board = block.board
    this.#label = block.label
    this.#weight = block.weight
    this.#order = order
    return this
  }

  /** Shows `order[from .. from + length)`. */
  window(from: number, length: number): this {
    this.#from = from
    this.length = length
    return this
  }

  at(index: number): EntryView {
    this.#at = this.#order[this.#from + index]!
    return this
  }

  /** Record number `n` of the block, whatever the order. */
  record(n: number): EntryView {
    this.#at = n
    return this
  }

  get kind(): number {
    return this.#kind[this.#at]!
  }
  get time(): EpochMs {
    return this.#time[this.#at]!
  }
  get owner(): number {
    return this.#owner[this.#at]!
  }
  get pin(): PinIndex {
    return this.#pin[this.#at]! as PinIndex
  }
  get board(): BoardIndex {
    return this.#board[this.#at]! as BoardIndex
  }
  get label(): TagIndex {
    return this.#label[this.#at]! as TagIndex
  }
  get weight(): number {
    return this.#weight[this.#at]!
  }
  get position(): number {
    return this.#block.position[this.#at]!
  }
  get partition(): number {
    return this.#block.partition[this.#at]!
  }
  get payload(): CataloguePayload | undefined {
    return this.#block.payloads.get(this.#at)
  }
}
