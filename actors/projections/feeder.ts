/**
 * From the log to records: reads flushed frames in order, drops resends, makes ids dense and says
 * who folds what. The only place of a host that gives dense numbers, so they follow the log's
 * order.
 *
 * Laws: the same frames give the same records and numbers; a frame that was fed before (redelivery)
 * gives nothing.
 */
import {
  type BoardIndex,
  type EventContext,
  kindCode,
  limits,
  type Names,
  NONE,
  type TagIndex,
} from '../../base/index.ts'
import { DuplicateWindow, EntryReader, type EntryWriter, type Frame } from '../log/index.ts'
import { BlockPool, type CataloguePayload, type RecordBlock, roles } from '../shard/record-block.ts'

/**
 * The board of a save that named none. It begins with a byte that no outside id may contain, so it
 * cannot collide with one.
 */
const IMPLICIT_BOARD = 0x01

export type FeederOptions = {
  readonly names: Names
  readonly partitions: number
  readonly blocks?: BlockPool
  /** Takes over a filled block. */
  readonly emit: (block: RecordBlock) => void
  readonly duplicateWindow?: number
  /** Keeps the context of impressions in the records' payloads: training reads it. */
  readonly contexts?: boolean
}

export const feederDefaults = Object.freeze({ blockRecords: 4096 })

export class Feeder {
  readonly #names: Names
  readonly #emit: (block: RecordBlock) => void
  readonly #blocks: BlockPool
  readonly #windows: readonly DuplicateWindow[]
  readonly #next: number[]
  readonly #contexts: boolean
  readonly #boardKey = Buffer.alloc(limits.idBytesMax + 1)
  #block: RecordBlock
  /** Entries read, resends among them. */
  entries = 0
  resends = 0

  constructor(options: FeederOptions) {
    this.#names = options.names
    this.#emit = options.emit
    this.#blocks = options.blocks ?? new BlockPool(feederDefaults.blockRecords)
    this.#windows = Array.from(
      { length: options.partitions },
      () => new DuplicateWindow(options.duplicateWindow),
    )
    this.#next = new Array<number>(options.partitions).fill(0)
    this.#block = this.#blocks.take()
    this.#contexts = options.contexts ?? false
    this.#boardKey[0] = IMPLICIT_BOARD
  }

  /** The position each partition is read to. */
  positions(): readonly number[] {
    return this.#next
  }

  /** Whether the partition's window holds the event that a writer has just packed. */
  knows(partition: number, packed: EntryWriter): boolean {
    const { buffer, ownerStart, ownerEnd, eventStart, eventEnd } = packed
    return this.#windows[partition]!.has(buffer, ownerStart, ownerEnd, eventStart, eventEnd)
  }

  feed(frame: Frame): void {
    const { partition } = frame
    let position = frame.first
    const reader = new EntryReader(frame.payload)
    while (reader.next()) {
      if (position >= this.#next[partition]!) {
        this.#next[partition] = position + 1
        this.#take(reader, partition, position)
      }
      position++
    }
  }

  /** Hands over what is pending. */
  flush(): void {
    if (this.#block.count === 0) return
    const block = this.#block
    this.#block = this.#blocks.take()
    this.#emit(block)
  }

  #take(reader: EntryReader, partition: number, position: number): void {
    this.entries++
    const window = this.#windows[partition]!
    const { bytes, kind } = reader
    if (!reader.isEvent) window.pass()
    else {
      const { ownerStart, ownerEnd, eventStart, eventEnd } = reader
      if (window.check(bytes, ownerStart, ownerEnd, eventStart, eventEnd)) {
        this.resends++
        return
      }
    }
    const block = this.#block
    const n = block.count++
    block.kind[n] = kind
    block.time[n] = reader.time
    block.weight[n] = reader.weight
    block.partition[n] = partition
    block.position[n] = position
    block.owner[n] = NONE
    block.pin[n] = NONE
    block.board[n] = NONE
    block.topic[n] = NONE
    if (reader.isEvent) this.#event(reader, block, n)
    else this.#catalogue(reader, block, n)
    if (block.full) this.flush()
  }

  #event(reader: EntryReader, block: RecordBlock, n: number): void {
    const { user, pin, board, tag } = this.#names
    const { bytes, kind } = reader
    block.owner[n] = user.internBytes(bytes, reader.ownerStart, reader.ownerEnd)
    let mask: number = roles.user
    if (reader.pinEnd > reader.pinStart) {
      block.pin[n] = pin.internBytes(bytes, reader.pinStart, reader.pinEnd)
      mask |= roles.pin
    }
    if (kind === kindCode.save || kind === kindCode.unsave) {
      mask |= roles.graph
      block.board[n] =
        reader.boardEnd > reader.boardStart
          ? board.internBytes(bytes, reader.boardStart, reader.boardEnd)
          : this.#implicitBoard(bytes, reader.ownerStart, reader.ownerEnd)
    }
    if (reader.topicEnd > reader.topicStart) {
      block.topic[n] = tag.internBytes(bytes, reader.topicStart, reader.topicEnd)
    }
    block.roles[n] = mask
    if (this.#contexts && kind === kindCode.impression) {
      const context = reader.payload() as EventContext | undefined
      if (context) block.payloads.set(n, { context })
    }
  }

  #catalogue(reader: EntryReader, block: RecordBlock, n: number): void {
    const { user, pin, board } = this.#names
    const { bytes, kind, ownerStart, ownerEnd } = reader
    switch (kind) {
      case kindCode.pin:
      case kindCode['delete-pin']:
        block.pin[n] = pin.internBytes(bytes, ownerStart, ownerEnd)
        block.roles[n] = roles.pin | roles.graph
        break
      case kindCode.board:
        block.board[n] = board.internBytes(bytes, ownerStart, ownerEnd)
        block.owner[n] = user.internBytes(bytes, reader.boardStart, reader.boardEnd)
        block.roles[n] = roles.user | roles.graph
        break
      case kindCode['delete-board']:
        block.board[n] = board.internBytes(bytes, ownerStart, ownerEnd)
        block.roles[n] = roles.graph
        break
      default:
        block.owner[n] = user.internBytes(bytes, ownerStart, ownerEnd)
        block.roles[n] = roles.user | roles.graph
    }
    const told = reader.payload()
    if (told) block.payloads.set(n, this.#densePayload(told))
  }

  #densePayload(told: Record<string, unknown>): CataloguePayload {
    const { tag } = this.#names
    const dense = (name: unknown) => tag.intern(name as string) as TagIndex
    const { topic, language, tags, ...rest } = told
    return {
      ...rest,
      ...(topic !== undefined && { topic: dense(topic) }),
      ...(language !== undefined && { language: dense(language) }),
      ...(tags !== undefined && { tags: (tags as string[]).map(dense) }),
    } as CataloguePayload
  }

  #implicitBoard(bytes: Uint8Array, start: number, end: number): BoardIndex {
    const key = this.#boardKey
    for (let i = start; i < end; i++) key[1 + i - start] = bytes[i]!
    return this.#names.board.internBytes(key, 0, 1 + end - start) as BoardIndex
  }
}
