/**
 * The ranking side of a host that has the log: a worker thread with graph, features and model,
 * which follows the log. It answers the actor type `Ranker`; ids come and go as outside ids.
 */
import {
  type Clock,
  type DeclaredKinds,
  type Interner,
  inTime,
  knownIds,
  type Logger,
  pinwheelError,
  ShapeError,
  type Space,
} from '../../../base/index.ts'
import {
  type DeepMemory,
  type FittedMemory,
  type Manifest as ModelManifest,
  type RankReply,
  type RowsOfModel,
  rulesDefaults,
  type SlateRules,
} from '../../../ranking/index.ts'
import { type Frame, realDisk } from '../../log/index.ts'
import type { PinActorCard } from '../../pin-actor.ts'
import { Feeder } from '../../projections/feeder.ts'
import { type RankAsk, rankAskShape, rankReplyShape } from '../../ranker-actor.ts'
import type { OwnedBoard } from '../../recommend-ask.ts'
import { type Answer, answerOf } from '../../recommender/answer.ts'
import { type ModelReport, modelReports } from '../../recommender/model-reports.ts'
import { BlockPool } from '../../shard/record-block.ts'
import type { SnapshotTaker } from '../../snapshots/snapshot-taker.ts'
import type { Manifest } from '../../snapshots/snapshots.ts'
import type { Ask, WorkerStats } from '../../worker/messages.ts'
import { type NameSizes, sharedNames } from '../../worker/shared-names.ts'
import { WorkerHandle, workerBounds } from '../../worker/worker-handle.ts'
import { isDamage, restore } from '../embedded/recovery.ts'
import { Delay } from './delay.ts'
import { FrameMarks } from './frame-marks.ts'
import type { HostLog } from './host-log.ts'
import { knownPart } from './known-part.ts'
import { framesBetween, RankerBases } from './ranker-bases.ts'
import { rankerSetup } from './ranker-worker.ts'
import { Waiters } from './waiters.ts'

export type HostRankerOptions = NameSizes & {
  readonly log: HostLog
  /** Where base snapshots lie, and bytes of entries between two at least; else it has none. */
  readonly bases?: { readonly directory: string; readonly growthMin: number }
  readonly kinds: DeclaredKinds
  readonly clock: Clock
  readonly logger: Logger
}

/** What a ranker has. */
export type RankerFacts = Omit<WorkerFacts, 'counters'> & {
  readonly users: number
  readonly entries: number
  /** What the rules in force say of pins that were served lately: an edge remembers those. */
  readonly served: SlateRules['served']
  /** Positions that it has read to, by partition; -1 of one without entries. */
  readonly positions: readonly number[]
  /** How long the oldest frame that it has not read waits. */
  readonly behindMs: number
}
type WorkerFacts = Pick<WorkerStats, 'pins' | 'boards' | 'edges' | 'epoch' | 'counters'> & {
  readonly model?: string
}

/** Read your writes: an answer waits until the ranker has the log up to there. */
type Since = { readonly partition: number; readonly position: number }

export class HostRanker {
  readonly log: HostLog
  readonly #clock: Clock
  /** Of the rankers that serve. */
  manifests: () => Iterable<ModelManifest> = () => []
  readonly #positions: number[]
  readonly #read: readonly Waiters[]
  /** Numbered by the log alone, so that walks are the same on every host and after a restart. */
  readonly names: Readonly<Record<Space, Interner>>
  readonly kinds: DeclaredKinds
  readonly #logger: Logger
  readonly #worker: WorkerHandle
  readonly #blocks: BlockPool
  readonly #feeder: Feeder
  /** By partition, where frames that were read lie. */
  readonly #marks: readonly FrameMarks[]
  readonly #delay: Delay
  #taker: SnapshotTaker | undefined
  #bases: RankerBases | undefined
  /** What a base snapshot has of the log ends here. */
  #after = -1
  #rules = rulesDefaults
  #failure: unknown

