/**
 * Gives a cluster another number of partitions, its hosts stopped. The new stream begins with a
 * copy of everything that the old one has (`reshard-copies.ts`), behind its end: so every position
 * in it is newer than all that documents know. They are told that all of the copies is in them:
 * hosts read those as what lies before a bookmark, for resends alone. Rankers fold them, or go on
 * from a base snapshot.
 *
 * What it works with lies in one folder (`reshard-plan.ts`). Until the old stream is shut nothing
 * of the cluster is changed. From then on hosts refuse it until all is done; each step can be done
 * again, so that a run which was interrupted is finished by another.
 */
import { type Clock, pinwheelError } from '../../base/index.ts'
import type { JetStreamLog, StreamArchive, StreamOptions } from '../ingest/index.ts'
import { type Disk, realDisk } from '../log/index.ts'
import { difference } from './cluster-facts.ts'
import { mustHaveNoReaders } from './cluster-restore.ts'
import type { DocumentArchive } from './document-archive.ts'
import { messagesIn } from './message-file.ts'
import { basesOf, moveBases } from './reshard-bases.ts'
import { shardChanges } from './reshard-documents.ts'
import { backupIn, copiesIn, type Plan, readWork, type Work } from './reshard-plan.ts'
import { prepare } from './reshard-prepare.ts'

/** In their order; the first three leave the cluster as it was. */
export type ReshardStep =
  | 'check'
  | 'back up'
  | 'copy'
  | 'shut'
  | 'replace'
  | 'fill'
  | 'documents'
  | 'base snapshots'
  | 'release'

export type ClusterReshardOptions = {
  readonly url: string
  /** Of the cluster, as its hosts will have them. */
  readonly stream: StreamOptions
  readonly documents: DocumentArchive
  /** Directories of rankers. */
  readonly directories: readonly string[]
  /** Goes on though rankers lose what the stream has dropped. */
  readonly withoutBases?: boolean
  /** A folder that is empty or not there, or that of a run that was interrupted. */
  readonly to: string
  readonly clock: Clock
  readonly disk?: Disk
  /** Hears of each step before it begins. */
  readonly onStep?: (step: ReshardStep) => void
  /** Hears how many copies the new stream has. */
  readonly onStored?: (messages: number, all: number) => void
}

export type ReshardedCluster = {
  readonly cluster: string
  /** Numbers of partitions. */
  readonly from: number
  readonly to: number
  /** Sequences of the copies, and entries that they have. */
  readonly first: number
  readonly last: number
  readonly entries: number
  /** Base snapshots that go on. */
  readonly bases: number
  /** Of the cluster as it was. */
  readonly backup: string
}

/**
 * CONFIG_INVALID, INGEST_READ, INGEST_MISSING, INGEST_OTHER, CLUSTER_UNSETTLED, LOG_DROPPED,
 * DIRECTORY_OCCUPIED, DIRECTORY_LOCKED: nothing was changed. RESHARD_UNFINISHED.
 */
export async function reshardCluster(options: ClusterReshardOptions): Promise<ReshardedCluster> {
  const { url, stream, clock, to, disk = realDisk } = options
  const { JetStreamLog, StreamArchive } = await import('../ingest/index.ts')
  const { cluster, partitions } = stream
  const archive = await StreamArchive.open({ url, cluster, clock })
  try {
    const begun = await readWork(disk, to, { cluster, to: partitions })
    const openLog = (): Promise<JetStreamLog> => JetStreamLog.openFound({ url, cluster, clock })
    const plan =
      begun?.plan && !(await isOld(archive, begun))
        ? begun.plan
        : await prepare(options, { archive, openLog })
    const bases = await carryOut(options, archive, plan)
    const entries = plan.partitions.reduce((sum, { entries }) => sum + entries, 0)
    return {
      ...{ cluster, from: plan.old.partitions, to: partitions, bases, backup: backupIn(to) },
      ...{ first: plan.last + 1, last: plan.end, entries },
    }
  } finally {
    await archive.close()
  }
}

