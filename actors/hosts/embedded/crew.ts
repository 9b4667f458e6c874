/**
 * The workers of a host: each has its share of the actors, dealt out by dense number; the first has
 * the graph. Blocks are split among them, asks go to who has the actor.
 */
import { join } from 'node:path'
import { bySpace, letGo, NONE, noDeclaredKinds } from '../../../base/index.ts'
import {
  type FeatureTable,
  type JobMemory,
  type RankReply,
  rulesDefaults,
  type SlateRules,
  type UserContext,
} from '../../../ranking/index.ts'
import { pinActor } from '../../pin-actor.ts'
import type { RecommendAsk } from '../../recommend-ask.ts'
import type { DeadLetter } from '../../shard/dead-letter.ts'
import type { BlockPool, RecordBlock } from '../../shard/record-block.ts'
import type { Section } from '../../snapshots/section.ts'
import { userActor } from '../../user-actor.ts'
import type { EpochMemory } from '../../worker/messages.ts'
import { ownerOf, route } from '../../worker/route.ts'
import type { SharedNames } from '../../worker/shared-names.ts'
import type { Blamed, CarefulStep } from '../../worker/vitals.ts'
import { WorkerHandle, workerBounds } from '../../worker/worker-handle.ts'
import type { RuntimeOptions } from './runtime-options.ts'

/** What workers are told of a host. */
export type CrewOptions = Pick<
  RuntimeOptions,
  'workers' | 'clock' | 'boardsMax' | 'types' | 'kinds' | 'stateBytesMax' | 'directory' | 'ports'
> & {
  /** False where nobody is recommended anything. */
  readonly ranks?: boolean
  readonly freshShare?: number
}

export type CrewEvents = {
  /** Entries that ended a thread before: no other shall fold them. */
  readonly blamed: () => readonly Blamed[]
  readonly onEpoch: (epoch: number) => void
  readonly onDeadLetter: (letter: DeadLetter) => void
  /** `suspect`: the entry that it was at. */
  readonly onDeath: (worker: number, reason: string, suspect: DeadLetter | undefined) => void
}

export class Crew {
  readonly #options: CrewOptions
  readonly #names: SharedNames
  readonly #features: FeatureTable
  readonly #blocks: BlockPool
  readonly #events: CrewEvents
  readonly #workers: WorkerHandle[]
  /** Threads started so far. */
  #started = 0
  #epoch: EpochMemory | undefined
  #rules = rulesDefaults

  constructor(
    options: CrewOptions,
    names: SharedNames,
    features: FeatureTable,
    blocks: BlockPool,
    events: CrewEvents,
  ) {
    this.#options = options
    this.#names = names
    this.#features = features
    this.#blocks = blocks
    this.#events = events
    this.#workers = Array.from({ length: options.workers }, (_, worker) => this.start(worker))
  }

  get size(): number {
    return this.#workers.length
  }

