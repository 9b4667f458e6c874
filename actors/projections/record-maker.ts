/**
 * An entry under a reader's cursor as a record: its ids made dense, and who folds it.
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
import type { EntryReader } from '../log/index.ts'
import { type CataloguePayload, type RecordBlock, roles } from '../shard/record-block.ts'

/**
 * The board of a save that named none. It begins with a byte that no outside id may contain, so it
 * cannot collide with one.
 */
export const IMPLICIT_BOARD = 0x01

export class RecordMaker {
  readonly #names: Names
  readonly #contexts: boolean
  readonly #boardKey = Buffer.alloc(limits.idBytesMax + 1)

  constructor(names: Names, contexts = false) {
    this.#names = names
    this.#contexts = contexts
    this.#boardKey[0] = IMPLICIT_BOARD
  }

  /** Adds the entry to a block that has room; `hashes` are those of an event's user and pin. */
  append(
    block: RecordBlock,
    reader: EntryReader,
    partition: number,
    position: number,
    ownerHash: number,
    pinHash: number,
  ): void {
    const n = block.count++
    block.kind[n] = reader.kind
    block.time[n] = reader.time
    block.weight[n] = reader.weight
    block.partition[n] = partition
    block.position[n] = position
    block.owner[n] = NONE
    block.pin[n] = NONE
    block.board[n] = NONE
    block.label[n] = NONE
    if (reader.isEvent) this.#event(reader, block, n, ownerHash, pinHash)
    else this.#catalogue(reader, block, n)
  }

  #event(
    reader: EntryReader,
    block: RecordBlock,
    n: number,
    ownerHash: number,
    pinHash: number,
  ): void {
    const { user, pin, board, tag } = this.#names
    const { bytes, kind } = reader
    block.owner[n] = user.internBytes(bytes, reader.ownerStart, reader.ownerEnd, ownerHash)
    let mask: number = roles.user
    if (reader.pinEnd > reader.pinStart) {
      block.pin[n] = pin.internBytes(bytes, reader.pinStart, reader.pinEnd, pinHash)
      mask |= roles.pin
    }
    if (kind === kindCode.save || kind === kindCode.unsave) {
      mask |= roles.graph
      block.board[n] =
        reader.boardEnd > reader.boardStart
          ? board.internBytes(bytes, reader.boardStart, reader.boardEnd)
          : this.#implicitBoard(bytes, reader.ownerStart, reader.ownerEnd)
    }
    if (reader.labelEnd > reader.labelStart) {
      block.label[n] = tag.internBytes(bytes, reader.labelStart, reader.labelEnd)
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
