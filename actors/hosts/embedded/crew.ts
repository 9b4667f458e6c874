/**
 * The workers of a host: each has its share of the actors, by the hash of their ids; the first has
 * the graph. Blocks are split among them, asks go to who has the actor.
 */
import { join } from 'node:path'
import { bySpace, type Names, noDeclaredKinds, type Space } from '../../../base/index.ts'
import type { FeatureTable } from '../../../ranking/index.ts'
import type { BlockPool, RecordBlock } from '../../shard/record-block.ts'
import type { DeadLetter } from '../../shard/shard.ts'
import type { Section } from '../../snapshots/section.ts'
import type { EpochMemory } from '../../worker/messages.ts'
import { route } from '../../worker/route.ts'
import { WorkerHandle, workerBounds } from '../../worker/worker-handle.ts'
import type { RuntimeOptions } from './runtime.ts'

export type CrewEvents = {
  readonly onEpoch: (epoch: EpochMemory) => void
  readonly onDeadLetter: (letter: DeadLetter) => void
  readonly onDeath: (worker: number, reason: string) => void
}

export class Crew {
  readonly #names: Names
  readonly #blocks: BlockPool
  readonly #workers: readonly WorkerHandle[]

  constructor(
    options: RuntimeOptions,
    names: Names,
    features: FeatureTable,
    blocks: BlockPool,
    events: CrewEvents,
  ) {
    const { workers, clock, boardsMax, types = [], kinds, stateBytesMax, directory } = options
    const { threads, bounds } = options.ports ?? {}
    this.#names = names
    this.#blocks = blocks
    const memory = (worker: number) =>
      stateBytesMax === undefined
        ? undefined
        : {
            bytesMax: stateBytesMax / workers,
            path: join(directory, 'derived', `states-${worker}.mdb`),
          }
    this.#workers = Array.from({ length: workers }, (_, worker) => {
      const setup = {
        workers,
        names: bySpace((space) => names[space].memory()),
        features: features.columns,
        boardCapacity: boardsMax,
        writesGraph: worker === 0,
        desk: worker,
        isSparse: workers > 1,
        memory: memory(worker),
        foldsActors: true,
        types: types.map(({ type: _type, ...module }) => module),
        kinds: kinds ?? noDeclaredKinds,
      }
      const heard = {
        onTaken: (block: RecordBlock) => blocks.give(block),
        onEpoch: (epoch: EpochMemory) => {
          for (const other of this.#workers.slice(1)) other.share(epoch)
          events.onEpoch(epoch)
        },
        onDeadLetter: events.onDeadLetter,
        onDeath: (reason: string) => events.onDeath(worker, reason),
      }
      const placement = { ...(threads && { threads }), bounds: { ...workerBounds, ...bounds } }
      return new WorkerHandle(setup, clock, heard, placement)
    })
  }

  get size(): number {
    return this.#workers.length
  }

  /** Who has the actor of this number. */
  of(space: Space, key: number): WorkerHandle {
    return this.#workers[this.#names[space].hash(key) % this.#workers.length]!
  }

  /** Who has the fewest asks waiting. */
  idlest(): WorkerHandle {
    return this.#workers.reduce((least, worker) =>
      worker.waiting < least.waiting ? worker : least,
    )
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

  /** Hands the records of a block to who folds them. */
  deliver(block: RecordBlock): void {
    route(block, this.#workers, this.#names, this.#blocks)
  }

  askAll<T>(ask: Parameters<WorkerHandle['ask']>[0]): Promise<T[]> {
    return Promise.all(this.#workers.map((worker) => worker.ask<T>(ask)))
  }

  /** Resolves when nothing waits for room in a ring. */
  async room(): Promise<void> {
    for (const worker of this.#workers) await worker.room()
  }

  /** Resolves when every block delivered is folded. */
  async settled(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.settled()))
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()))
  }
}
