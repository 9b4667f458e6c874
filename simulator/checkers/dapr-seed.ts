/**
 * One seed of the Dapr placement under faults: a safety phase in which clients work while things go
 * wrong, then a calm in which everything must drain, then the laws. A run is a function of its
 * seed.
 */
import {
  type Delivery,
  type DocumentStore,
  HostedShard,
  type StoredDocument,
} from '../../actors/index.ts'
import { bySpace, hash32, Interner, Random } from '../../base/index.ts'
import {
  type ClusterBugs,
  clusterDefaults,
  clusterFaults,
  SimulatedCluster,
  STALE_MS,
  Stalled,
} from '../faults/index.ts'
import { hostedTypes } from './dapr-actors.ts'
import { type DaprLawName, type DaprRun, daprLaws } from './dapr-laws.ts'
import { type DaprMutantName, daprMutants } from './dapr-mutants.ts'
import { DaprRecord, type Logged, pinOf, readBack, userOf } from './dapr-record.ts'
import { DaprClients } from './dapr-workload.ts'

export type DaprSeedResult = {
  readonly events: number
  readonly faults: number
  readonly violations: readonly DaprViolation[]
  readonly happenings: ReadonlyMap<string, number>
  /** Of everything that was written and that happened. */
  readonly digest: number
  /** What happened when, if that was asked for. */
  readonly trace: readonly string[]
}
export type DaprViolation = {
  readonly seed: number
  readonly law: DaprLawName
  readonly problem: string
}

/** Virtual milliseconds in which faults strike, and how long one lasts. */
const FAULTS_MS = 300
const LASTS_MS = 250
const STEPS_MAX = 20_000

/** One seed. */
export async function runDaprSeed(
  seed: number,
  mutant?: DaprMutantName,
  isTraced = false,
): Promise<DaprSeedResult> {
  const random = new Random(seed)
  const folded = random.below(2) === 0 ? 'Pin' : 'User'
  const bugs: ClusterBugs = mutant ? daprMutants[mutant].plant() : {}
  const types = bugs.types ?? hostedTypes
  const cluster = new SimulatedCluster({
    random,
    types: (names) => types(names, folded),
    bugs,
    isTraced,
  })
  const record = new DaprRecord()
  for (const host of cluster.hosts) cluster.start(host)
  const clients = new DaprClients(cluster, record)
  clients.start(random.split('clients'))
  const faults = plan(cluster, random.split('faults'))
  let run: DaprRun
  try {
    const left = await drain(cluster, clients, random.below(2) === 0)
    const parts = cluster.log ? await readBack(cluster.log, clusterDefaults.duplicateWindow) : []
    const log = parts.flat()
    const refolded = await refold(parts, types, folded, cluster)
    const { commits } = cluster.store
    const { deadLetters, happenings } = cluster
    const staleMs = happenings.counts.has('a read was old') ? STALE_MS : 0
    run = { ...left, record, log, commits, deadLetters, staleMs, folded, refolded }
  } finally {
    cluster.end()
  }
  const violations = Object.entries(daprLaws).flatMap(([law, holds]) =>
    holds(run).map((problem) => ({ seed, law: law as DaprLawName, problem })),
  )
  const commits = cluster.store.commits.map(({ key, by, at }) => `${key} ${by} ${at}`)
  return {
    events: run.log.length,
    faults,
    violations,
    happenings: cluster.happenings.counts,
    trace: cluster.happenings.trace,
    digest: hash32(`${commits.join()} ${[...cluster.happenings.counts].join()}`),
  }
}

/** Has five faults or more strike while clients work. Returns how many. */
function plan(cluster: SimulatedCluster, random: Random): number {
  const count = 5 + random.below(6)
  const all = Object.entries(clusterFaults)
  for (let n = 0; n < count; n++) {
    const [name, strike] = all[random.below(all.length)]!
    cluster.time.at(random.below(FAULTS_MS), () => {
      cluster.happenings.add(`fault: ${name}`)
      const end = strike(cluster, random)
      cluster.time.after(20 + random.below(LASTS_MS), end)
    })
  }
  return count
}

