/**
 * The ranking side of a host that has the log: a worker thread with graph, features and model,
 * which follows the log. It answers the actor type `Ranker`; ids come and go as outside ids.
 */
import {
  bySpace,
  type Clock,
  type DeclaredKinds,
  type Interner,
  knownIds,
  type Logger,
  pinwheelError,
  ShapeError,
  type Space,
  sharedAllocator,
} from '../../../base/index.ts'
import {
  type DeepMemory,
  FeatureTable,
  type FittedMemory,
  type RankReply,
  type SlateRules,
} from '../../../ranking/index.ts'
import type { Frame } from '../../log/index.ts'
import { Feeder } from '../../projections/feeder.ts'
import { type RankAsk, rankAskShape, rankReplyShape } from '../../ranker-actor.ts'
import type { OwnedBoard } from '../../recommend-ask.ts'
import { BlockPool } from '../../shard/record-block.ts'
import { type NameSizes, sharedNames } from '../../worker/shared-names.ts'
import { WorkerHandle, workerBounds } from '../../worker/worker-handle.ts'
import type { HostLog } from './host-log.ts'

export type HostRankerOptions = NameSizes & {
  readonly log: HostLog
  readonly kinds: DeclaredKinds
  readonly clock: Clock
  readonly logger: Logger
}

export class HostRanker {
  readonly log: HostLog
  /** Numbered by the log alone, so that walks are the same on every host and after a restart. */
  readonly names: Readonly<Record<Space, Interner>>
  readonly kinds: DeclaredKinds
  readonly #logger: Logger
  readonly #worker: WorkerHandle
  readonly #feeder: Feeder
  #failure: unknown

  constructor(options: HostRankerOptions) {
    const { log, kinds, clock, logger } = options
    const names = sharedNames(options)
    this.log = log
    this.names = names
    this.kinds = kinds
    this.#logger = logger
    const blocks = new BlockPool(workerBounds.records)
    const setup = {
      workers: 1,
      takesOver: false,
      blamed: [],
      names: bySpace((space) => names[space].memory()),
      features: FeatureTable.create(options.pinsMax, sharedAllocator).columns,
      boardCapacity: options.boardsMax,
      writesGraph: true,
      desk: 0,
      memory: undefined,
      foldsActors: false,
      ranks: true,
      types: [],
      kinds,
    }
    this.#worker = new WorkerHandle(setup, clock, {
      onTaken: (block) => blocks.give(block),
      onEpoch: ({ view: { epoch } }) => logger.debug({ epoch }, 'a new graph epoch is served'),
      onDeadLetter: (letter) => logger.error(letter, 'an entry could not be applied'),
      // Nobody else ranks here.
      onJob: () => {},
      onDeath: (reason) => logger.error({ reason }, 'the ranker died; restart the host'),
    })
    const emit = this.#worker.post.bind(this.#worker)
    this.#feeder = new Feeder({ names, partitions: log.partitions, blocks, emit })
  }

  /** Entries read, resends among them. */
  get entries(): number {
    return this.#feeder.entries
  }

  /** Why the log cannot be followed any more: nothing is taken in or ranked then. */
  get failure(): unknown {
    return this.#failure
  }

  /** Takes the next frame of the log: what it saves can be walked at once. */
  feed(frame: Frame): void {
    if (this.#failure !== undefined) return
    try {
      this.#feeder.feed(frame)
      this.#feeder.flush()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Takes what the log has, and from then on what comes; resolves when it has what was there. */
  async follow(): Promise<void> {
    if (!(await this.log.isWhole())) {
      this.#logger.warn(
        {},
        'the log begins later than its first entry: the graph lacks what was before',
      )
    }
    await this.log.follow(
      (frame) => this.feed(frame),
      (error) => this.#fail(error),
    )
  }

  /** Builds an epoch from everything fed; from then on they are built in the background. */
  async build(): Promise<void> {
    await this.#worker.settled()
    await this.#worker.ask({ what: 'build' })
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
    if (this.#failure !== undefined) throw this.#failure
    const { board, ...bare } = Object(packed) as { readonly board?: unknown }
    const { user, ...ask } = this.#read(bare)
    if (board !== undefined) {
      const { owner: _owner, ...facts } = await this.#board(String(board))
      Object.assign(ask, { board: facts })
    }
    const reply = await this.#worker.ask<RankReply>({ what: 'rank', user, ask }, ask.deadlineMs * 2)
    return rankReplyShape.pack(reply, this.names)
  }

  stop(): Promise<void> {
    return this.#worker.stop()
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

  /** Of the pins to be left out, those that nobody has spoken of are left out anyway. */
  #read(packed: unknown): RankAsk {
    const { exclude } = Object(packed) as { readonly exclude?: unknown }
    const known = Array.isArray(exclude)
      ? exclude.filter((pin) => typeof pin !== 'string' || this.names.pin.find(pin) >= 0)
      : exclude
    try {
      return rankAskShape.unpack({ ...Object(packed), exclude: known }, knownIds(this.names))
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error
      const details = { type: 'Ranker', method: 'recommend', reason: error.message }
      throw pinwheelError('ARGUMENT_INVALID', details)
    }
  }
}
