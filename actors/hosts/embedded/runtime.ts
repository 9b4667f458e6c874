/**
 * The embedded host: log, feeder and worker threads in one process, no server needed.
 *
 * An entry's way: encoded for its partition, appended and flushed, fed (made dense, resends
 * dropped), posted in blocks to the workers that own its user, its pin and the graph. Actor state
 * is rebuilt from the log at start. Threads: the main one and `workers`.
 */
import {
  type DeclaredKinds,
  type Entry,
  type Interner,
  noDeclaredKinds,
  type PinIndex,
  type Space,
  sharedAllocator,
} from '../../../base/index.ts'
import {
  type DeepMemory,
  FeatureTable,
  type FittedMemory,
  type RankReply,
  type RowsOfModel,
  type SlateRules,
} from '../../../ranking/index.ts'
import { Asks } from '../../asks/index.ts'
import type { Inspected } from '../../engine-options.ts'
import { type EventLog, type Frame, realDisk } from '../../log/index.ts'
import { type PinActorCard, pinActor } from '../../pin-actor.ts'
import { Feeder } from '../../projections/feeder.ts'
import type { OwnedBoard, RecommendAsk } from '../../recommend-ask.ts'
import type { DeadLetter } from '../../shard/dead-letter.ts'
import { Digest } from '../../shard/digest.ts'
import { BlockPool, type RecordBlock } from '../../shard/record-block.ts'
import { SnapshotTaker } from '../../snapshots/snapshot-taker.ts'
import type { Manifest } from '../../snapshots/snapshots.ts'
import { userActor } from '../../user-actor.ts'
import type { WorkerStats } from '../../worker/messages.ts'
import { sharedNames } from '../../worker/shared-names.ts'
import { workerBounds } from '../../worker/worker-handle.ts'
import { cardsOf } from './cards-of.ts'
import { Crew } from './crew.ts'
import { type DataFiles, openDataFiles } from './data-files.ts'
import { dropNeedless } from './drop-needless.ts'
import { Instructions } from './instructions.ts'
import { type Ingested, Intake } from './intake.ts'
import { Outbox } from './outbox.ts'
import { bases, catchUp, isDamage, restore } from './recovery.ts'
import { Revival } from './revival.ts'
import type { RuntimeOptions } from './runtime-options.ts'
import { WorkerPlace } from './worker-place.ts'

export class Runtime {
  readonly names: Readonly<Record<Space, Interner>>
  readonly features: FeatureTable
  readonly log: EventLog
  /** Kinds of event beside ours that entries may have. */
  readonly kinds: DeclaredKinds
  /** Asks of listed methods, by any type and id. */
  readonly asks: Asks
  readonly #files: DataFiles
  readonly #options: RuntimeOptions
  readonly #crew: Crew
  readonly #feeder: Feeder
  readonly #intake: Intake
  readonly #outbox: Outbox
  readonly #taker: SnapshotTaker
  readonly #revival: Revival
  readonly #instructions: Instructions
  #epoch = 0
  #failure: string | undefined
  #unfed: unknown // Why frames cannot be fed; nothing is taken in then.
  #recovering = true