/** Safety phase, calm, and what is left behind. */
async function drain(
  cluster: SimulatedCluster,
  clients: DaprClients,
  /** Whether the whole log is delivered once more. */
  again: boolean,
): Promise<Pick<DaprRun, 'documents' | 'answers' | 'rewritten' | 'stalled'>> {
  const { time, store } = cluster
  const left = {
    documents: store.all(),
    answers: new Map<string, unknown>(),
    rewritten: [] as string[],
  }
  let stalled: string | undefined
  try {
    const end = FAULTS_MS + LASTS_MS + 50
    let isCalm = false
    time.at(end, () => {
      cluster.calm()
      isCalm = true
    })
    await time.run(() => isCalm && clients.open === 0, STEPS_MAX)
    await finished(cluster, async () => cluster.settled())
    // Turns that were given up by their callers come to their end.
    await time.run(() => cluster.network.isIdle, STEPS_MAX)
    left.documents = store.all()
    const before = store.commits.length
    if (again) await finished(cluster, () => cluster.redeliver())
    // What would be written for that is written by then.
    await time.run(sleptFor(cluster, 2 * clusterDefaults.flushMs), STEPS_MAX)
    left.rewritten = store.commits.slice(before).map(({ key }) => key)
    await finished(cluster, () => ask(cluster, left.answers))
  } catch (error) {
    if (!(error instanceof Stalled)) throw error
    stalled = error.message
    left.documents = store.all()
  }
  return { ...left, stalled }
}

/** Whether so much time has passed since now. */
function sleptFor({ time }: SimulatedCluster, ms: number): () => boolean {
  let isOver = false
  time.after(ms, () => {
    isOver = true
  })
  return () => isOver
}

async function finished(cluster: SimulatedCluster, work: () => Promise<unknown>): Promise<void> {
  let isOver = false
  let failure: unknown
  work()
    .catch((error: unknown) => {
      failure = error ?? new Error('it failed')
    })
    .finally(() => {
      isOver = true
    })
  await cluster.time.run(() => isOver, STEPS_MAX)
  if (failure !== undefined) throw failure
}

const questions = { Pin: 'card', User: 'context', Witness: 'count', Tokens: 'count' } as const

/** Asks every actor that has a document. */
async function ask(cluster: SimulatedCluster, answers: Map<string, unknown>): Promise<void> {
  for (const key of cluster.store.all().keys()) {
    const [type = '', encoded = ''] = key.split('-')
    // Shards and the delivery have documents too.
    if (!Object.hasOwn(questions, type)) continue
    const id = Buffer.from(encoded, 'base64url').toString()
    const method = questions[type as keyof typeof questions]
    const asked = { id, method, argument: undefined }
    answers.set(`${type} ${id}`, await cluster.ask(cluster.clients[1]!, type, asked))
  }
}

/** The documents that one fold of the whole log gives. */
async function refold(
  log: readonly (readonly Logged[])[],
  types: typeof hostedTypes | NonNullable<ClusterBugs['types']>,
  folded: 'Pin' | 'User',
  { pages, clients }: SimulatedCluster,
) {
  const documents = new Map<string, StoredDocument>()
  const store: DocumentStore = {
    read: async (keys) => new Map([...documents].filter(([key]) => keys.includes(key))),
    write: async (writes) => {
      for (const { key, document } of writes) documents.set(key, { ...document, etag: 'any' })
    },
  }
  const clock = clients[0]!.process
  const names = bySpace(() => new Interner({ capacity: 64 }))
  const hosted = types(names, folded)[0]!
  const shard = new HostedShard({ hosted, names, store, clock, onDeadLetter: () => {}, pages })
  for (const [partition, part] of log.entries()) {
    const entries = part.filter(
      ({ entry, isResend }) =>
        !isResend && (folded === 'Pin' ? pinOf(entry) : userOf(entry)) !== undefined,
    )
    const delivery: Delivery = {
      partition,
      after: -1,
      positions: entries.map(({ position }) => position),
      payload: Buffer.concat(entries.map(({ bytes }) => bytes)),
    }
    if (entries.length > 0) await shard.apply(0, delivery)
  }
  await shard.flush(0)
  return documents
}
