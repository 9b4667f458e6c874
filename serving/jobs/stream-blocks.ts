/** Blocks of records from a stream of events: what a host folds, without a log between. */
import { type RecordBlock, roles } from '../../actors/index.ts'
import { assert, kindCode, NONE } from '../../base/index.ts'
import {
  type EventStream,
  emptyFrame,
  FRAME_EVENTS,
  kindOf,
  RECORD_WORDS,
  unitsOf,
} from '../../simulator/index.ts'

/** Parts that play a role by kind: only saves are edges. */
const rolesOf = Uint8Array.from({ length: 256 }, (_, kind) => {
  const isEdge = kind === kindCode.save || kind === kindCode.unsave
  return roles.user | roles.pin | (isEdge ? roles.graph : 0)
})

export class StreamBlocks {
  readonly #stream: EventStream
  readonly #boards: number
  readonly #frame = emptyFrame()

  /** `boards`: where the implicit boards of users begin. */
  constructor(stream: EventStream, boards: number) {
    this.#stream = stream
    this.#boards = boards
  }

  /** Fills an empty block with events from `at` on, up to `to` or their frame's end; the next. */
  fill(block: RecordBlock, at: number, to: number): number {
    assert(block.capacity >= FRAME_EVENTS, 'a frame fits in a block')
    const frame = this.#frame
    const first = Math.floor(at / FRAME_EVENTS) * FRAME_EVENTS
    if (frame.count === 0 || frame.first !== first) this.#stream.fill(frame, first)
    const end = Math.min(to, first + FRAME_EVENTS)
    this.#unpack(block, at - first, end - first)
    for (let i = 0; i < block.count; i++) block.position[i] = at + i
    block.label.fill(NONE, 0, block.count)
    block.weight.fill(1, 0, block.count)
    block.partition.fill(0, 0, block.count)
    return end
  }

  /** Events [from, to) of the frame. */
  #unpack(block: RecordBlock, from: number, to: number): void {
    const { words, start, unit } = this.#frame
    const { kind, owner, pin, board, time, roles: masks } = block
    const boards = this.#boards
    for (let n = from, i = 0; n < to; n++, i++) {
      const at = n * RECORD_WORDS
      const word = words[at + 3]!
      const user = words[at]!
      const on = words[at + 2]!
      const mask = rolesOf[kindOf(word)]!
      kind[i] = kindOf(word)
      owner[i] = user
      pin[i] = words[at + 1]!
      // A save to no board is on the user's own.
      board[i] = on === NONE && (mask & roles.graph) !== 0 ? boards + user : on
      time[i] = start + unitsOf(word) * unit
      masks[i] = mask
    }
    block.count = to - from
  }
}
