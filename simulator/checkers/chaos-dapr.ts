/**
 * Seeds of the Dapr placement under faults: a safety phase in which clients work while things go
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
  Happenings,
  SimulatedCluster,
  Stalled,
} from '../faults/index.ts'
import { hostedTypes } from './dapr-actors.ts'
import { type DaprLawName, type DaprRun, daprLaws } from './dapr-laws.ts'
import { type DaprMutantName, daprMutants } from './dapr-mutants.ts'
import { DaprRecord, type Logged, pinOf, readBack, userOf } from './dapr-record.ts'
import { DaprClients } from './dapr-workload.ts'

export type DaprChaosOptions = {
  /** How many seeds, from `first` on. */
  readonly seeds: number
  readonly first: number
  /** A planted bug. */
  readonly mutant?: DaprMutantName
  /** Ends with the first seed that breaks this law. */
  readonly until?: DaprLawName
}
export type DaprViolation = {
  readonly seed: number
  readonly law: DaprLawName
  readonly problem: string
}
export type DaprChaosResult = {
  readonly seeds: number
  readonly events: number
  readonly faults: number
  readonly violations: readonly DaprViolation[]
  /** Every fault and branch, and how often it happened. */
  readonly happenings: ReadonlyMap<string, number>
  /** Of what all seeds did. */
  readonly digest: number
}

/** Virtual milliseconds in which faults strike, and how long one lasts. */
const FAULTS_MS = 350
const LASTS_MS = 200
const STEPS_MAX = 60_000

/** Runs seeds one after the other. */
export async function chaosDapr(options: DaprChaosOptions): Promise<DaprChaosResult> {
  const happenings = new Happenings()
  for (const fault of Object.keys(clusterFaults)) happenings.counts.set(`fault: ${fault}`, 0)
  const violations: DaprViolation[] = []
  const sum = { seeds: 0, events: 0, faults: 0, digest: 0 }
  for (let seed = options.first; seed < options.first + options.seeds; seed++) {
    const found = await chaosDaprSeed(seed, options.mutant)
    happenings.addAll(found.happenings)
    violations.push(...found.violations)
    sum.seeds++
    sum.events += found.events
    sum.faults += found.faults
    sum.digest = hash32(`${sum.digest} ${found.digest}`)
    if (found.violations.some(({ law }) => law === options.until)) break
  }
  return { ...sum, violations, happenings: happenings.counts }
}

/** One seed. */
export async function chaosDaprSeed(
  seed: number,
  mutant?: DaprMutantName,
): Promise<DaprChaosResult> {
  const random = new Random(seed)
  const folded = random.below(2) === 0 ? 'Pin' : 'User'
  const bugs: ClusterBugs = mutant ? daprMutants[mutant].plant() : {}
  const cluster = new SimulatedCluster({
    random,
    types: (names) => (bugs.types ?? hostedTypes)(names, folded),
    bugs,
  })
  const record = new DaprRecord()
  for (const host of cluster.hosts) cluster.start(host)
  const clients = new DaprClients(cluster, record)
  clients.start(random.split('clients'))
  const faults = plan(cluster, random.split('faults'))
  let run: DaprRun
  try {
    run = await drain(cluster, clients, record, folded)
  } finally {
    cluster.end()
  }
  const documents = cluster.store.all()
  const violations = Object.entries(daprLaws).flatMap(([law, holds]) =>
    holds(run, documents).map((problem) => ({ seed, law: law as DaprLawName, problem })),
  )
  const commits = cluster.store.commits.map(({ key, by, at }) => `${key} ${by} ${at}`)
  return {
    seeds: 1,
    events: run.log.flat().length,
    faults,
    violations,
    happenings: cluster.happenings.counts,
    digest: hash32(`${commits.join()} ${[...cluster.happenings.counts].join()}`),
  }
}

/** Has three faults or more strike while clients work. Returns how many. */
function plan(cluster: SimulatedCluster, random: Random): number {
  const count = 3 + random.below(3)
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
  record: DaprRecord,
  folded: 'Pin' | 'User',
): Promise<DaprRun> {
  const { time, store } = cluster
  const left = { answers: new Map<string, unknown>(), rewritten: [] as string[] }
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
    const before = store.commits.length
    await finished(cluster, () => cluster.redeliver())
    left.rewritten = store.commits.slice(before).map(({ key }) => key)
    await finished(cluster, () => ask(cluster, left.answers))
  } catch (error) {
    if (!(error instanceof Stalled)) throw error
    stalled = error.message
  }
  const log = cluster.log ? await readBack(cluster.log, clusterDefaults.duplicateWindow) : []
  return {
    record,
    log,
    commits: store.commits,
    deadLetters: cluster.deadLetters,
    folded,
    refolded: await refold(log, folded, cluster),
    ...left,
    stalled,
  }
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
    const id = Buffer.from(encoded, 'base64url').toString()
    const method = questions[type as keyof typeof questions]
    answers.set(`${type} ${id}`, await cluster.ask(type, id, method))
  }
}

/** The documents that one fold of the whole log gives. */
async function refold(
  log: readonly (readonly Logged[])[],
  folded: 'Pin' | 'User',
  { pages, client }: SimulatedCluster,
) {
  const documents = new Map<string, StoredDocument>()
  const store: DocumentStore = {
    read: async (keys) => new Map([...documents].filter(([key]) => keys.includes(key))),
    write: async (writes) => {
      for (const { key, document } of writes) documents.set(key, { ...document, etag: 'any' })
    },
  }
  const clock = client.process
  const names = bySpace(() => new Interner({ capacity: 64 }))
  const hosted = hostedTypes(names, folded)[0]!
  const shard = new HostedShard({ hosted, names, store, clock, onDeadLetter: () => {}, pages })
  for (const [partition, part] of log.entries()) {
    const entries = part.filter(
      ({ entry, isResend }) =>
        !isResend && (folded === 'Pin' ? pinOf(entry) : userOf(entry)) !== undefined,
    )
    const delivery: Delivery = {
      partition,
      positions: entries.map(({ position }) => position),
      payload: Buffer.concat(entries.map(({ bytes }) => bytes)),
    }
    if (entries.length > 0) await shard.apply(0, delivery)
  }
  return documents
}
