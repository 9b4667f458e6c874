/**
 * Base snapshots of rankers: DIR/ranker/snapshots, made by the one process that holds DIR/ranker's
 * lock, read by all that start with DIR. A ranker then reads the stream from the snapshot on.
 */
import { join } from 'node:path'
import type { Clock, Logger, Names } from '../../../base/index.ts'
import { errorCode } from '../../../base/index.ts'
import { type Frame, lockDirectory, realDisk } from '../../log/index.ts'
import type { Feeder } from '../../projections/feeder.ts'
import { type Keeper, SnapshotTaker } from '../../snapshots/snapshot-taker.ts'
import {
  listSnapshots,
  type Manifest,
  Snapshots,
  snapshotFolder,
} from '../../snapshots/snapshots.ts'
import type { HostLog } from './host-log.ts'

export class RankerBases {
  readonly #folder: string
  readonly #listed: readonly Manifest[]
  /** Only where this process makes them. */
  readonly #own: { readonly snapshots: Snapshots; readonly unlock: () => void } | undefined

  private constructor(
    folder: string,
    listed: readonly Manifest[],
    own?: { readonly snapshots: Snapshots; readonly unlock: () => void },
  ) {
    this.#folder = folder
    this.#listed = listed
    this.#own = own
  }

  /** LOG_NEWER, DIRECTORY_UNWRITABLE. */
  static async open(directory: string): Promise<RankerBases> {
    const folder = join(directory, 'ranker')
    try {
      const unlock = await lockDirectory(folder)
      const snapshots = await Snapshots.open(realDisk, folder)
      return new RankerBases(folder, snapshots.kept, { snapshots, unlock })
    } catch (error) {
      if (errorCode(error) !== 'DIRECTORY_LOCKED') throw error
      const listed = await listSnapshots(realDisk, folder)
      return new RankerBases(
        folder,
        listed.flatMap(({ manifest }) => manifest ?? []),
      )
    }
  }

  /** Best first. */
  get kept(): readonly Manifest[] {
    return [...this.#listed].reverse()
  }

  place(base: Manifest): string {
    return snapshotFolder(this.#folder, base.number)
  }

  /** Undefined where another process makes them. */
  taker(of: {
    readonly crew: Keeper
    readonly feeder: Feeder
    readonly names: Names
    readonly clock: Clock
    readonly logger: Logger
    readonly growthMin: number
    readonly begins: () => readonly number[]
  }): SnapshotTaker | undefined {
    if (!this.#own) return undefined
    const { snapshots } = this.#own
    return new SnapshotTaker({ ...of, disk: realDisk, snapshots, onTaken: async () => {} })
  }

  close(): void {
    this.#own?.unlock()
  }
}

/** The frames of a log from `begins` to `ends`, by partition, that lie wholly before. */
export async function* framesBetween(
  log: HostLog,
  begins: readonly number[],
  ends: readonly number[],
): AsyncGenerator<Frame, void> {
  const missing = new Set(ends.keys().filter((p) => begins[p]! < ends[p]!))
  if (missing.size === 0) return
  for await (const frame of log.read(begins)) {
    const { partition, first, count } = frame
    const end = ends[partition]!
    if (first + count <= end) yield frame
    if (first + count >= end) missing.delete(partition)
    if (missing.size === 0) return
  }
}
