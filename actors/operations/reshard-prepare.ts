/** What `reshard` does before it changes anything: looks, makes a backup, copies, and decides. */
import { errorCode, pinwheelError } from '../../base/index.ts'
import type { JetStreamLog, StreamArchive } from '../ingest/index.ts'
import { noFacts, withMessage } from '../ingest/partition-facts.ts'
import { type Disk, realDisk } from '../log/index.ts'
import { backupCluster } from './cluster-backup.ts'
import { difference, readClusterFacts } from './cluster-facts.ts'
import type { ClusterReshardOptions } from './cluster-reshard.ts'
import { mustHaveNoReaders } from './cluster-restore.ts'
import { messagesIn, writeMessages } from './message-file.ts'
import { basesOf, type RankerBase } from './reshard-bases.ts'
import { Copies } from './reshard-copies.ts'
import { mustBeWritten, readShardDocuments, type ShardDocuments } from './reshard-documents.ts'
import { backupIn, copiesIn, type Plan, writeWork } from './reshard-plan.ts'

export type PreparePorts = {
  readonly archive: StreamArchive
  readonly openLog: () => Promise<JetStreamLog>
}

/** The errors of `reshardCluster` after which nothing was changed. */
export async function prepare(
  options: ClusterReshardOptions,
  { archive, openLog }: PreparePorts,
): Promise<Plan> {
  const { stream, documents, directories, to, onStep, disk = realDisk } = options
  const { cluster } = stream
  onStep?.('check')
  const old = await archive.found()
  const { partitions: from, begin = 1 } = old
  if (from === stream.partitions) {
    const problems = `The cluster "${cluster}" has ${from} partitions already.`
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  await mustHaveNoReaders(archive)
  const { first, last } = await archive.extent('log')
  // Of an older one the log lacks what follows it.
  const bases = (await basesOf(disk, directories, from)).filter(({ sequence }) => {
    return sequence >= first - 1 && sequence <= last
  })
  const isWhole = first <= begin
  if (!isWhole) mustHavePast(options, { archive, bases, first })
  const known = await readShardDocuments(documents, from)
  mustBeOneCluster(cluster, known, last)
  const log = await openLog()
  try {
    await mustBeWritten(log, cluster, known)
    const work = { cluster, from, to: stream.partitions }
    onStep?.('back up')
    await writeWork(disk, to, work)
    await backUp(options, disk, { known, last })
    onStep?.('copy')
    const copies = new Copies({ ...work, last, cuts: bases.map(({ sequence }) => sequence) })
    await copy(disk, copiesIn(to), { log, copies })
    const { prefix, floors } = known
    const facts = { ...copies.finish(), prefix, keys: [...floors.keys()] }
    const plan = { ...facts, old, begin: isWhole ? last + 1 : begin }
    mustHaveRoom(options, plan)
    await mustBeAsMade(disk, copiesIn(to), plan)
    await writeWork(disk, to, { ...work, plan })
    return plan
  } finally {
    await log.close()
  }
}

/** LOG_DROPPED where the past of rankers is in base snapshots alone, and none is there. */
function mustHavePast(
  { withoutBases }: ClusterReshardOptions,
  of: { archive: StreamArchive; bases: readonly RankerBase[]; first: number },
): void {
  const { archive, bases, first } = of
  if (withoutBases || bases.length > 0) return
  const reason =
    'none that fits is in a directory given with --data. Give that of each ranker, or go on ' +
    'without them (--without-bases): rankers then know what the stream has'
  const details = { directory: `the stream ${archive.name}`, partition: 0, first, reason }
  throw pinwheelError('LOG_DROPPED', details)
}

function mustBeOneCluster(cluster: string, { facts }: ShardDocuments, last: number): void {
  if (last === 0 || facts.count > 0) return
  const reason = 'the database has no documents'
  const next = 'Give the one that its hosts use (--postgres)'
  throw pinwheelError('CLUSTER_UNSETTLED', { cluster, reason, next })
}

/** One that was finished before is kept, where nothing has changed since. */
async function backUp(
  { url, stream, documents, directories, to, clock }: ClusterReshardOptions,
  disk: Disk,
  { known, last }: { readonly known: ShardDocuments; readonly last: number },
): Promise<void> {
  const folder = backupIn(to)
  const made = await readClusterFacts(disk, folder).catch((error: unknown) => {
    // One that was interrupted.
    if (errorCode(error) === 'DIRECTORY_INVALID') return undefined
    throw error
  })
  if (made) {
    if (made.log.last === last && !difference(made.documents, known.facts)) return
    const next = 'Its backup is of before hosts ran again. Choose another folder'
    throw pinwheelError('DIRECTORY_OCCUPIED', { directory: to, next })
  }
  await disk.remove(folder)
  const [directory] = directories
  await backupCluster({
    ...{ url, cluster: stream.cluster, documents, to: folder, clock, disk },
    ...(directory !== undefined && { directory }),
  })
}

async function copy(
  disk: Disk,
  path: string,
  { log, copies }: { readonly log: JetStreamLog; readonly copies: Copies },
): Promise<void> {
  await disk.remove(path)
  async function* messages() {
    for await (const frame of log.read()) yield* copies.take(frame)
  }
  await writeMessages(disk, path, messages())
}

/** What the server counts for a message beside its bytes. */
const MESSAGE_BYTES = 150

/** CONFIG_INVALID. */
function mustHaveRoom({ stream }: ClusterReshardOptions, { bytes, end, last }: Plan): void {
  const wanted = bytes + (end - last) * MESSAGE_BYTES
  if (wanted <= stream.bytesMax) return
  const mb = Math.ceil(wanted / 1e6)
  const problems = `The copies take ${mb} MB, more than the stream may. Set PINWHEEL_STREAM_MB.`
  throw pinwheelError('CONFIG_INVALID', { problems })
}

/** The copies are read once more while there is still another log. */
async function mustBeAsMade(disk: Disk, path: string, { partitions, last }: Plan): Promise<void> {
  let found = noFacts(partitions.length)
  let sequence = last
  for await (const message of messagesIn(disk, path)) {
    found = withMessage(found, { ...message, sequence: ++sequence })
  }
  const reason = difference({ partitions }, { partitions: found })
  if (reason !== undefined) throw new Error(`${path} is not what was written: ${reason}`)
}
