/**
 * Puts the backup of a cluster into empty servers. The backup is read whole and compared with what
 * it says of itself before anything is changed. While the stream is filled its settings are such
 * that no host reads it, and they are made right last: a restore that ends in between leaves a
 * cluster that hosts refuse.
 */
import { join } from 'node:path'
import { type Clock, pinwheelError } from '../../base/index.ts'
import type { ArchivedStream, StreamArchive, StreamOptions } from '../ingest/index.ts'
import { type Disk, listIfThere, lockDirectory, realDisk } from '../log/index.ts'
import { backupOther, FACTS } from './backup-facts.ts'
import {
  type ClusterFacts,
  difference,
  differs,
  hashesOf,
  isAhead,
  parts,
  piecesOf,
  readClusterFacts,
} from './cluster-facts.ts'
import { copyFolder, copyModels } from './copying.ts'
import { type DocumentArchive, documentFacts } from './document-archive.ts'
import { heldData, ofRanker, swap } from './swap.ts'

export type ClusterRestoreOptions = {
  /** A finished backup. */
  readonly from: string
  readonly url: string
  /** Of the cluster, as its hosts will have them. */
  readonly stream: StreamOptions
  readonly documents: DocumentArchive
  /** The directory of a ranker. */
  readonly directory?: string
  /** Takes away what the servers hold. */
  readonly replace?: boolean
  readonly clock: Clock
  readonly disk?: Disk
}

export type RestoredCluster = ClusterFacts & {
  /** Where what the directory held is now. */
  readonly setAside?: string
}

/**
 * DIRECTORY_INVALID, LOG_NEWER, BACKUP_OTHER, RESTORE_DIFFERS, CONFIG_INVALID, DIRECTORY_OCCUPIED,
 * INGEST_READ: nothing was changed. RESTORE_UNFINISHED.
 */
export async function restoreCluster(options: ClusterRestoreOptions): Promise<RestoredCluster> {
  const { from, url, stream, clock, disk = realDisk } = options
  const facts = await readClusterFacts(disk, from)
  mustFit(options, facts)
  await mustBeWhole(options, disk, facts)
  const { StreamArchive } = await import('../ingest/index.ts')
  const archive = await StreamArchive.open({ url, cluster: stream.cluster, clock })
  try {
    await mustBeFree(options, disk, archive)
    try {
      await putStreams(options, disk, archive, facts)
      await putDocuments(options, facts)
      const aside = await putFiles(options, disk)
      // Whoever has waited for the stream holds states of before.
      await mustHaveNoReaders(archive)
      const { begin } = facts.log
      await archive.release({ ...stream, ...(begin !== undefined && { begin }) })
      return { ...facts, ...(aside !== undefined && { setAside: aside }) }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw pinwheelError('RESTORE_UNFINISHED', { cluster: stream.cluster, reason }, error)
    }
  } finally {
    await archive.close()
  }
}

function mustFit({ from, stream, clock }: ClusterRestoreOptions, facts: ClusterFacts): void {
  const { cluster, unread, log } = facts
  if (cluster !== stream.cluster) {
    const [found, expected] = [`the cluster "${cluster}"`, `"${stream.cluster}"`]
    throw backupOther(from, { found, expected, next: `Set PINWHEEL_CLUSTER to ${cluster}` })
  }
  const partitions = log.partitions.length
  if (partitions !== stream.partitions) {
    const [found, expected] = [`${partitions} partitions`, `${stream.partitions}`]
    throw backupOther(from, { found, expected, next: `Set PINWHEEL_PARTITIONS to ${partitions}` })
  }
  const days = (ms: number) => Math.ceil(ms / 86_400_000)
  const age = unread === null ? 0 : clock.now() - unread
  if (age < stream.ageMsMax) return
  const problems =
    `The backup has entries of ${days(age)} days ago which hosts must still read; the stream ` +
    `drops them after ${days(stream.ageMsMax)}. Set PINWHEEL_STREAM_DAYS to ${days(age) + 1}.`
  throw pinwheelError('CONFIG_INVALID', { problems })
}

