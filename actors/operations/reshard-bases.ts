/** Base snapshots of rankers over a log that was divided anew: they stay, and go on from a cut. */
import { join } from 'node:path'
import { sequenceOf } from '../ingest/position.ts'
import { writeChecked } from '../log/checked-file.ts'
import { type Disk, lockDirectory } from '../log/index.ts'
import { listSnapshots, type Manifest } from '../snapshots/snapshots.ts'
import type { Cut } from './reshard-copies.ts'

export type RankerBase = {
  readonly folder: string
  readonly manifest: Manifest
  /** The message of the log up to which it has read: rankers read all partitions in one order. */
  readonly sequence: number
}

/** Those of rankers' directories that are of so many partitions. DIRECTORY_LOCKED, LOG_NEWER. */
export async function basesOf(
  disk: Disk,
  directories: readonly string[],
  partitions: number,
): Promise<RankerBase[]> {
  const bases: RankerBase[] = []
  for (const directory of directories) {
    const ranker = join(directory, 'ranker')
    const listed = await listSnapshots(disk, ranker)
    if (listed.length > 0) (await lockDirectory(ranker))()
    for (const { folder, manifest } of listed) {
      if (manifest?.positions.length !== partitions) continue
      const sequence = Math.max(0, sequenceOf(Math.max(...manifest.positions) - 1))
      bases.push({ folder, manifest, sequence })
    }
  }
  return bases
}

/** Has them go on from their cuts; those that have none are left as they are. */
export async function moveBases(
  disk: Disk,
  bases: readonly RankerBase[],
  cuts: readonly Cut[],
): Promise<number> {
  let moved = 0
  for (const { folder, manifest, sequence } of bases) {
    const cut = cuts.find((one) => one.sequence === sequence)
    if (!cut) continue
    const { begins, position } = cut
    const positions = begins.map(() => position)
    await writeChecked(disk, folder, 'manifest.json', { ...manifest, positions, begins })
    moved++
  }
  return moved
}
