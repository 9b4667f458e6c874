/** A log as a host has it: the one in its directory, or the stream of a cluster. */
import type { Clock, EpochMs } from '../../../base/index.ts'
import type { JetStreamLog, JetStreamLogOptions } from '../../ingest/index.ts'
import { sequenceOf } from '../../ingest/position.ts'
import {
  type EventLog,
  type Frame,
  lockDirectory,
  openFileLog,
  type Receipt,
} from '../../log/index.ts'
import { finishOperations } from '../../operations/finish.ts'
import { DeliveredFileLog, type DeliveredLog } from './delivered-log.ts'

/** Hears a frame; one that is still reading is waited for, where the log can wait. */
type Take = (frame: Frame) => void | Promise<void>

export interface HostLog {
  readonly partitions: number
  /** Whether of two entries the later one has the higher position, in whichever partitions. */
  readonly isOneOrder: boolean
  /** For who delivers it. */
  readonly delivered: DeliveredLog
  append(partition: number, payload: Uint8Array, count: number): Promise<Receipt>
  /** Everything that is there, in one order, from places of each partition on, or from before. */
  read(from?: readonly number[]): AsyncIterable<Frame>
  /**
   * Has `take` hear the same, and then what comes; resolves when it has heard what is there.
   * `lost` hears why nothing more can be heard.
   */
  follow(take: Take, lost: (error: unknown) => void, from?: readonly number[]): Promise<void>
  /** When the oldest frame behind a position came; undefined where there is none. */
  waitingSince(position: number): Promise<EpochMs | undefined>
  /** False where what follows the place `after` is gone, or was never there. */
  isWhole(after?: number): Promise<boolean>
  close(): Promise<void>
}

/** DIRECTORY_LOCKED, and what the log says. */
export async function openDirectoryLog(
  directory: string,
  partitions: number,
  clock: Clock,
): Promise<HostLog> {
  const unlock = await lockDirectory(directory)
  try {
    await finishOperations(directory, clock)
    return new DirectoryLog(await openFileLog({ directory, partitions }), unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

/** INGEST_UNREACHABLE, INGEST_OTHER. */
export async function openStreamLog(options: JetStreamLogOptions): Promise<HostLog> {
  // Its client is only loaded where it is used.
  const { JetStreamLog } = await import('../../ingest/index.ts')
  return new StreamLog(await JetStreamLog.open(options))
}

class DirectoryLog implements HostLog {
  readonly isOneOrder = false
  readonly delivered: DeliveredLog
  readonly #log: EventLog
  readonly #unlock: () => void

  constructor(log: EventLog, unlock: () => void) {
    this.#log = log
    this.#unlock = unlock
    this.delivered = new DeliveredFileLog(log)
  }

  get partitions(): number {
    return this.#log.partitions
  }

  append(partition: number, payload: Uint8Array, count: number): Promise<Receipt> {
    return this.#log.append(partition, payload, count)
  }

  read(from?: readonly number[]): AsyncIterable<Frame> {
    return this.#log.read(from)
  }

  async follow(
    take: Take,
    _lost: (error: unknown) => void,
    from?: readonly number[],
  ): Promise<void> {
    const next = new Array<number>(this.partitions).fill(0)
    // It may have been read before it was told.
    const takeNew = (frame: Frame) => {
      if (frame.first >= next[frame.partition]!) void take(frame)
    }
    let early: Frame[] | undefined = []
    this.#log.onFlushed((frame) => {
      if (early) early.push(frame)
      else takeNew(frame)
    })
    for await (const frame of this.#log.read(from)) {
      next[frame.partition] = frame.first + frame.count
      await take(frame)
    }
    const waited = early
    early = undefined
    for (const frame of waited) takeNew(frame)
  }

  /** Who has its directory hears each frame as it is flushed. */
  async waitingSince(): Promise<undefined> {}

  async isWhole(): Promise<boolean> {
    return this.#log.begins().every((begin) => begin === 0)
  }

  async close(): Promise<void> {
    await this.#log.close()
    this.#unlock()
  }
}

class StreamLog implements HostLog {
  readonly isOneOrder = true
  readonly #log: JetStreamLog
  #isClosed = false

  constructor(log: JetStreamLog) {
    this.#log = log
  }

  get partitions(): number {
    return this.#log.partitions
  }

  get delivered(): DeliveredLog {
    return this.#log
  }

  append(partition: number, payload: Uint8Array, count: number): Promise<Receipt> {
    return this.#log.append(partition, payload, count)
  }

  /** Its places have one order over all partitions. */
  read(from: readonly number[] = [0]): AsyncIterable<Frame> {
    return this.#log.read(Math.min(...from))
  }

  async follow(
    take: Take,
    lost: (error: unknown) => void,
    from: readonly number[] = [0],
  ): Promise<void> {
    const begin = Math.min(...from)
    // Of a stream that has nothing more of its beginning what comes next is wanted.
    let next = begin === 0 ? (await this.#log.ends()).position : begin
    for await (const frame of this.read(from)) {
      await take(frame)
      next = frame.first + frame.count
    }
    this.#goOn(take, next).catch((error: unknown) => {
      if (!this.#isClosed) lost(error)
    })
  }

  waitingSince(position: number): Promise<EpochMs | undefined> {
    return this.#log.waitingSince('*', position)
  }

  async isWhole(after = -1): Promise<boolean> {
    const { first, last, begin } = await this.#log.ends()
    const sequence = after < 0 ? begin - 1 : sequenceOf(after)
    return first <= sequence + 1 && sequence <= last
  }

  close(): Promise<void> {
    this.#isClosed = true
    return this.#log.close()
  }

  /** Ends when the log is closed. */
  async #goOn(take: Take, from: number): Promise<void> {
    for await (const frame of this.#log.readOn(from)) await take(frame)
  }
}