  private constructor(options: RuntimeOptions, files: DataFiles) {
    const { log, states, snapshots, letters } = files
    const { clock, logger, directory } = options
    this.#options = options
    this.#files = files
    this.kinds = options.kinds ?? noDeclaredKinds
    this.log = log
    const names = sharedNames(options)
    this.names = names
    const ingest = (entries: readonly Entry[]) => this.ingest(entries)
    this.#outbox = new Outbox({ states, log, clock, logger, ingest })
    this.asks = new Asks({
      types: [
        { type: userActor, space: 'user' },
        { type: pinActor, space: 'pin' },
        ...(options.types ?? []),
      ],
      names,
      place: new WorkerPlace((key) => this.#crew.of(key)),
      clock,
      states: this.#outbox,
    })
    this.features = FeatureTable.create(options.pinsMax, sharedAllocator)
    const { bounds, duplicateWindow } = options.ports ?? {}
    const blocks = new BlockPool(bounds?.records ?? workerBounds.records)
    this.#crew = new Crew(options, names, this.features, blocks, {
      onEpoch: (epoch) => this.#publish(epoch),
      blamed: () => letters.fatal,
      onDeadLetter: (letter) => this.#bury(letter),
      onDeath: (worker, reason, suspect) => {
        if (suspect && this.#revival.isToBlame(suspect)) this.#bury(suspect)
        this.#revival.revive(worker, reason, suspect !== undefined)
      },
    })
    this.#instructions = new Instructions(this.#crew)
    const newFeeder = (emit: (block: RecordBlock) => void) => {
      const { partitions } = log
      const window = duplicateWindow === undefined ? {} : { duplicateWindow }
      return new Feeder({ names, partitions, blocks, emit, ...window })
    }
    this.#feeder = newFeeder((block) => this.#crew.deliver(block))
    this.#intake = new Intake(log, this.#feeder)
    this.#revival = new Revival({
      crew: this.#crew,
      log,
      snapshots,
      ...{ directory, feeder: this.#feeder },
      newFeeder,
      clock,
      logger,
      onRevived: (worker) => this.#instructions.repeat(worker),
    })
    this.#taker = new SnapshotTaker({
      disk: options.files?.disk ?? realDisk,
      snapshots,
      crew: this.#crew,
      feeder: this.#feeder,
      names,
      clock,
      logger,
      growthMin: options.snapshotBytes ?? Number.POSITIVE_INFINITY,
      onTaken: () => this.#dropLog(),
    })
  }

  /**
   * Locks the directory, brings back the newest base snapshot that is whole, reads the log from
   * there, and opens unless `bulk`. LOG_DAMAGED, LOG_DROPPED and the like.
   */
  static async start(options: RuntimeOptions): Promise<Runtime> {
    const files = await openDataFiles(options)
    const { snapshots, log } = files
    const damaged: Manifest[] = []
    try {
      for (const base of bases(snapshots, log, options.directory)) {
        const runtime = new Runtime(options, files)
        try {
          await runtime.#recover(base)
        } catch (error) {
          await runtime.#stopWorkers()
          if (!base || !isDamage(error)) throw error
          const { number } = base
          options.logger.error({ number, error }, 'a base snapshot is damaged; trying without it')
          damaged.push(base)
          continue
        }
        for (const { number } of damaged) await snapshots.discard(number)
        return runtime
      }
      throw new Error('there is always a base to try, or a reason why not')
    } catch (error) {
      await files.close()
      throw error
    }
  }

  /** Reads the log from its start again and feeds it: nothing must be applied twice. */
  async redeliver(): Promise<void> {
    for await (const frame of this.log.read()) this.#feeder.feed(frame)
    await this.settled()
  }

  /** Why the host should not be asked, or undefined. */
  get failure(): string | undefined {
    return this.#failure ?? this.#files.failure() ?? this.#revival.failure
  }
  /** Entries that could not be applied, oldest first. */
  get deadLetters(): readonly DeadLetter[] {
    return this.#files.letters.all
  }
  get rules(): SlateRules {
    return this.#crew.rules
  }
  get epoch(): number {
    return this.#epoch
  }
  get workers(): number {
    return this.#crew.size
  }
  /** Records of the log that the worker which is furthest behind has not folded. */
  get lag(): number {
    return this.#crew.lag
  }
  get entries(): number {
    return this.#feeder.entries
  }
  get resends(): number {
    return this.#feeder.resends
  }

  partitionOf(id: string): number {
    return this.#intake.partitionOf(id)
  }

  /**
   * Appends checked entries; resolves when they are flushed and on their way to their actors.
   * LOG_WRITE_FAILED when none of a partition's could be written; CAPACITY once ids exceed those
   * reserved.
   */
  async ingest(entries: readonly Entry[]): Promise<Ingested> {
    if (this.#unfed !== undefined) throw this.#unfed
    const ingested = await this.#intake.append(entries)
    this.#taker.consider()
    await this.#crew.room()
    return ingested
  }

  /** Makes a base snapshot of everything appended so far, while the host goes on. */
  snapshot(): Promise<Manifest> {
    return this.#taker.take()
  }

  /** False when `after` names entries of this user's partition that are not applied yet. */
  hasApplied(after: string | undefined, id: string): boolean {
    return this.#intake.hasApplied(after, id)
  }

  recommend(ask: RecommendAsk): Promise<RankReply> {
    return this.#crew.recommend(ask)
  }

  /** What the graph's thread knows of a board; undefined of one that is unknown or gone. */
  board(board: number): Promise<OwnedBoard | undefined> {
    return this.#crew.first.ask({ what: 'board', board })
  }

  /** Cards by pin, asked of their owners at once. */
  cards(pins: readonly PinIndex[]): Promise<(PinActorCard | undefined)[]> {
    return cardsOf(this.#crew, pins)
  }

  inspect(space: 'user' | 'pin', key: number): Promise<Inspected> {
    return this.#crew.of(key).ask({ what: 'inspect', space, key })
  }

  topUsers(limit: number): Promise<{ readonly user: number; readonly saves: number }[]> {
    return this.#crew.topUsers(limit)
  }

  /** Resolves when everything appended so far is applied. */
  async settled(): Promise<void> {
    do {
      await this.#revival.settled()
      this.#feeder.flush()
      await this.#crew.settled()
      // A worker may have ended at what it was to fold.
    } while (this.#revival.isBusy)
  }

  /** Builds an epoch from everything applied, and waits for it. */
  async buildEpoch(): Promise<void> {
    await this.settled()
    await this.#crew.askAll({ what: 'build' })
  }

  /** Builds the first epoch and lets background builds begin. */
  async open(): Promise<void> {
    await this.buildEpoch()
    await this.#instructions.open()
  }

  /** MODEL_UNFIT when the bytes are not a ranker for these features; the former one stays. */
  useModel(bytes: Uint8Array): Promise<void> {
    return this.#instructions.useModel(bytes)
  }

  /** The same for the model of generation 3, which was read already. */
  useDeep(memory: DeepMemory): Promise<void> {
    return this.#instructions.useDeep(memory)
  }

  /** The same for the model of generation 2. */
  useFitted(memory: FittedMemory): Promise<void> {
    return this.#instructions.useFitted(memory)
  }

  /** Puts other rules of slates in force, on every thread. */
  useRules(rules: SlateRules): Promise<void> {
    return this.#crew.useRules(rules)
  }

  async digest(): Promise<string> {
    await this.settled()
    const digest = new Digest()
    for (const part of await this.#crew.askAll<string>({ what: 'digest' })) digest.merge(part)
    return digest.hex()
  }

  stats(): Promise<WorkerStats[]> {
    return this.#crew.askAll({ what: 'stats' })
  }

  /** Rows of features that the last answers had, by thread and model. */
  scored(): Promise<RowsOfModel[][]> {
    return this.#crew.askAll({ what: 'scored' })
  }

  /** Takes an actor out of memory; it comes back when touched. */
  async evict(type: string, id: string): Promise<void> {
    const { key } = this.asks.find(type, id)
    await this.#crew.of(key).ask({ what: 'evict', type, key })
  }

  /**
   * Takes in nothing more, answers what was asked, folds what was taken in, and closes the files.
   * When `signal` aborts, threads are ended where they are: the log has everything.
   */
  async stop(signal?: AbortSignal): Promise<void> {
    const end = () => {
      this.#revival.end()
      this.#crew.end()
    }
    if (signal?.aborted) end()
    signal?.addEventListener('abort', end, { once: true })
    try {
      await this.asks.stop()
      await this.#outbox.stop()
      await this.#stopWorkers()
      await this.#files.close()
    } finally {
      signal?.removeEventListener('abort', end)
    }
  }

  async #stopWorkers(): Promise<void> {
    await this.#taker.stop()
    await this.#revival.stop()
    await this.#crew.stop()
  }

  async #recover(base: Manifest | undefined): Promise<void> {
    const { disk = realDisk } = this.#options.files ?? {}
    if (base) {
      const folder = this.#files.snapshots.folder(base.number)
      await restore(base, { disk, folder, names: this.names, crew: this.#crew })
      const { number, entries } = base
      this.#options.logger.info({ number, entries }, 'the log is read from a base snapshot on')
    }
    await catchUp(this.#feeder, this.log, base, async (frame) => {
      this.#revival.fed(frame)
      this.#options.onRecovered?.(this.#feeder.entries)
      await this.#crew.room()
    })
    this.#feeder.flush()
    this.log.onFlushed((frame) => this.#feed(frame))
    this.#recovering = false
    // Goes on while the host serves; whoever emits next waits for it.
    this.#outbox.sent().catch(() => {})
    if (!this.#options.bulk) await this.open()
  }

  #dropLog(): Promise<void> {
    return dropNeedless({
      log: this.log,
      kept: this.#files.snapshots.kept,
      window: this.#feeder.window,
      needed: this.#outbox.needs(),
      logBytes: this.#options.logBytes,
      logger: this.#options.logger,
    })
  }

  #feed(frame: Frame): void {
    try {
      this.#intake.feed(frame)
      this.#revival.fed(frame)
    } catch (error) {
      // What is in the log stays there; but this host can no longer follow it.
      this.#unfed = error
      this.#failure = error instanceof Error ? error.message : String(error)
      this.#options.logger.error({ error: this.#failure }, 'the log cannot be followed any more')
    }
  }

  #publish(epoch: number): void {
    this.#epoch = epoch
    if (!this.#recovering) {
      this.#options.logger.debug({ epoch: this.#epoch }, 'a new graph epoch is served')
    }
  }

  #bury(letter: DeadLetter): void {
    if (!this.#files.letters.add(letter)) return
    this.#options.logger.error(letter, 'an entry could not be applied')
  }
}
