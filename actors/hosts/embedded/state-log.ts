/**
 * Where commanded actors' states are kept: the last bytes of each, appended and flushed before the
 * reply leaves. One partition of frames in DIR/state, read whole at start. It grows with every
 * write: compaction is not built. What a turn emitted lies in one frame with its state
 * (`state-record.ts`), until a mark says that it is in the event log.
 */
import { join } from 'node:path'
import type { Disk } from '../../log/disk.ts'
import { realDisk, startError } from '../../log/index.ts'
import { PartitionLog } from '../../log/partition-log.ts'
import { Sequencer } from '../../log/sequencer.ts'
import { decodeState, encodeState, type Outgoing } from './state-record.ts'

export type StateLogOptions = {
  readonly disk?: Disk | undefined
  /** Hears once that nothing can be kept any more, and why. */
  readonly onFailure?: (reason: string) => void
}

export class StateLog {
  readonly #log: PartitionLog
  readonly #states = new Map<string, Uint8Array>()
  readonly #unmarked = new Map<number, Outgoing>()
  /** Of what turns emitted last. */
  #lastNumber = 0

  private constructor(log: PartitionLog) {
    this.#log = log
  }

  /** LOG_DAMAGED when it cannot be trusted, DIRECTORY_UNWRITABLE when it cannot be written. */
  static async open(directory: string, options: StateLogOptions = {}): Promise<StateLog> {
    try {
      return await StateLog.#open(directory, options)
    } catch (error) {
      throw startError(directory, error)
    }
  }

  static async #open(
    directory: string,
    { disk = realDisk, onFailure = () => {} }: StateLogOptions,
  ): Promise<StateLog> {
    const sequencer = new Sequencer(() => {})
    const log = await PartitionLog.open(
      {
        disk,
        directory: join(directory, 'state'),
        partition: 0,
        segmentBytes: 64 * 1024 * 1024,
        sequencer,
        acknowledge: 'flushed',
        begins: 0,
        losses: [],
        acceptLoss: false,
        onLoss: () => {},
        onWritten: () => {},
        onFsync: () => {},
        onFailure,
      },
      (found) => sequencer.startAt(found + 1),
    )
    const states = new StateLog(log)
    for await (const { payload } of log.read(0)) states.#take(payload)
    return states
  }

  get(type: string, id: string): Uint8Array | undefined {
    return this.#states.get(`${type}\0${id}`)
  }

  /** What turns emitted and no mark tells of, oldest first. */
  get unmarked(): Iterable<Outgoing> {
    return this.#unmarked.values()
  }

  /** The number of what a turn emits next. */
  nextNumber(): number {
    return ++this.#lastNumber
  }

  /** Resolves when all of it is on the disk. LOG_WRITE_FAILED: none is, the former state stands. */
  async put(type: string, id: string, bytes: Uint8Array, outgoing?: Outgoing): Promise<void> {
    await this.#log.append(encodeState({ type, id, bytes, outgoing }), 1)
    this.#states.set(`${type}\0${id}`, bytes)
    if (outgoing) this.#unmarked.set(outgoing.number, outgoing)
  }

  /** All outgoing up to this number are in the event log. LOG_WRITE_FAILED: it is not kept. */
  async mark(sentThrough: number): Promise<void> {
    await this.#log.append(encodeState({ sentThrough }), 1)
    this.#forget(sentThrough)
  }

  close(): Promise<void> {
    return this.#log.close()
  }

  #take(payload: Uint8Array): void {
    const record = decodeState(payload)
    if ('sentThrough' in record) {
      this.#lastNumber = Math.max(this.#lastNumber, record.sentThrough)
      this.#forget(record.sentThrough)
      return
    }
    const { type, id, bytes, outgoing } = record
    this.#states.set(`${type}\0${id}`, bytes)
    if (!outgoing) return
    this.#lastNumber = Math.max(this.#lastNumber, outgoing.number)
    const entries = Uint8Array.from(outgoing.entries)
    this.#unmarked.set(outgoing.number, { ...outgoing, entries })
  }

  #forget(sentThrough: number): void {
    for (const number of this.#unmarked.keys()) {
      if (number <= sentThrough) this.#unmarked.delete(number)
    }
  }
}
