/**
 * A real server under faults: clients save and read all the time, a fault strikes, and when it is
 * over the server has to come back by itself. Then every save that was acknowledged is asked for.
 *
 * Faults, their order and instants come from the seed; what the machine makes of them does not. A
 * violation is seen again by running the seed again, as a rule.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, Random } from '../../../base/index.ts'
import { type ProcessFault, processFaults } from '../../faults/process/process-faults.ts'
import { mayMount, mountMemory, unmount } from '../../faults/process/tight-disk.ts'
import { VictimServer } from '../../faults/process/victim-server.ts'
import { Oracle } from './oracle.ts'
import { type ClientCounts, SavingClients } from './saving-clients.ts'

export type ProcessChaosOptions = {
  /** Path of `pinwheel.mjs`. */
  readonly program: string
  /** An existing folder, on the disk that is to be tried; what is made in it is removed. */
  readonly scratch: string
  readonly clock: Clock
  readonly seed?: number
  /** Faults that strike, each in its turn. */
  readonly rounds?: number
  /** By name; all that this machine can have by default. */
  readonly faults?: readonly string[]
  /** Modules that the server loads first: planted bugs. */
  readonly imports?: readonly string[]
  /** Ends the run soon: what was found is told, and nothing is judged. */
  readonly signal?: AbortSignal
  readonly onRound?: (findings: ProcessFindings) => void | Promise<void>
}

export const processChaosDefaults: Readonly<Required<Pick<ProcessChaosOptions, Defaulted>>> =
  Object.freeze({ seed: 0, rounds: 18, imports: [] })
type Defaulted = 'seed' | 'rounds' | 'imports'
type Settled = ProcessChaosOptions & typeof processChaosDefaults

export type RoundResult = {
  readonly fault: string
  /** Seconds since the run began. */
  readonly second: number
  /** From the end of the fault to the first save sent and acknowledged since, if there was one. */
  readonly recoveryMs: number | undefined
}

export type ProcessFindings = {
  readonly rounds: readonly RoundResult[]
  /** Acknowledged saves, and requests that were refused or broke, after so many seconds. */
  readonly pace: readonly {
    readonly second: number
    readonly acknowledged: number
    readonly refused: number
  }[]
  readonly acknowledged: number
  readonly resent: number
  readonly reads: number
  readonly lost: number
  readonly doubled: number
  readonly stale: number
  readonly wentBack: number
  /** Answers, ends and starts that no fault explains. */
  readonly wrong: readonly string[]
  readonly refusals: Readonly<Record<string, number>>
  /** It was told to stop: saves were not asked for at the end. */
  readonly isStopped: boolean
  /** Faults that this machine cannot have, and why. */
  readonly absent: Readonly<Record<string, string>>
}

const LANES = { savers: 4, readers: 2 }
const DIET = { entriesPerBatch: 4, counters: 0 }
/** Load without a fault, before and after each. */
const CALM_MS = { least: 300, most: 800 }
/** A server that acknowledges nothing for so long has not come back. */
const RECOVERY_MS_MAX = 60_000
const LOOK_MS = 5
const PACE_MS = 1_000
const TIGHT_MEGABYTES = 96

export async function processChaos(options: ProcessChaosOptions): Promise<ProcessFindings> {
  const run = new ProcessRun({ ...processChaosDefaults, ...options })
  return run.run()
}

type Recovering = {
  readonly clients: SavingClients
  readonly server: VictimServer
  /** When nothing hindered it any more. */
  readonly since: number
}

class ProcessRun {
  readonly #options: Settled
  readonly #began: number
  readonly #random: Random
  readonly #rounds: RoundResult[] = []
  readonly #pace: { second: number; acknowledged: number; refused: number }[] = []
  readonly #sums = { acknowledged: 0, resent: 0, reads: 0, lost: 0, doubled: 0 }
  readonly #odd = { stale: 0, wentBack: 0 }
  readonly #wrong: string[] = []
  readonly #refusals = new Map<string, number>()
  readonly #absent: Record<string, string> = {}
  /** Since when no fault lasts. */
  #calm: number | undefined
  /** Of the lineage that is under way, not yet in the sums. */
  #current: ClientCounts | undefined

