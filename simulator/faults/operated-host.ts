/**
 * A host and who operates it: life after life of one process on one disk. A life ends by a kill, by
 * a power loss, by a stop, or because the host said that its disk failed; the operator then starts
 * the next one. A start that is refused is tried again; one that finds planted damage gets the disk
 * back as it was before.
 */
import { type HostedModule, Runtime } from '../../actors/index.ts'
import { type Clock, errorCode, type Logger, type Random, silentLogger } from '../../base/index.ts'
import { heapStore } from '../../graph/index.ts'
import type { PagePool } from './page-pool.ts'
import { ProcessDisk } from './process-disk.ts'
import type { SimulatedDisk } from './simulated-disk.ts'
import { SimulatedThreads } from './simulated-threads.ts'
import type { Trace } from './trace.ts'
import { SimulatedProcess, type VirtualTime } from './virtual-time.ts'

/** How a simulated host is laid out: small, and different from seed to seed. */
export type HostSizes = {
  readonly workers: number
  readonly partitions: number
  readonly segmentBytes: number
  readonly acknowledge: 'flushed' | 'written'
  readonly bounds: { readonly blocks: number; readonly records: number; readonly asks: number }
  readonly duplicateWindow: number
  /** Bytes of users and pins in memory, if there is a bound. */
  readonly stateBytesMax: number | undefined
  /** Bytes of entries between two base snapshots, and of log that is kept, if any is dropped. */
  readonly snapshotBytes: number | undefined
  /** How often the operator asks for one beside. */
  readonly snapshotEveryMs: number | undefined
  readonly logBytes: number | undefined
  /** Whether it builds epochs, and so recommends. */
  readonly recommends: boolean
}

export type OperatedHostOptions = {
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly sizes: HostSizes
  readonly types: readonly HostedModule[]
  readonly kinds: ReadonlyMap<string, number>
  readonly pages: PagePool
  /** As it comes, or with bugs planted. */
  readonly disk: SimulatedDisk
  /** A planted bug: who waits for room in a ring is not woken. */
  readonly losesWakeUps?: boolean
  /** A planted bug: workers take any number of asks. */
  readonly takesAnyAsks?: boolean
}

export type Life = {
  readonly process: SimulatedProcess
  readonly threads: SimulatedThreads
  /** Once it serves. */
  runtime: Runtime | undefined
}

/** Distinct users, pins, boards and tags that a simulated host has room for. */
const IDS_MAX = 96
const FRESH_EDGES_MAX = 1_000
/** From a start that was refused to the next. */
const AGAIN_MS = 60
const WALL_CLOCK_AT_START = 1_700_000_000_000

export class OperatedHost {
  readonly #options: OperatedHostOptions
  #disk: SimulatedDisk
  /** The disk before damage was planted, until a start has found it. */
  #undamaged: SimulatedDisk | undefined
  #life: Life | undefined
  #wallClock = WALL_CLOCK_AT_START
  #sizes: HostSizes
  /** What should not have happened, in words. */
  readonly problems: string[] = []
  /** Most asks that were with one worker at once. */
  asksMost = 0

  constructor(options: OperatedHostOptions) {
    this.#options = options
    this.#sizes = options.sizes
    this.#disk = options.disk
  }

  get disk(): SimulatedDisk {
    return this.#disk
  }

  /** The life that runs, serving or not. */
  get life(): Life | undefined {
    return this.#life
  }

  /** The host, if it can be asked. */
  get serving(): (Life & { readonly runtime: Runtime }) | undefined {
    return this.#life?.runtime && (this.#life as Life & { readonly runtime: Runtime })
  }

  /** Whether it serves, and the operator has no reason to end that. */
  get isWell(): boolean {
    const { serving } = this
    return serving !== undefined && serving.runtime.failure === undefined
  }

