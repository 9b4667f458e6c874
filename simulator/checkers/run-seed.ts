/**
 * One run: a host on a disk, clients, and faults, all from one seed. A phase for safety, in which
 * faults strike; then a phase for liveness, in which nothing hinders anybody any more and all must
 * come to an end; then the host is asked what it has become, the log is read, and laws judge.
 */
import { Random } from '../../base/index.ts'
import {
  faults,
  type HostSizes,
  Network,
  OperatedHost,
  PagePool,
  SimulatedDisk,
  Stalled,
  Trace,
  VirtualTime,
  type World,
} from '../faults/index.ts'
import { ChaosClient, counterIds } from '../workload/chaos-client.ts'
import { chaosIds, chaosKinds } from '../workload/chaos-entries.ts'
import type { Evidence, Finals } from './evidence.ts'
import { FaultPlan } from './fault-plan.ts'
import { readFinals } from './finals.ts'
import { History } from './history.ts'
import { emitterOf, hostedTypes } from './hosted-types.ts'
import { laws } from './laws/index.ts'
import { type LogReading, readLog } from './log-reading.ts'

export type SeedOptions = {
  readonly seed: number
  /** Entries that are sent at least. */
  readonly entries: number
  /** Keeps every event of the trace, not only the last. */
  readonly keepsTrace?: boolean
  readonly planted?: Planted
}

/** Bugs that only tests switch on and that no patch of a class could plant. */
export type Planted = {
  /** Flushes, or flushes of folders, that do nothing. */
  readonly diskLies?: true
  readonly diskLiesAboutFolders?: true
  /** Who waits for room in a ring is not woken. */
  readonly losesWakeUps?: true
  /** Workers that take any number of asks. */
  readonly takesAnyAsks?: true
}

export const seedDefaults = Object.freeze({ entries: 500 })

export type SeedResult = {
  readonly seed: number
  /** Broken laws, and how. */
  readonly violations: readonly { readonly law: string; readonly problem: string }[]
  readonly trace: Trace
  readonly sizes: HostSizes
  readonly entries: number
  readonly faults: number
}

const STEPS_MAX = 60_000
/** For everything that goes on when faults have stopped, in virtual time. */
const PATIENCE_MS = 20_000
const DIRECTORY = '/data'

/** Shared by all runs: they follow each other. */
const pages = new PagePool()

