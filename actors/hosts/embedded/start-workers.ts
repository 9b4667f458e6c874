/** The worker threads of a host, each with its share of actors; the first has the graph. */
import { join } from 'node:path'
import { bySpace, type Names, noDeclaredKinds } from '../../../base/index.ts'
import type { FeatureTable } from '../../../ranking/index.ts'
import { type WorkerEvents, WorkerHandle } from '../../worker/worker-handle.ts'
import type { RuntimeOptions } from './runtime.ts'

export type HostEvents = Omit<WorkerEvents, 'onDeath'> & {
  readonly onDeath: (worker: number, reason: string) => void
}

export function startWorkers(
  options: RuntimeOptions,
  names: Names,
  features: FeatureTable,
  events: HostEvents,
): WorkerHandle[] {
  const { workers, clock, boardsMax, types = [], kinds, stateBytesMax, directory } = options
  const memory = (worker: number) =>
    stateBytesMax === undefined
      ? undefined
      : {
          bytesMax: stateBytesMax / workers,
          path: join(directory, 'derived', `states-${worker}.mdb`),
        }
  return Array.from({ length: workers }, (_, worker) => {
    const setup = {
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
    const onDeath = (reason: string) => events.onDeath(worker, reason)
    return new WorkerHandle(setup, clock, { ...events, onDeath })
  })
}