  /** Begins a life. */
  start(sizes: HostSizes = this.#sizes): void {
    const { time, random, trace, types, pages } = this.#options
    this.#sizes = sizes
    const process = new SimulatedProcess(time, this.#wallClock)
    pages.takeBack()
    const threads = new SimulatedThreads({
      time,
      host: process,
      startsAt: this.#wallClock,
      types: new Map(types.map((type) => [type.exported, type])),
      diskOf: (worker) => new ProcessDisk(this.#disk, worker, random),
      memory: {
        pages: { allocate: pages.allocate, pageBytes: 1 << 17 },
        graph: { store: heapStore, edgeCapacity: () => FRESH_EDGES_MAX },
      },
      losesWakeUps: this.#options.losesWakeUps === true,
    })
    const life: Life = { process, threads, runtime: undefined }
    this.#life = life
    trace.count('start')
    const disk = new ProcessDisk(this.#disk, process, random)
    this.#run(life, disk).then(
      (runtime) => {
        if (this.#life !== life) return
        trace.note('serves', runtime.entries)
        this.#undamaged = undefined
        life.runtime = runtime
        const { snapshotEveryMs } = this.#sizes
        const ask = () => void runtime.snapshot().catch(() => {})
        if (snapshotEveryMs !== undefined) process.every(snapshotEveryMs, ask)
      },
      (error: unknown) => {
        if (this.#life === life) this.#refused(error)
      },
    )
  }

  #run({ process, threads }: Life, disk: ProcessDisk): Promise<Runtime> {
    const { types, kinds, trace, random } = this.#options
    const { workers, partitions, duplicateWindow, stateBytesMax } = this.#sizes
    const { segmentBytes, acknowledge, recommends, snapshotBytes, logBytes } = this.#sizes
    const { takesAnyAsks = false } = this.#options
    const bounds = { ...this.#sizes.bounds, ...(takesAnyAsks && { asks: 1_000 }) }
    return Runtime.start({
      directory: '/data',
      workers,
      partitions,
      usersMax: IDS_MAX,
      pinsMax: IDS_MAX,
      boardsMax: IDS_MAX,
      tagsMax: IDS_MAX,
      clock: process as Clock,
      logger: this.#logger(),
      files: { disk, segmentBytes, acknowledge },
      types,
      kinds,
      bulk: !recommends,
      ...(stateBytesMax !== undefined && { stateBytesMax }),
      ...(snapshotBytes !== undefined && { snapshotBytes }),
      ...(logBytes !== undefined && { logBytes }),
      ports: { threads, lock: async () => () => {}, bounds, duplicateWindow },
      onLogFailure: (reason) => {
        trace.count('host says that its log failed', reason)
        this.#restartAfter(20 + random.below(60), process)
      },
    })
  }

  /** Counts what the host says. */
  #logger(): Logger {
    const { trace } = this.#options
    const hear = (_: unknown, words: unknown) => {
      if (typeof words === 'string') trace.count(`host says: ${words}`)
    }
    return { ...silentLogger, info: hear, warn: hear, error: hear } as Logger
  }

  /** Ends the life that runs; the next begins a little later. */
  end(how: 'kill' | 'power loss'): void {
    const { random, trace } = this.#options
    this.#stopNow(how)
    if (how === 'power loss') this.#disk = this.#disk.afterPowerLoss(random)
    trace.count(how)
    this.#startLater()
  }

  /** Ends the life and damages the disk; the operator can undo that once a start was refused. */
  damage(damaged: SimulatedDisk): void {
    this.#stopNow('kill')
    this.#undamaged ??= this.#disk
    this.#disk = damaged
    this.#startLater()
  }

  /** Ends the life as an operator does who is in no hurry. Resolves when it is over. */
  async stop(): Promise<void> {
    const life = this.serving
    if (!life) return
    this.#life = undefined
    await new Promise<void>((resolve, reject) => {
      life.process.do(() => life.runtime.stop().then(resolve, reject))
    })
    this.asksMost = Math.max(this.asksMost, life.threads.asksMost)
    life.threads.kill()
  }

  /** The wall clock of the machine is set. */
  jump(ms: number): void {
    this.#wallClock += ms
    if (!this.#life) return
    this.#life.process.jump(ms)
    for (const { process } of this.#life.threads.workers) process.jump(ms)
  }

  #stopNow(how: string): void {
    const life = this.#life
    this.#life = undefined
    if (!life) return
    this.#options.trace.note(`life ends by ${how}`)
    this.asksMost = Math.max(this.asksMost, life.threads.asksMost)
    life.threads.kill()
  }

  #startLater(ms = 0): void {
    const { time, random } = this.#options
    time.after(ms + random.below(40), () => {
      if (!this.#life) this.start()
    })
  }

  #restartAfter(ms: number, process: SimulatedProcess): void {
    this.#options.time.after(ms, () => {
      if (this.#life?.process === process) this.end('kill')
    })
  }

  #refused(error: unknown): void {
    const { trace } = this.#options
    const code = errorCode(error) ?? (error as { code?: string }).code ?? String(error)
    trace.count(`start refused`, code)
    this.#stopNow('refusal')
    const isDiskError = code === 'EIO' || code === 'ENOSPC' || code === 'LOG_WRITE_FAILED'
    if (this.#undamaged && (code === 'LOG_DAMAGED' || code === 'DIRECTORY_INVALID')) {
      trace.count('damage found at start')
      this.#disk = this.#undamaged
      this.#undamaged = undefined
    } else if (!isDiskError) {
      this.problems.push(`a start was refused: ${String(error)}`)
      return
    }
    this.#startLater(AGAIN_MS)
  }
}