export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  const { stackTraceLimit } = Error
  // Refusals are made by the dozen; where each was made matters to whoever reads a trace.
  if (!options.keepsTrace) Error.stackTraceLimit = 0
  try {
    return await new Run(options).run()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

class Run {
  readonly #options: SeedOptions
  readonly #random: Random
  readonly #time: VirtualTime
  readonly #trace: Trace
  readonly #sizes: HostSizes
  readonly #host: OperatedHost
  readonly #network: Network
  readonly #history: History
  readonly #clients: readonly ChaosClient[]
  readonly #plan: FaultPlan
  #sent = 0

  constructor(options: SeedOptions) {
    const { seed, keepsTrace = false, planted = {} } = options
    this.#options = options
    const random = new Random(seed)
    this.#random = random.split('run')
    const time = new VirtualTime(random.split('time'))
    this.#time = time
    const trace = new Trace(() => time.now, keepsTrace)
    this.#trace = trace
    this.#sizes = sizesOf(random.split('sizes'))
    this.#history = new History(this.#sizes.partitions)
    const disk = new SimulatedDisk()
    disk.lies = planted.diskLies === true
    disk.liesAboutFolders = planted.diskLiesAboutFolders === true
    this.#host = new OperatedHost({
      time,
      random: random.split('host'),
      trace,
      sizes: this.#sizes,
      types: hostedTypes,
      kinds: chaosKinds,
      pages,
      disk,
      losesWakeUps: planted.losesWakeUps === true,
      takesAnyAsks: planted.takesAnyAsks === true,
    })
    this.#network = new Network(time, this.#host, trace)
    this.#clients = this.#makeClients(random)
    const users = this.#clients.flatMap((client) => client.users)
    const world: World = {
      time,
      random: random.split('faults'),
      host: this.#host,
      network: this.#network,
      ids: { users, pins: chaosIds.pins },
    }
    this.#plan = new FaultPlan(world, trace, this.#sizes, options.entries)
  }

  async run(): Promise<SeedResult> {
    const { seed } = this.#options
    this.#host.start()
    const finals = await this.#live()
    let log: LogReading = { partitions: [], all: [] }
    const startProblems = [...this.#host.problems]
    try {
      log = await readLog(this.#host.disk, DIRECTORY, this.#sizes.duplicateWindow)
    } catch (error) {
      startProblems.push(`the log cannot be read in the end: ${String(error)}`)
    }
    const evidence: Evidence = {
      sizes: this.#sizes,
      history: this.#history,
      log,
      finals,
      startProblems,
      asksMost: this.#host.asksMost,
    }
    const violations = laws.flatMap((law) =>
      law.broken(evidence).map((problem) => ({ law: law.name, problem })),
    )
    for (const { law, problem } of violations) this.#trace.note(`broken: ${law}`, problem)
    const counts = this.#trace.counts
    const struck = faults.reduce((sum, { name }) => sum + (counts.get(`fault: ${name}`) ?? 0), 0)
    const sizes = this.#sizes
    return { seed, violations, trace: this.#trace, sizes, entries: this.#sent, faults: struck }
  }

  /** Both phases, and what the host says in the end; undefined where it came to no end. */
  async #live(): Promise<Finals | undefined> {
    const isOver = () => this.#sent >= this.#options.entries && this.#plan.isDone
    let running = this.#clients.length
    for (const client of this.#clients) {
      client.run(isOver).then(
        () => running--,
        (error: unknown) => this.#stuck(`${client.name} failed: ${String(error)}`),
      )
    }
    if (!(await this.#until('faults strike', () => isOver()))) return undefined
    this.#heal()
    const isQuiet = () => running === 0 && this.#host.isWell
    if (!(await this.#until('clients are answered', isQuiet))) return undefined
    return readFinals({
      host: this.#host,
      history: this.#history,
      trace: this.#trace,
      random: this.#random,
      sizes: this.#sizes,
      users: [...this.#clients.flatMap((client) => client.users), ...counterIds.map(emitterOf)],
      pins: chaosIds.pins,
      until: (what, isDone) => this.#until(what, isDone),
      isStuck: (what) => this.#stuck(what),
    })
  }

  /** Runs until then; false when nothing leads there. */
  async #until(what: string, isDone: () => boolean): Promise<boolean> {
    const deadline = this.#time.now + PATIENCE_MS
    const { problems } = this.#host
    const isOver = () => isDone() || this.#time.now > deadline || problems.length > 0
    try {
      await this.#time.run(isOver, STEPS_MAX)
    } catch (error) {
      // Anything else is an error of the simulator or of the code under it, thrown in a step.
      this.#stuck(`until ${what}: ${error instanceof Stalled ? error.message : String(error)}`)
      return false
    }
    if (problems.length > 0) return false
    if (!isDone()) this.#stuck(`${PATIENCE_MS} ms were not enough until ${what}`)
    return isDone()
  }

  #stuck(what: string): void {
    this.#history.stuck.push(what)
  }

  /** Nothing hinders anybody any more. */
  #heal(): void {
    const { disk, life } = this.#host
    disk.room = Number.POSITIVE_INFINITY
    disk.slowness = 1
    disk.failFlushes(0, this.#random)
    this.#network.requestsToLose = 0
    this.#network.answersToLose = 0
    life?.process.resume()
    for (const { process } of life?.threads.workers ?? []) process.resume()
    this.#trace.note('faults stop')
  }

  #makeClients(random: Random): ChaosClient[] {
    return Array.from({ length: 3 + random.split('clients').below(2) }, (_, n) => {
      return new ChaosClient({
        name: `c${n}`,
        random: random.split(`client ${n}`),
        time: this.#time,
        network: this.#network,
        trace: this.#trace,
        history: this.#history,
        asksMax: this.#sizes.bounds.asks,
        recommends: this.#sizes.recommends,
        onSent: (count) => {
          this.#sent += count
          this.#plan.noteSent(count)
        },
      })
    })
  }
}

function sizesOf(random: Random): HostSizes {
  const oneOf = <T>(...values: readonly T[]) => values[random.below(values.length)]!
  return {
    workers: oneOf(1, 1, 2),
    partitions: oneOf(1, 2, 3),
    segmentBytes: oneOf(2_000, 6_000, 16_000),
    acknowledge: oneOf('flushed', 'flushed', 'flushed', 'written'),
    bounds: { blocks: oneOf(1, 2, 4), records: oneOf(8, 16, 32), asks: 8 },
    duplicateWindow: oneOf(40, 400),
    stateBytesMax: oneOf(undefined, undefined, 6_000),
    snapshotBytes: oneOf(undefined, 1_500, 5_000),
    snapshotEveryMs: oneOf(undefined, undefined, 120),
    logBytes: oneOf(undefined, 0),
    recommends: random.below(12) === 0,
  }
}