  private constructor(options: HostRankerOptions) {
    const { log, kinds, clock, logger } = options
    const names = sharedNames(options)
    this.log = log
    this.#clock = clock
    this.#positions = new Array<number>(log.partitions).fill(-1)
    this.#read = this.#positions.map(() => new Waiters())
    this.names = names
    this.kinds = kinds
    this.#logger = logger
    const blocks = new BlockPool(workerBounds.records)
    this.#worker = new WorkerHandle(rankerSetup(options, names), clock, {
      onTaken: (block) => blocks.give(block),
      onEpoch: (epoch) => logger.debug({ epoch }, 'a new graph epoch is served'),
      onDeadLetter: (letter) => logger.error(letter, 'an entry could not be applied'),
      // Nobody else ranks here.
      onJob: () => {},
      onDeath: (reason) => logger.error({ reason }, 'the ranker died; restart the host'),
    })
    const emit = this.#worker.post.bind(this.#worker)
    this.#feeder = new Feeder({ names, partitions: log.partitions, blocks, emit })
    this.#marks = this.#positions.map(() => new FrameMarks(this.#feeder.window))
    this.#blocks = blocks
    const waitingSince = () => log.waitingSince(Math.max(...this.#positions))
    this.#delay = new Delay({ waitingSince, clock })
  }

  /** With what the newest base snapshot that fits has; `follow` reads the log from there. */
  static async open(options: HostRankerOptions): Promise<HostRanker> {
    const { bases, logger } = options
    if (!bases) return new HostRanker(options)
    const opened = await RankerBases.open(bases.directory)
    for (const base of opened.kept) {
      const ranker = new HostRanker(options)
      try {
        await ranker.#load(base, opened.place(base))
        ranker.#keepBases(opened, bases.growthMin)
        return ranker
      } catch (error) {
        await ranker.stop()
        if (!isDamage(error)) throw error
        const reason = (error as Error).message
        logger.warn({ number: base.number, reason }, 'a base snapshot does not fit the log')
      }
    }
    const ranker = new HostRanker(options)
    ranker.#keepBases(opened, bases.growthMin)
    return ranker
  }

  /** Entries read, resends among them. */
  get entries(): number {
    return this.#feeder.entries
  }

  /** How long the oldest frame of the log that was not read waits. */
  get behindMs(): number {
    return this.#delay.ms
  }

  /** Why the log cannot be followed any more: nothing is taken in or ranked then. */
  get failure(): unknown {
    return this.#failure
  }

  /** Takes the next frame of the log: what it saves can be walked at once. */
  feed(frame: Frame): void {
    const { partition, first, count } = frame
    const isKnown = first + count <= this.#feeder.positions()[partition]!
    if (isKnown || count === 0 || this.#failure !== undefined) return
    try {
      this.#feeder.feed(frame)
      this.#feeder.flush()
      this.#marks[partition]!.add(frame)
      this.#taker?.consider()
      this.#positions[partition] = Math.max(this.#positions[partition]!, first + count - 1)
      this.#read[partition]!.reach(first + count - 1)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Takes what the log has, and from then on what comes; resolves when it has what was there. */
  async follow(): Promise<void> {
    if (!(await this.log.isWhole(this.#after))) {
      this.#logger.warn(
        {},
        'the log begins later than its first entry: the graph lacks what was before',
      )
    }
    await this.log.follow(
      (frame) => {
        this.feed(frame)
        return this.#worker.room()
      },
      (error) => this.#fail(error),
      [...this.#feeder.positions()],
    )
  }

  /**
   * Builds an epoch from everything fed, or its graph, so that it can be walked; the rest, and what
   * comes later, are built in the background.
   */
  async build(part?: 'graph'): Promise<void> {
    await this.#worker.settled()
    await this.#worker.ask({ what: 'build', ...(part && { part }) })
    await this.#worker.ask({ what: 'open' })
  }

  /** MODEL_UNFIT when the bytes are not a ranker for these features; the former one stays. */
  async useModel(bytes: Uint8Array): Promise<void> {
    await this.#worker.ask({ what: 'use-model', bytes })
  }

  /** The same for the model of generation 3, which was read already. */
  async useDeep(memory: DeepMemory): Promise<void> {
    await this.#worker.ask({ what: 'use-deep', memory })
  }

  /** Puts the model of generation 2 in charge, which was read already. */
  async useFitted(memory: FittedMemory): Promise<void> {
    await this.#worker.ask({ what: 'use-fitted', memory })
  }

  /** Puts other rules of slates in force. */
  async useRules(rules: SlateRules): Promise<void> {
    await this.#worker.ask({ what: 'use-rules', rules })
    this.#rules = rules
  }

  /** The outside id of whose a board is. BOARD_UNKNOWN. */
  async ownerOf(board: string): Promise<string> {
    return this.names.user.id((await this.#board(board)).owner)
  }

  /**
   * Answers a `RankAsk` by a `RankReply`, both as they cross hosts; a board is an id there, and this
   * host knows the rest. ARGUMENT_INVALID, BOARD_UNKNOWN.
   */
  async recommend(packed: unknown): Promise<unknown> {
    return rankReplyShape.pack((await this.#rank(packed)).reply, this.names)
  }

  /**
   * The same with the cards of its pins, and with `since`: `stale` where the log was not read so
   * far in time. PIN_UNKNOWN where pins near one that nobody has spoken of are sought.
   */
  async answer(packed: unknown): Promise<Answer & { readonly stale?: true }> {
    const { since, ...asked } = Object(packed) as { readonly since?: Since }
    const { relatedTo, deadlineMs } = asked as { relatedTo?: string[]; deadlineMs?: number }
    for (const id of relatedTo ?? []) {
      if (this.names.pin.find(id) < 0) throw pinwheelError('PIN_UNKNOWN', { id })
    }
    const isStale = since !== undefined && !(await this.#reached(since, Number(deadlineMs) / 2))
    const { reply, explain } = await this.#rank(asked)
    const cards = (pins: readonly number[]) =>
      this.#worker.ask<(PinActorCard | undefined)[]>({ what: 'cards', pins })
    const answer = await answerOf(reply, explain, { names: this.names, cards })
    return { ...answer, ...(isStale && { stale: true as const }) }
  }

  async facts(): Promise<RankerFacts> {
    const { pins, boards, edges, epoch, model } = await this.#stats()
    const users = this.names.user.size
    const sizes = { users, pins, boards, edges, entries: this.entries }
    const { served } = this.#rules
    const known = { served, positions: this.#positions, behindMs: this.behindMs }
    return { ...sizes, epoch, ...(model !== undefined && { model }), ...known }
  }

  /** Users with the most saves on public boards. */
  async users(limit: number): Promise<{ readonly id: string; readonly saves: number }[]> {
    type Top = { readonly user: number; readonly saves: number }
    const top = await this.#worker.ask<Top[]>({ what: 'top-users', limit })
    return top.map(({ user, saves }) => ({ id: this.names.user.id(user), saves }))
  }

  /** Of the rankers that serve, each with its features, the most drifted first. */
  async models(): Promise<ModelReport[]> {
    return modelReports(this.manifests(), [
      await this.#worker.ask<RowsOfModel[]>({ what: 'scored' }),
    ])
  }

  /** Makes a base snapshot of everything read so far, where this process makes them. */
  async snapshot(): Promise<void> {
    await this.#taker?.take()
  }

  async stop(): Promise<void> {
    this.#delay.stop()
    for (const waiters of this.#read) waiters.letGo()
    await this.#taker?.stop()
    await this.#worker.stop()
    this.#bases?.close()
  }

  /** BASE_DAMAGED, STATE_DAMAGED. */
  async #load(base: Manifest, folder: string): Promise<void> {
    const last = Math.max(...base.positions) - 1
    const unfit = (reason: string) =>
      pinwheelError('BASE_DAMAGED', { file: folder, offset: 0, reason })
    const count = base.positions.length
    if (count !== this.log.partitions) throw unfit(`it is of a log of ${count} partitions`)
    if (!(await this.log.isWhole(last))) throw unfit('the log has not what follows it')
    const askAll = (ask: Ask) => this.#worker.ask(ask)
    const begins = this.#feeder.resume(base)
    // What was before needs neither ids nor the worker: it tells what comes again.
    const ends = await Promise.allSettled([
      restore(base, { disk: realDisk, folder, names: this.names, crew: { askAll } }),
      this.#readWindow(begins, base.positions),
    ])
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    this.#after = last
    for (const [partition, next] of base.positions.entries()) {
      this.#positions[partition] = next - 1
      this.#read[partition]!.reach(next - 1)
    }
    this.#logger.info(
      { number: base.number, entries: base.entries },
      'read from a base snapshot on',
    )
  }

  async #readWindow(begins: readonly number[], ends: readonly number[]): Promise<void> {
    for await (const frame of framesBetween(this.log, begins, ends)) this.feed(frame)
  }

  #keepBases(bases: RankerBases, growthMin: number): void {
    this.#bases = bases
    this.#taker = bases.taker({
      crew: { keep: (folder) => this.#worker.keep(this.#blocks.take(), folder) },
      feeder: this.#feeder,
      names: this.names,
      clock: this.#clock,
      logger: this.#logger,
      growthMin,
      begins: () => {
        return this.#feeder.positions().map((next, partition) => {
          const marks = this.#marks[partition]!
          marks.forget(next - 1)
          return marks.begin(next - 1)
        })
      },
    })
  }

  #stats(): Promise<WorkerFacts> {
    return this.#worker.ask<WorkerFacts>({ what: 'stats' })
  }

  async #rank(packed: unknown): Promise<{ readonly reply: RankReply; readonly explain: boolean }> {
    if (this.#failure !== undefined) throw this.#failure
    const { board, ...bare } = Object(packed) as { readonly board?: unknown }
    const { user, ...ask } = this.#unpack(bare)
    if (board !== undefined) {
      const { owner: _owner, ...facts } = await this.#board(String(board))
      Object.assign(ask, { board: facts })
    }
    const reply = await this.#worker.ask<RankReply>({ what: 'rank', user, ask }, ask.deadlineMs * 2)
    return { reply, explain: ask.explain }
  }

  /** False where the log was not read so far in time. */
  async #reached({ partition, position }: Since, ms: number): Promise<boolean> {
    // What a stream had before it was divided anew lies before all that it has now.
    if (this.log.isOneOrder && Math.max(...this.#positions) >= position) return true
    await inTime(this.#clock, ms, Promise.resolve(this.#read[partition]?.until(position)))
    return (this.#positions[partition] ?? -1) >= position
  }

  #fail(error: unknown): void {
    this.#failure = error
    const reason = error instanceof Error ? error.message : String(error)
    this.#logger.error({ reason }, 'the log cannot be followed any more')
  }

  async #board(id: string): Promise<OwnedBoard> {
    const board = this.names.board.find(id)
    const ask = { what: 'board', board } as const
    const found = board < 0 ? undefined : await this.#worker.ask<OwnedBoard | undefined>(ask)
    if (!found) throw pinwheelError('BOARD_UNKNOWN', { id })
    return found
  }

  #unpack(packed: unknown): RankAsk {
    try {
      return rankAskShape.unpack(knownPart(packed, this.names), knownIds(this.names))
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error
      const details = { type: 'Ranker', method: 'recommend', reason: error.message }
      throw pinwheelError('ARGUMENT_INVALID', details)
    }
  }
}
