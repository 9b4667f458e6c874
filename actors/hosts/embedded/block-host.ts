/**
 * The workers of an embedded host without a log before them: whoever has blocks of numbered records
 * hands them in. Routing, rings, turns, projections and merges are those of a host with a log; what
 * is in memory is lost with the process, unless snapshots are taken.
 *
 * Ids are computed from numbers, so the dictionary takes no memory. A worker that ends takes the
 * host with it: there is no log to read again.
 */
import {
  bySpace,
  type Clock,
  NumberedIds,
  pinwheelError,
  sharedAllocator,
} from '../../../base/index.ts'
import { FeatureTable } from '../../../ranking/index.ts'
import { type Disk, lockDirectory, realDisk } from '../../log/index.ts'
import { IMPLICIT_BOARD } from '../../projections/record-maker.ts'
import { Digest } from '../../shard/digest.ts'
import { BlockPool, type RecordBlock } from '../../shard/record-block.ts'
import { Snapshots } from '../../snapshots/snapshots.ts'
import type { WorkerStats } from '../../worker/messages.ts'
import { workerBounds } from '../../worker/worker-handle.ts'
import { Crew } from './crew.ts'
import { restore } from './recovery.ts'
import { claim, type ReplayIdentity } from './replay-identity.ts'
import type { RuntimeOptions } from './runtime-options.ts'

export type BlockHostOptions = Pick<
  RuntimeOptions,
  'directory' | 'workers' | 'clock' | 'stateBytesMax'
> & {
  /** Numbers are below these; each user has an implicit board, numbered behind the others. */
  readonly users: number
  readonly pins: number
  readonly boards: number
  /** The share of fresh edges that makes a merge due; by default a tenth, as in a server. */
  readonly freshShare?: number
  /** What the run is, where its snapshots are kept: a folder is one run's. */
  readonly identity?: ReplayIdentity
  /** Whether to go on from the newest snapshot in the directory. */
  readonly resumes?: boolean
}

/**
 * A block may take long where nobody waits for an answer: a table of a hundred million edges is
 * hashed anew, memory is touched for the first time.
 */
const STUCK_MS = 300_000

export class BlockHost {
  readonly #crew: Crew
  readonly #blocks = new BlockPool(workerBounds.records)
  readonly #snapshots: Snapshots
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #unlock: () => void
  #failure: string | undefined
  /** The snapshot that is being written. */
  #keeping: Promise<void> | undefined
  /** The number of user 0's implicit board; those of the others follow. */
  readonly implicitBoards: number
  /** Records that were handed in, those of the snapshot that it began with among them. */
  records = 0

