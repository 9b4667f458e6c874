/**
 * A copy of a cluster while it works, to one cut: documents first, then base snapshots of rankers,
 * then the log up to its tail. So neither documents nor snapshots are newer than the log, which is
 * all that hosts ask of them: what they lack they read from it. Everything that was acknowledged
 * before the backup began is in the log that it has.
 */
import { join } from 'node:path'
import { type Clock, pinwheelError } from '../../base/index.ts'
import type { ArchivedStream, StreamArchive } from '../ingest/index.ts'
import { type Disk, listIfThere, realDisk } from '../log/index.ts'
import { backupOther, FACTS, writeFacts } from './backup-facts.ts'
import {
  type ClusterFacts,
  firstUnread,
  hashesOf,
  isAhead,
  isOfMore,
  parts,
} from './cluster-facts.ts'
import { copyModels } from './copying.ts'
import { type DocumentArchive, documentFacts } from './document-archive.ts'
import { copySnapshot } from './snapshot-copy.ts'

export type ClusterBackupOptions = {
  readonly url: string
  readonly cluster: string
  readonly documents: DocumentArchive
  /** The directory of a ranker: its models and base snapshots. */
  readonly directory?: string
  /** A folder that is empty or not there. */
  readonly to: string
  readonly clock: Clock
  readonly disk?: Disk
}

/**
 * INGEST_UNREACHABLE, INGEST_MISSING, INGEST_OTHER, DIRECTORY_OCCUPIED, LOG_DROPPED where the log
 * lacks what documents lack, BACKUP_OTHER where documents are another cluster's.
 */
export async function backupCluster(options: ClusterBackupOptions): Promise<ClusterFacts> {
  const { to, disk = realDisk } = options
  if ((await listIfThere(disk, to)).length > 0) {
    const next = 'Choose a folder that is empty or not there'
    throw pinwheelError('DIRECTORY_OCCUPIED', { directory: to, next })
  }
  const { StreamArchive } = await import('../ingest/index.ts')
  const archive = await StreamArchive.open(options)
  try {
    const facts = await copyAll(options, disk, archive)
    await writeFacts<ClusterFacts>(disk, to, facts)
    return { ...facts, format: 1 }
  } finally {
    await archive.close()
  }
}

async function copyAll(
  { to, clock, cluster, directory, documents }: ClusterBackupOptions,
  disk: Disk,
  archive: StreamArchive,
): Promise<Omit<ClusterFacts, 'format'>> {
  const madeAt = clock.now()
  const { partitions, begin = 1 } = await archive.found()
  await disk.makeDirectory(to)
  const dump = join(to, parts.documents)
  await documents.save(dump)
  await flush(disk, dump)
  const saved = await documentFacts(documents.saved(dump), partitions)
  const base =
    directory === undefined
      ? undefined
      : await copySnapshot(disk, join(directory, 'ranker'), join(to, 'ranker'))
  const extent = await copyStream(archive, 'log', disk, join(to, parts.log))
  if (isAhead(saved, extent) || isOfMore(saved, partitions, extent)) {
    const [found, expected] = ['documents that are newer than the log', 'one cluster']
    const next = 'Give the NATS and the database of the same cluster'
    throw backupOther(to, { found, expected, next })
  }
  // Later than the snapshot: what has left the stream meanwhile is in the snapshot, and not here.
  const { first, partitions: found } = await archive.facts(extent.first, extent.last)
  const next = firstUnread(saved)
  if (next < first) {
    const reason = `documents have it up to message ${next - 1}`
    throw pinwheelError('LOG_DROPPED', { directory: archive.name, partition: 0, first, reason })
  }
  const unread = next > extent.last ? null : ((await archive.timeOf(next)) ?? null)
  const dead = await copyStream(archive, 'dead', disk, join(to, parts.dead))
  if (directory !== undefined) await copyModels(disk, directory, to)
  return {
    ...{ cluster, madeAt, dead, documents: saved, unread, snapshot: base?.number ?? null },
    log: { ...extent, first, partitions: found, ...(begin > 1 && { begin }) },
    files: await hashesOf(disk, to, FACTS),
  }
}

async function copyStream(archive: StreamArchive, of: ArchivedStream, disk: Disk, path: string) {
  const file = await disk.open(path, 'create')
  try {
    let at = 0
    const extent = await archive.save(of, async (chunk) => {
      await file.write(chunk, at)
      at += chunk.length
    })
    await file.flush()
    return extent
  } finally {
    await file.close()
  }
}

/** Of a file that another program wrote. */
async function flush(disk: Disk, path: string): Promise<void> {
  const file = await disk.open(path, 'append')
  try {
    await file.flush()
  } finally {
    await file.close()
  }
}
