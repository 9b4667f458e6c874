/**
 * Events in frames of columns: what a replay hands to a host block by block. Frame n is a pure
 * function of n, so frames are made in any order and by anybody.
 */
import type { RecordBlock } from '../../actors/index.ts'
import { type ReplayOptions, ReplayWorkload, replayRecord } from './replay.ts'

/**
 * Columns of a frame, those of a block: a kind's number, dense numbers of user (`owner`), pin and
 * board, NONE for the user's implicit board and where there is none; time in ms since the epoch.
 */
export type FrameColumns = Pick<RecordBlock, 'kind' | 'owner' | 'pin' | 'board' | 'time'>

export interface EventFrames {
  /** Events of every frame. */
  readonly frameEvents: number
  /** Numbers in frames are below these. */
  readonly users: number
  readonly pins: number
  readonly boards: number
  /** Writes events [n * frameEvents, (n + 1) * frameEvents), from place 0 of each column on. */
  fill(n: number, into: FrameColumns): void
}

/** The replay workload in frames. */
export class ReplayFrames implements EventFrames {
  readonly frameEvents: number
  readonly users: number
  readonly pins: number
  readonly boards: number
  readonly #workload: ReplayWorkload
  readonly #event = replayRecord()

  constructor(options: Partial<ReplayOptions>, frameEvents: number) {
    this.#workload = new ReplayWorkload(options)
    this.frameEvents = frameEvents
    const { users, pins, boards } = this.#workload.options
    this.users = users
    this.pins = pins
    this.boards = boards
  }

  fill(n: number, { kind, owner, pin, board, time }: FrameColumns): void {
    const event = this.#event
    const first = n * this.frameEvents
    for (let i = 0; i < this.frameEvents; i++) {
      this.#workload.at(first + i, event)
      kind[i] = event.kind
      owner[i] = event.user
      pin[i] = event.pin
      board[i] = event.board
      time[i] = event.time
    }
  }
}