/** RESTORE_DIFFERS unless the backup is what it was when it was finished. */
async function mustBeWhole(
  { from, documents }: ClusterRestoreOptions,
  disk: Disk,
  facts: ClusterFacts,
): Promise<void> {
  const { cluster, log } = facts
  const found = await hashesOf(disk, from, FACTS)
  for (const name of new Set([...Object.keys(facts.files), ...Object.keys(found)])) {
    if (facts.files[name] === found[name]) continue
    throw differs(from, cluster, `${name} has changed, or is missing`)
  }
  const saved = await documentFacts(
    documents.saved(join(from, parts.documents)),
    log.partitions.length,
  )
  const reason = difference(facts.documents, saved)
  if (reason !== undefined) throw differs(from, cluster, `of the documents ${reason}`)
  if (isAhead(saved, log)) throw differs(from, cluster, 'documents are newer than the log')
}

/** DIRECTORY_OCCUPIED, INGEST_READ, DIRECTORY_LOCKED. */
async function mustBeFree(
  { replace, documents, directory }: ClusterRestoreOptions,
  disk: Disk,
  archive: StreamArchive,
): Promise<void> {
  const held: string[] = []
  if (await archive.isThere()) {
    await mustHaveNoReaders(archive)
    held.push(`the stream ${archive.name}`)
  }
  for await (const _ of documents.stored()) {
    held.push('documents')
    break
  }
  const beside = directory === undefined ? [] : await heldData(disk, directory, ofRanker)
  held.push(...beside.map((name) => join(directory!, name)))
  if (beside.includes('ranker')) (await lockDirectory(join(directory!, 'ranker')))()
  if (held.length === 0 || replace) return
  const next = `It has ${held.join(', ')}; --replace takes that away`
  throw pinwheelError('DIRECTORY_OCCUPIED', { directory: 'The cluster', next })
}

/** INGEST_READ. */
export async function mustHaveNoReaders(archive: StreamArchive): Promise<void> {
  const count = await archive.readers()
  if (count > 0) throw pinwheelError('INGEST_READ', { stream: archive.name, count })
}

async function putStreams(
  { from, stream }: ClusterRestoreOptions,
  disk: Disk,
  archive: StreamArchive,
  { log, dead }: ClusterFacts,
): Promise<void> {
  await archive.remove()
  const put = (of: ArchivedStream) => {
    return archive.fill(of, { ...stream, chunks: piecesOf(disk, join(from, parts[of]), CHUNK) })
  }
  const extent = await put('log')
  if (extent.last < log.last) throw new Error(`the log ends at ${extent.last}, not ${log.last}`)
  const found = await archive.facts(log.first, log.last)
  const reason = difference(log, found)
  if (reason !== undefined) throw new Error(`of the log ${reason}`)
  const { last } = await put('dead')
  if (last < dead.last) throw new Error(`dead letters end at ${last}, not ${dead.last}`)
}

/** What a server takes in one piece. */
const CHUNK = 128 * 1024

async function putDocuments(
  { from, documents }: ClusterRestoreOptions,
  facts: ClusterFacts,
): Promise<void> {
  await documents.load(join(from, parts.documents))
  const stored = await documentFacts(documents.stored(), facts.log.partitions.length)
  const reason = difference(facts.documents, stored)
  if (reason !== undefined) throw new Error(`of the documents ${reason}`)
}

/** Models and base snapshots; where those went that were there. */
async function putFiles(
  { from, directory, clock }: ClusterRestoreOptions,
  disk: Disk,
): Promise<string | undefined> {
  if (directory === undefined) return undefined
  await disk.makeDirectory(directory)
  const staging = join(directory, 'restoring')
  await disk.remove(staging)
  await copyModels(disk, from, staging)
  const [source, target] = [join(from, 'ranker/snapshots'), join(staging, 'ranker/snapshots')]
  for (const name of await listIfThere(disk, source)) {
    await copyFolder(disk, join(source, name), join(target, name), () => true)
  }
  await disk.makeDirectory(target)
  await disk.flushDirectory(staging)
  return swap(disk, directory, { staging, at: clock.now() })
}
