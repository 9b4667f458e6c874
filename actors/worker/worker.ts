/** The entry of a worker thread. */
import { parentPort, workerData } from 'node:worker_threads'
import { assert, systemClock } from '../../base/index.ts'
import type { AnyActorType } from '../actor.ts'
import type { HostedType } from '../engine-options.ts'
import { realDisk } from '../log/index.ts'
import { LmdbStates } from '../store/index.ts'
import { threadSignals } from './block-ring.ts'
import { channelOver } from './channel.ts'
import type { FromWorker, ToWorker, TypeModule, WorkerSetup } from './messages.ts'
import { serve } from './serve.ts'

async function loadType({ module, exported, space }: TypeModule): Promise<HostedType> {
  const loaded = (await import(module)) as Readonly<Record<string, AnyActorType>>
  const type = loaded[exported]
  assert(type !== undefined, 'the module exports the actor type that it was named for')
  return { type, space }
}

assert(parentPort !== null, 'this file is the entry of a worker thread')
const port = parentPort
// Where it cannot go on, the rejection ends the thread.
void serve(
  channelOver<FromWorker, ToWorker>(port, () => port.close()),
  workerData as WorkerSetup,
  {
    clock: systemClock,
    signals: threadSignals,
    loadType,
    openCold: (path) => LmdbStates.create(path),
    disk: realDisk,
  },
)
