/**
 * Where commanded actors' states are kept: the last bytes of each, appended and flushed before the
 * reply leaves. One partition of frames in DIR/state, read whole at start. It grows with every
 * write: compaction is not built.
 *
 * A record: u8 length and type, u8 length and id (both UTF-8), then the state's compact bytes.
 */
import { join } from 'node:path'
import type { StateStore } from '../../asks/state-store.ts'
import type { Disk } from '../../log/disk.ts'
import { realDisk, startError } from '../../log/index.ts'
import { PartitionLog } from '../../log/partition-log.ts'
import { Sequencer } from '../../log/sequencer.ts'

export type StateLogOptions = {
  readonly disk?: Disk | undefined
  /** Hears once that nothing can be kept any more, and why. */
  readonly onFailure?: (reason: string) => void
}

export class StateLog implements StateStore {
  readonly #log: PartitionLog
  readonly #states = new Map<string, Uint8Array>()

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

  /** Resolves when the state is on the disk. LOG_WRITE_FAILED: the former one stands. */
  async put(type: string, id: string, bytes: Uint8Array): Promise<void> {
    const names = [type, id].map((name) => Buffer.from(name))
    const heads = names.flatMap((name) => [Uint8Array.of(name.length), name])
    await this.#log.append(Buffer.concat([...heads, bytes]), 1)
    this.#states.set(`${type}\0${id}`, bytes)
  }

  close(): Promise<void> {
    return this.#log.close()
  }

  #take(payload: Uint8Array): void {
    const bytes = Buffer.from(payload)
    const typeEnd = 1 + bytes[0]!
    const idEnd = typeEnd + 1 + bytes[typeEnd]!
    const key = `${bytes.toString('utf8', 1, typeEnd)}\0${bytes.toString('utf8', typeEnd + 1, idEnd)}`
    this.#states.set(key, Uint8Array.from(bytes.subarray(idEnd)))
  }
}