  /** A thread for a worker's place, which `replace` puts there. */
  start(worker: number, takesOver = false): WorkerHandle {
    const { workers, clock, boardsMax, types = [], kinds, stateBytesMax, directory } = this.#options
    const { freshShare } = this.#options
    const { threads, bounds } = this.#options.ports ?? {}
    // A file of its own: that of a thread that ended may still be open.
    const path = join(directory, 'derived', `states-${worker}-${this.#started++}.mdb`)
    const setup = {
      workers,
      names: bySpace((space) => this.#names[space].memory()),
      features: this.#features.columns,
      boardCapacity: boardsMax,
      writesGraph: worker === 0,
      desk: worker,
      memory: stateBytesMax === undefined ? undefined : { bytesMax: stateBytesMax / workers, path },
      takesOver,
      blamed: this.#events.blamed(),
      folds: 'actors' as const,
      ranks: this.#options.ranks ?? true,
      ...(freshShare !== undefined && { freshShare }),
      types: types.map(({ type: _type, ...module }) => module),
      kinds: kinds ?? noDeclaredKinds,
    }
    const placement = { ...(threads && { threads }), bounds: { ...workerBounds, ...bounds } }
    const events = {
      onTaken: (block: RecordBlock) => this.#blocks.give(block),
      onEpoch: (epoch: number, shared?: EpochMemory) => this.#publish(epoch, shared),
      onDeadLetter: this.#events.onDeadLetter,
      onJob: (job: JobMemory) => this.#findHelp(worker, job),
      onDeath: (reason: string, step: CarefulStep | undefined) => {
        this.#events.onDeath(worker, reason, step && this.#letter(step, reason))
      },
    }
    const started = new WorkerHandle(setup, clock, events, placement)
    if (this.#epoch && worker > 0) started.share(this.#epoch)
    return started
  }

  /** Puts a thread that knows what its predecessor knew in its place. */
  replace(worker: number, successor: WorkerHandle): void {
    this.#workers[worker] = successor
    // Before anybody else asks: nothing that is forbidden may be shown. If it ends, another comes.
    successor.ask({ what: 'use-rules', rules: this.#rules }).catch(() => {})
  }

  /** Rules of slates in force. */
  get rules(): SlateRules {
    return this.#rules
  }

  async useRules(rules: SlateRules): Promise<void> {
    this.#rules = rules
    await this.askAll({ what: 'use-rules', rules })
  }

  /** Records of the worker that is furthest behind. */
  get lag(): number {
    return Math.max(...this.#workers.map((worker) => worker.lag))
  }

  /** Who has the actor of this number. */
  of(key: number): WorkerHandle {
    return this.#workers[ownerOf(key, this.#workers.length)]!
  }

  /** Who has the graph. */
  get first(): WorkerHandle {
    return this.#workers[0]!
  }

  /** Who has the fewest asks waiting, of those that live. */
  idlest(): WorkerHandle {
    return this.#workers.reduce((least, worker) => {
      if (worker.isDead) return least
      return least.isDead || worker.waiting < least.waiting ? worker : least
    })
  }

  /** Hands the records of a block to who folds them. */
  deliver(block: RecordBlock): void {
    route(block, this.#workers, this.#blocks)
  }

  /** The same for the records of one place, to whoever is to be there. */
  deliverTo(worker: number, successor: WorkerHandle, block: RecordBlock): void {
    const places = this.#workers.map((_, place) => (place === worker ? successor : undefined))
    route(block, places, this.#blocks)
  }

  askAll<T>(ask: Parameters<WorkerHandle['ask']>[0]): Promise<T[]> {
    return Promise.all(this.#workers.map((worker) => worker.ask<T>(ask)))
  }

  /** Users with the most saves, by their actors. */
  async topUsers(limit: number): Promise<{ readonly user: number; readonly saves: number }[]> {
    const ask = { what: 'top-users', limit } as const
    const lists = await this.askAll<{ user: number; saves: number }[]>(ask)
    const all = lists.flat().sort((a, b) => b.saves - a.saves || a.user - b.user)
    return all.slice(0, limit)
  }

  /** Has every worker keep what it has at this moment; the files they made in `folder`. */
  async keep(folder: string): Promise<Section[]> {
    const made = await Promise.allSettled(
      this.#workers.map((worker) => worker.keep(this.#blocks.take(), folder)),
    )
    // All have settled: nobody keeps anything any more that the next snapshot could disturb.
    return made.flatMap((part) => {
      if (part.status === 'rejected') throw part.reason
      return part.value
    })
  }

  /** Resolves when nothing waits for room in a ring. */
  async room(): Promise<void> {
    for (const worker of this.#workers) await worker.room()
  }

  /** Resolves when every block delivered is folded. */
  async settled(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.settled()))
  }

  /** Ends every thread at once. */
  end(): void {
    for (const worker of this.#workers) worker.end()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()))
  }

  /**
   * Answers where the user's actor lives; while that worker is at something and another has nothing
   * to do, there, by what the actor tells.
   */
  async recommend(ask: RecommendAsk): Promise<RankReply> {
    const timeout = ask.deadlineMs * 2
    const idle = this.idlest()
    const owner = ask.user === NONE ? idle : this.of(ask.user)
    if (owner.waiting === 0 || idle.waiting > 0) {
      return owner.ask({ what: 'recommend', ask }, timeout)
    }
    const { clock } = this.#options
    const began = clock.monotonic()
    const user = await owner.ask<UserContext>({ what: 'context', user: ask.user }, timeout)
    const deadlineMs = Math.max(0, ask.deadlineMs - (clock.monotonic() - began))
    return idle.ask({ what: 'rank', user, ask: { ...ask, deadlineMs } }, timeout)
  }

  /** Whoever has nothing to do takes part in what a worker ranks. */
  #findHelp(asker: number, job: JobMemory): void {
    const idle = this.#workers.find((worker, place) => {
      return place !== asker && worker.waiting === 0 && !worker.isDead
    })
    // If it ends, the asker does the rest.
    idle?.ask({ what: 'help', job }).catch(() => {})
  }

  #letter({ type: place, partition, position, key }: CarefulStep, reason: string): DeadLetter {
    const hosted = [
      { type: userActor, space: 'user' as const },
      { type: pinActor, space: 'pin' as const },
      ...(this.#options.types ?? []),
    ]
    const { type, space } = hosted[place]!
    const id = key === NONE ? '' : this.#names[space].id(key)
    return { type: type.name, id, partition, position, reason, isFatal: true }
  }

  #publish(epoch: number, shared: EpochMemory | undefined): void {
    this.#events.onEpoch(epoch)
    if (!shared) return
    this.#epoch = shared
    for (const worker of this.#workers.slice(1)) worker.share(shared)
    letGo(shared.bytes)
  }
}