  constructor(options: Settled) {
    this.#options = options
    this.#began = options.clock.monotonic()
    this.#random = new Random(options.seed, 0)
  }

  async run(): Promise<ProcessFindings> {
    const { clock, scratch, rounds } = this.#options
    const chosen = this.#chosen()
    // One lineage of servers on the disk as it is, one on a disk that can be filled.
    const plan = Array.from({ length: rounds }, (_, n) => chosen[n % chosen.length]!)
    const tight = plan.filter(({ needsTightDisk }) => needsTightDisk)
    const plain = plan.filter(({ needsTightDisk }) => !needsTightDisk)
    const directory = mkdtempSync(join(scratch, 'pinwheel-chaos-'))
    const stopPace = clock.every(PACE_MS, () => this.#samplePace())
    try {
      if (plain.length > 0) await this.#lineage(plain, join(directory, 'plain'))
      if (tight.length > 0 && !this.#isStopped)
        await onMemory(directory, (folder) => this.#lineage(tight, folder))
    } finally {
      stopPace()
      rmSync(directory, { recursive: true, force: true })
    }
    return this.findings()
  }

  #chosen(): ProcessFault[] {
    const { faults, scratch } = this.#options
    const asked = processFaults.filter(({ name }) => faults?.includes(name) ?? true)
    if (asked.every(({ needsTightDisk }) => !needsTightDisk) || mayMount(scratch)) return asked
    for (const { name, needsTightDisk } of asked) {
      if (needsTightDisk) this.#absent[name] = 'only root may mount a disk to fill'
    }
    return asked.filter(({ needsTightDisk }) => !needsTightDisk)
  }

  /** Servers one after the other on one directory, clients that outlive them, and a judgement. */
  async #lineage(plan: readonly ProcessFault[], directory: string): Promise<void> {
    const { program, imports, clock } = this.#options
    const server = await VictimServer.open({ program, directory, imports }).catch((error) => {
      this.#wrong.push(String(error))
    })
    if (!server) return
    const oracle = new Oracle(this.#random, DIET)
    const common = { address: server.address, oracle, clock, random: this.#random }
    const clients = new SavingClients({ ...common, calmSince: () => this.#calm })
    this.#current = clients.counts
    try {
      const load = clients.run(LANES)
      await this.#unlessStopped(this.#faults(plan, server, clients))
      clients.finish()
      if (!this.#isStopped && server.isUp && (await this.#ends(load))) {
        const { pins } = oracle.question()
        const verdict = oracle.judge({ saves: await clients.savesOf(pins), sums: [], told: [] })
        this.#sums.lost += verdict.lost
        this.#sums.doubled += verdict.doubled
      }
    } catch (error) {
      this.#wrong.push(String(error))
    } finally {
      this.#wrong.push(...server.surprises)
      this.#settle(clients.counts)
      clients.close()
      await server.close()
    }
  }

  /** One after the other, until one is not survived. */
  async #faults(
    plan: readonly ProcessFault[],
    server: VictimServer,
    clients: SavingClients,
  ): Promise<void> {
    const { clock } = this.#options
    this.#calm = clock.monotonic()
    for (const fault of plan) {
      await this.#rest()
      this.#calm = undefined
      const since = await fault.strike({ server, clock, random: this.#random })
      if (this.#isStopped) return
      const isBack = await this.#recovered({ clients, server, since }, fault.name)
      this.#calm = clock.monotonic()
      await this.#options.onRound?.(this.findings())
      if (!isBack) return
    }
    await this.#rest()
  }

  get #isStopped(): boolean {
    return this.#options.signal?.aborted === true
  }

  /** What goes on then meets a server that is closed, and its end is nobody's concern. */
  async #unlessStopped(work: Promise<void>): Promise<void> {
    const { signal } = this.#options
    const { promise: stopped, resolve } = Promise.withResolvers<void>()
    if (signal?.aborted) resolve()
    signal?.addEventListener('abort', () => resolve(), { once: true })
    await Promise.race([work.catch((error) => this.#fail(error)), stopped])
  }

  #fail(error: unknown): void {
    if (!this.#isStopped) this.#wrong.push(String(error))
  }

  #rest(): Promise<void> {
    const { least, most } = CALM_MS
    return this.#options.clock.sleep(least + this.#random.below(most - least))
  }

  async #recovered({ clients, server, since }: Recovering, fault: string): Promise<boolean> {
    const { clock } = this.#options
    const mayCome = () => server.isUp && clock.monotonic() - since < RECOVERY_MS_MAX
    while (clients.acknowledgedSince(since) === undefined && mayCome()) await clock.sleep(LOOK_MS)
    const at = clients.acknowledgedSince(since)
    const recoveryMs = at === undefined ? undefined : at - since
    this.#rounds.push({ fault, second: (since - this.#began) / 1000, recoveryMs })
    if (at === undefined) this.#wrong.push(`after "${fault}" nothing was acknowledged any more`)
    return at !== undefined
  }

  /** False where open batches are never acknowledged. */
  async #ends(load: Promise<void>): Promise<boolean> {
    const patience = new AbortController()
    const late = this.#options.clock.sleep(RECOVERY_MS_MAX, patience.signal).then(
      () => false,
      () => false,
    )
    const ended = await Promise.race([load.then(() => true), late])
    patience.abort()
    if (!ended) this.#wrong.push('batches that were sent again and again were not acknowledged')
    return ended
  }

  /** Adds what the clients of a lineage counted. */
  #settle(counts: ClientCounts): void {
    this.#current = undefined
    this.#sums.acknowledged += counts.acknowledged
    this.#sums.resent += counts.resent
    this.#sums.reads += counts.reads
    this.#odd.stale += counts.stale
    this.#odd.wentBack += counts.wentBack
    this.#wrong.push(...counts.wrong)
    for (const [why, times] of counts.refusals) {
      this.#refusals.set(why, (this.#refusals.get(why) ?? 0) + times)
    }
  }

  #samplePace(): void {
    const { acknowledged, refusals } = this.findings()
    const refused = Object.values(refusals).reduce((sum, times) => sum + times, 0)
    const second = (this.#options.clock.monotonic() - this.#began) / 1000
    this.#pace.push({ second, acknowledged, refused })
  }

  /** So far. */
  findings(): ProcessFindings {
    const now = this.#current
    const refusals = new Map(this.#refusals)
    for (const [why, times] of now?.refusals ?? []) {
      refusals.set(why, (refusals.get(why) ?? 0) + times)
    }
    return {
      rounds: [...this.#rounds],
      pace: [...this.#pace],
      ...this.#sums,
      acknowledged: this.#sums.acknowledged + (now?.acknowledged ?? 0),
      resent: this.#sums.resent + (now?.resent ?? 0),
      reads: this.#sums.reads + (now?.reads ?? 0),
      stale: this.#odd.stale + (now?.stale ?? 0),
      wentBack: this.#odd.wentBack + (now?.wentBack ?? 0),
      wrong: [...this.#wrong, ...(now?.wrong ?? [])],
      refusals: Object.fromEntries([...refusals].sort(([a], [b]) => (a < b ? -1 : 1))),
      isStopped: this.#isStopped,
      absent: { ...this.#absent },
    }
  }
}

async function onMemory(directory: string, run: (folder: string) => Promise<void>): Promise<void> {
  const folder = join(directory, 'tight')
  mkdirSync(folder)
  mountMemory(folder, TIGHT_MEGABYTES)
  try {
    await run(folder)
  } finally {
    unmount(folder)
  }
}
