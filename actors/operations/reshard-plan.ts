/** What a `reshard` works with, in one folder: a backup, the copies, and what it has decided. */
import { join } from 'node:path'
import { pinwheelError } from '../../base/index.ts'
import type { StreamOptions } from '../ingest/index.ts'
import type { PartitionFacts } from '../ingest/partition-facts.ts'
import { readChecked, writeChecked } from '../log/checked-file.ts'
import { type Disk, listIfThere } from '../log/index.ts'
import type { Cut } from './reshard-copies.ts'

const FILE = 'reshard.json'
const FORMAT = 1

/** What is decided before anything is changed. */
export type Plan = {
  /** The old stream, as it was made. */
  readonly old: StreamOptions
  /** Of the new stream, as of `StreamOptions`. */
  readonly begin: number
  /** Sequences: the last of the old stream, and of the copies, which begin behind it. */
  readonly last: number
  readonly end: number
  readonly bytes: number
  /** What the copies are, by new partition. */
  readonly partitions: readonly PartitionFacts[]
  /** Where those go on who have read; the last one is that of documents. */
  readonly cuts: readonly Cut[]
  /** Of documents: what stands before our keys, and the keys of those of shards. */
  readonly prefix: string
  readonly keys: readonly string[]
}

export type Work = {
  readonly format: number
  readonly cluster: string
  /** Numbers of partitions. */
  readonly from: number
  readonly to: number
  /** Once it is made, and the copies with it. */
  readonly plan?: Plan
}

export const backupIn = (folder: string) => join(folder, 'backup')
export const copiesIn = (folder: string) => join(folder, 'copies')

/** What was begun in a folder; undefined in one that is empty. DIRECTORY_OCCUPIED, LOG_NEWER. */
export async function readWork(
  disk: Disk,
  folder: string,
  { cluster, to }: Pick<Work, 'cluster' | 'to'>,
): Promise<Work | undefined> {
  const work = await readChecked(disk, folder, FILE, (fact) => fact as Work)
  const occupied = (next: string) => {
    return pinwheelError('DIRECTORY_OCCUPIED', { directory: folder, next })
  }
  if (!work) {
    if ((await listIfThere(disk, folder)).length === 0) return undefined
    throw occupied('Choose a folder that is empty or not there')
  }
  if (work.format > FORMAT) {
    throw pinwheelError('LOG_NEWER', { file: FILE, version: work.format, known: FORMAT })
  }
  if (work.cluster === cluster && work.to === to) return work
  throw occupied(`It is of "${work.cluster}" and ${work.to} partitions. Choose another`)
}

export async function writeWork(
  disk: Disk,
  folder: string,
  work: Omit<Work, 'format'>,
): Promise<void> {
  await disk.makeDirectory(folder)
  await writeChecked(disk, folder, FILE, { format: FORMAT, ...work })
}