  private constructor(
    options: BlockHostOptions,
    snapshots: Snapshots,
    disk: Disk,
    unlock: () => void,
  ) {
    const { users, pins, boards, clock } = options
    this.#snapshots = snapshots
    this.#disk = disk
    this.#clock = clock
    this.#unlock = unlock
    this.implicitBoards = boards
    const implicit = `${String.fromCharCode(IMPLICIT_BOARD)}u`
    const runs = {
      user: [{ prefix: 'u', count: users }],
      pin: [{ prefix: 'p', count: pins }],
      board: [
        { prefix: 'b', count: boards },
        { prefix: implicit, count: users },
      ],
      tag: [],
      actor: [],
    }
    const names = bySpace((space) => new NumberedIds(runs[space]))
    const features = FeatureTable.create(pins, sharedAllocator)
    const ports = { bounds: { stuckMs: STUCK_MS } }
    const crewOptions = { ...options, boardsMax: boards + users, ranks: false, ports }
    this.#crew = new Crew(crewOptions, names, features, this.#blocks, {
      blamed: () => [],
      onEpoch: () => {},
      onDeadLetter: ({ type, id, position, reason }) => {
        this.#failure ??= `record ${position} failed in ${type} "${id}": ${reason}`
      },
      onDeath: (worker, reason) => {
        this.#failure ??= `worker ${worker} ended: ${reason}`
      },
    })
  }

  /**
   * Locks the directory and begins, or goes on. DIRECTORY_LOCKED, DIRECTORY_INVALID, REPLAY_OTHER,
   * BASE_DAMAGED, STATE_DAMAGED.
   */
  static async start(options: BlockHostOptions): Promise<BlockHost> {
    const disk = realDisk
    const unlock = await lockDirectory(options.directory)
    const { directory, identity, resumes = false } = options
    try {
      if (identity) await claim(disk, directory, identity, resumes)
      const snapshots = await Snapshots.open(disk, directory)
      const host = new BlockHost(options, snapshots, disk, unlock)
      try {
        if (resumes) await host.#resume()
        await host.#crew.askAll({ what: 'open' })
        return host
      } catch (error) {
        await host.#crew.stop()
        throw error
      }
    } catch (error) {
      unlock()
      throw error
    }
  }

  get workers(): number {
    return this.#crew.size
  }
  /** Records of the worker that is furthest behind. */
  get lag(): number {
    return this.#crew.lag
  }
  /** Whether a snapshot is being written. */
  get isKeeping(): boolean {
    return this.#keeping !== undefined
  }

  /** An empty block to fill. */
  take(): RecordBlock {
    return this.#blocks.take()
  }

  /** Hands a block's records to who folds them; `room` says when to bring the next. */
  deliver(block: RecordBlock): void {
    this.records += block.count
    this.#crew.deliver(block)
  }

  /** Resolves when the rings have room. REPLAY_FAILED. */
  async room(): Promise<void> {
    await this.#crew.room()
    this.#check()
  }

  /** Resolves when every record is folded. REPLAY_FAILED. */
  async settled(): Promise<void> {
    await this.#crew.settled()
    this.#check()
  }

  /** Merges everything fresh into an epoch. */
  async buildEpoch(): Promise<void> {
    await this.settled()
    await this.#crew.askAll({ what: 'build' })
  }

  stats(): Promise<WorkerStats[]> {
    return this.#crew.askAll({ what: 'stats' })
  }

  /** Actions that users in memory keep, over all of them. */
  async keptActions(): Promise<number> {
    const parts = await this.#crew.askAll<number>({ what: 'kept-actions' })
    return parts.reduce((sum, part) => sum + part, 0)
  }

  /** That of a host which has read the same entries from a log. */
  async digest(): Promise<string> {
    await this.settled()
    const digest = new Digest()
    for (const part of await this.#crew.askAll<string>({ what: 'digest' })) digest.merge(part)
    return digest.hex()
  }

  /** That of actors, edges and their numbers as they lie: the same for any number of workers. */
  async numbersDigest(): Promise<string> {
    await this.settled()
    const digest = new Digest()
    const ask = { what: 'numbers-digest' } as const
    for (const part of await this.#crew.askAll<string>(ask)) digest.merge(part)
    return digest.hex()
  }

  /** Keeps everything as it is now, while more comes in; resolves when it is on the disk. */
  keep(): Promise<void> {
    this.#keeping ??= this.#keep().finally(() => {
      this.#keeping = undefined
    })
    return this.#keeping
  }

  /** Folds what was handed in, or with `now` ends where it is. */
  async stop(now = false): Promise<void> {
    if (now) this.#crew.end()
    await this.#keeping?.catch(() => {})
    await this.#crew.stop()
    this.#unlock()
  }

  async #keep(): Promise<void> {
    const snapshots = this.#snapshots
    const number = await snapshots.begin()
    // From here to the first wait is one moment.
    const { records } = this
    const parts = this.#crew.keep(snapshots.folder(number))
    try {
      const moment = { number, madeAt: this.#clock.now(), positions: [records] }
      const counts = { entries: records, resends: 0 }
      await snapshots.finish({ ...moment, ...counts, names: [], parts: await parts })
    } catch (error) {
      await snapshots.discard(number).catch(() => {})
      throw error
    }
  }

  async #resume(): Promise<void> {
    const base = this.#snapshots.newest
    if (!base) return
    const folder = this.#snapshots.folder(base.number)
    await restore(base, { disk: this.#disk, folder, names: {}, crew: this.#crew })
    this.records = base.entries
  }

  #check(): void {
    const reason = this.#failure
    if (reason !== undefined) throw pinwheelError('REPLAY_FAILED', { count: this.records, reason })
  }
}