/** Whether the stream is still what it was when the work was begun, or more. */
async function isOld(archive: StreamArchive, { from, plan }: Work): Promise<boolean> {
  if ((await archive.stage()).is !== 'whole' || (await archive.partitions()) !== from) return false
  return (await archive.extent('log')).last >= (plan?.last ?? 0)
}

/** From wherever it stands to the end; how many base snapshots were moved. */
async function carryOut(
  options: ClusterReshardOptions,
  archive: StreamArchive,
  plan: Plan,
): Promise<number> {
  if (await isDone(options, archive, plan)) return 0
  await shut(options, archive, plan)
  const { stream, documents, directories, onStep, disk = realDisk } = options
  const { prefix, keys, cuts, old } = plan
  try {
    await fill(options, archive, plan)
    onStep?.('documents')
    const written = cuts.at(-1)!
    await documents.change(shardChanges(written, { prefix, keys, from: old.partitions }))
    onStep?.('base snapshots')
    const bases = await basesOf(disk, directories, old.partitions)
    const moved = await moveBases(disk, bases, cuts)
    onStep?.('release')
    await mustHaveNoReaders(archive)
    await archive.release({ ...stream, begin: plan.begin })
    return moved
  } catch (error) {
    throw unfinished(options, error instanceof Error ? error.message : String(error), error)
  }
}

/**
 * Whether another run has done all of it. RESHARD_UNFINISHED where there was no stream, and hosts
 * have made one and appended to it.
 */
async function isDone(
  options: ClusterReshardOptions,
  archive: StreamArchive,
  { old, last, end }: Plan,
): Promise<boolean> {
  if ((await archive.stage()).is !== 'whole') return false
  const partitions = await archive.partitions()
  const extent = await archive.extent('log')
  if (partitions === options.stream.partitions && extent.last >= end) return true
  const isOther = partitions !== old.partitions || extent.last < last
  if (!isOther || extent.messages === 0) return false
  throw unfinished(options, `hosts were started and its stream has ${extent.messages} new messages`)
}

/** CLUSTER_UNSETTLED where the old stream has more than was copied: it is opened again. */
async function shut(
  { stream, onStep }: ClusterReshardOptions,
  archive: StreamArchive,
  { old, last }: Plan,
): Promise<void> {
  const { is } = await archive.stage()
  if (is === 'whole') {
    onStep?.('shut')
    await mustHaveNoReaders(archive)
    await archive.shut()
  } else if (is !== 'shut') return
  if ((await archive.extent('log')).last <= last) return
  await archive.release(old)
  const [reason, next] = ['entries still come in', 'Stop the API and whatever else appends']
  throw pinwheelError('CLUSTER_UNSETTLED', { cluster: stream.cluster, reason, next })
}

/** The new stream, whole but for its settings. INGEST_OTHER where another work is under way. */
async function fill(
  { stream, to, onStep, onStored, disk = realDisk }: ClusterReshardOptions,
  archive: StreamArchive,
  { last, end, begin, partitions }: Plan,
): Promise<void> {
  const { is, first } = await archive.stage()
  if (is !== 'filling') {
    onStep?.('replace')
    await archive.replace({ ...stream, begin }, last + 1)
  } else if (first !== last + 1) await archive.partitions()
  onStep?.('fill')
  const before = (await archive.extent('log')).last
  async function* lacking() {
    let sequence = last
    for await (const message of messagesIn(disk, copiesIn(to))) {
      if (++sequence > before) yield message
    }
  }
  await archive.refill(before, lacking(), (sequence) => onStored?.(sequence - last, end - last))
  const found = await archive.facts(last + 1, end, stream.partitions)
  const reason = difference({ partitions }, { partitions: found.partitions })
  if (reason !== undefined) throw new Error(`of the copies ${reason}`)
}

function unfinished({ stream, to }: ClusterReshardOptions, reason: string, cause?: unknown): Error {
  const { cluster, partitions } = stream
  const details = { cluster, partitions, reason, backup: backupIn(to) }
  return pinwheelError('RESHARD_UNFINISHED', details, cause)
}
