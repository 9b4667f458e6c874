/**
 * Entries of the log with their ids made dense, in columns: what shards fold. A block is one
 * ArrayBuffer of `capacity` records, so that it moves to a worker without a copy; the rare payloads
 * of catalogue entries travel beside it.
 *
 * 46 bytes a record: time and position f64; owner, pin, board, label u32; weight f32; kind, roles,
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

export type RecordBlockMemory = {
  readonly buffer: ArrayBuffer
  readonly count: number
  readonly payloads: ReadonlyMap<number, CataloguePayload>
}

const BYTES_PER_RECORD = 8 + 8 + 4 * 5 + 4

export class RecordBlock {
  readonly buffer: ArrayBuffer
  readonly capacity: number
  count = 0
  readonly payloads: Map<number, CataloguePayload>
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

  constructor(capacity: number, memory?: RecordBlockMemory) {
    this.capacity = capacity
    this.buffer = memory?.buffer ?? new ArrayBuffer(capacity * BYTES_PER_RECORD)
    this.count = memory?.count ?? 0
    this.payloads = new Map(memory?.payloads)
    const { buffer } = this
    const n = capacity
    this.time = new Float64Array(buffer, 0, n)
    this.position = new Float64Array(buffer, 8 * n, n)
    this.owner = new Uint32Array(buffer, 16 * n, n)
    this.pin = new Uint32Array(buffer, 20 * n, n)
    this.board = new Uint32Array(buffer, 24 * n, n)
    this.label = new Uint32Array(buffer, 28 * n, n)
    this.weight = new Float32Array(buffer, 32 * n, n)
    this.kind = new Uint8Array(buffer, 36 * n, n)
    this.roles = new Uint8Array(buffer, 37 * n, n)
    this.partition = new Uint8Array(buffer, 38 * n, n)
  }

  get full(): boolean {
    return this.count === this.capacity
  }

  memory(): RecordBlockMemory {
    return { buffer: this.buffer, count: this.count, payloads: this.payloads }
  }

  static over(memory: RecordBlockMemory): RecordBlock {
    return new RecordBlock(memory.buffer.byteLength / BYTES_PER_RECORD, memory)
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
  readonly #free: ArrayBuffer[] = []

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  take(): RecordBlock {
    const buffer = this.#free.pop()
    return buffer
      ? RecordBlock.over({ buffer, count: 0, payloads: new Map() })
      : new RecordBlock(this.#capacity)
  }

  give(buffer: ArrayBuffer): void {
    this.#free.push(buffer)
  }
}

/** A movable window of a block: `order[from .. from + length)` are record numbers. */
export class BlockBatch implements EntryBatch, EntryView {
  #block: RecordBlock
  #order: Uint32Array
  #from = 0
  #at = 0
  length = 0

  constructor(block: RecordBlock = new RecordBlock(0), order: Uint32Array = new Uint32Array(0)) {
    this.#block = block
    this.#order = order
    this.length = block.count
  }

  open(block: RecordBlock, order: Uint32Array): this {
    this.#block = block
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
    return this.#block.kind[this.#at]!
  }
  get time(): EpochMs {
    return this.#block.time[this.#at]!
  }
  get owner(): number {
    return this.#block.owner[this.#at]!
  }
  get pin(): PinIndex {
    return this.#block.pin[this.#at]! as PinIndex
  }
  get board(): BoardIndex {
    return this.#block.board[this.#at]! as BoardIndex
  }
  get label(): TagIndex {
    return this.#block.label[this.#at]! as TagIndex
  }
  get weight(): number {
    return this.#block.weight[this.#at]!
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
