/**
 * Workers that ended are started again: a new thread reads the newest base snapshot and the log
 * behind it, for its own actors alone, while the others go on. What the main feeder reads meanwhile
 * is fed to it last, in one moment with taking its predecessor's place, so nothing is missing and
 * nothing comes twice.
 */
import type { Clock, Logger } from '../../../base/index.ts'
import type { EventLog, Frame } from '../../log/index.ts'
import type { Feeder } from '../../projections/feeder.ts'
import type { RecordBlock } from '../../shard/record-block.ts'
import type { Manifest, Snapshots } from '../../snapshots/snapshots.ts'
import type { Blamed } from '../../worker/vitals.ts'
import type { WorkerHandle } from '../../worker/worker-handle.ts'
import type { Crew } from './crew.ts'
import { bases, catchUp, isDamage } from './recovery.ts'

export type RevivalOptions = {
  readonly crew: Crew
  readonly log: EventLog
  readonly snapshots: Snapshots
  readonly directory: string
  /** What the host's own feeder has read. */
  readonly feeder: Feeder
  /** Another feeder over the same dictionary. */
  readonly newFeeder: (emit: (block: RecordBlock) => void) => Feeder
  readonly clock: Clock
  readonly logger: Logger
  /** Tells a thread that knows its actors what the host was told: the model, to build. */
  readonly onRevived: (worker: WorkerHandle) => Promise<void>
}

/** Deaths of a worker's place in a minute after which it is given up. */
export const DEATHS_MAX = 5
const MINUTE_MS = 60_000

export class Revival {
  readonly #options: RevivalOptions
  /** Places whose worker is being started again. */
  readonly #running = new Map<number, Promise<void>>()
  /** For each of them, the frames that were fed meanwhile. */
  readonly #missed = new Map<number, Frame[]>()
  readonly #deaths = new Map<number, number[]>()
  readonly #givenUp = new Set<number>()
  /** Entries at which a thread ended. */
  readonly #suspects = new Set<string>()
  /** Base snapshots that could not be read. */
  readonly #damaged = new Set<Manifest>()
  readonly #successors = new Set<WorkerHandle>()
  #stopping = false

  constructor(options: RevivalOptions) {
    this.#options = options
  }

  /** Why the host is not whole, or undefined. */
  get failure(): string | undefined {
    const [lost] = this.#givenUp
    if (lost !== undefined) return `worker ${lost} ended ${DEATHS_MAX} times in a minute`
    const [down] = this.#running.keys()
    return down === undefined ? undefined : `worker ${down} is being started again`
  }

  /** Whether a worker is being started. */
  get isBusy(): boolean {
    return this.#running.size > 0
  }

  /** Notes a frame that the host's feeder has just read. */
  fed(frame: Frame): void {
    for (const missed of this.#missed.values()) missed.push(frame)
  }

  /**
   * Whether an entry at which a thread ended is to blame: when a second one ends there too. Once
   * may be the machine's doing, a disk that stood still for example.
   */
  isToBlame({ type, partition, position }: Blamed): boolean {
    const key = `${type} ${partition} ${position}`
    const isAgain = this.#suspects.has(key)
    this.#suspects.add(key)
    return isAgain
  }

  /** The worker of a place ended; `isExplained` when it will not end there for ever. */
  revive(worker: number, reason: string, isExplained: boolean): void {
    const { logger } = this.#options
    if (this.#stopping) return
    if (!isExplained && this.#isHopeless(worker)) {
      this.#givenUp.add(worker)
      logger.error({ worker, reason }, 'a worker ends again and again; restart the server')
      return
    }
    logger.error({ worker, reason }, 'a worker ended; it is started again')
    // A successor may end as well: its place is then begun anew, behind this attempt.
    const before = this.#running.get(worker) ?? Promise.resolve()
    const attempt = before
      .then(() => this.#attempt(worker))
      .finally(() => {
        if (this.#running.get(worker) === attempt) this.#running.delete(worker)
      })
    this.#running.set(worker, attempt)
  }

  /** Resolves when no worker is being started. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  /** Begins nothing any more; resolves when what is under way is over. */
  stop(): Promise<void> {
    this.#stopping = true
    return this.settled()
  }

  /** Ends threads that are on their way to a place. */
  end(): void {
    this.#stopping = true
    for (const successor of this.#successors) successor.end()
  }

  #isHopeless(worker: number): boolean {
    const now = this.#options.clock.monotonic()
    const deaths = (this.#deaths.get(worker) ?? []).filter((at) => at > now - MINUTE_MS)
    deaths.push(now)
    this.#deaths.set(worker, deaths)
    return deaths.length >= DEATHS_MAX
  }

  async #attempt(worker: number): Promise<void> {
    const { crew, logger } = this.#options
    if (this.#stopping || this.#givenUp.has(worker)) return
    const successor = crew.start(worker, true)
    this.#successors.add(successor)
    let base: Manifest | undefined
    try {
      base = this.#base()
      await this.#teach(worker, successor, base)
      logger.info({ worker }, 'a worker that ended is back')
    } catch (error) {
      // If it ended too, its place is being begun anew.
      const reason = error instanceof Error ? error.message : String(error)
      logger.error({ worker, reason }, 'a worker could not be started again')
      if (base && isDamage(error)) this.#damaged.add(base)
      if (successor.isDead) return
      await successor.stop()
      this.revive(worker, reason, false)
    } finally {
      this.#successors.delete(successor)
      this.#missed.delete(worker)
    }
  }

  /** The best that may still be read. LOG_DROPPED. */
  #base(): Manifest | undefined {
    const { snapshots, log, directory } = this.#options
    for (const base of bases(snapshots, log, directory)) {
      if (!base || !this.#damaged.has(base)) return base
    }
    return undefined
  }

  async #teach(worker: number, successor: WorkerHandle, base?: Manifest): Promise<void> {
    const { crew, log, snapshots, feeder, newFeeder, onRevived } = this.#options
    // In one moment: a frame is either below `until`, or noted.
    const until = [...feeder.positions()]
    const missed: Frame[] = []
    this.#missed.set(worker, missed)
    if (base) {
      const folder = snapshots.folder(base.number)
      await successor.ask({ what: 'load', folder, sections: base.parts })
    }
    const own = newFeeder((block) => crew.deliverTo(worker, successor, block))
    await catchUp(own, log, base, () => successor.room(), until)
    // In one moment: no frame is fed in it.
    feeder.flush()
    for (const frame of missed) own.feed(frame)
    own.flush()
    crew.replace(worker, successor)
    const trusted = successor.ask({ what: 'trust' })
    this.#missed.delete(worker)
    await trusted
    await onRevived(successor)
  }
}
