/** Where workers run, as a port: on threads, or in the steps of a simulator. */
import { endThread, startThread } from '../../base/index.ts'
import { type Signals, threadSignals } from './block-ring.ts'
import { type Channel, channelOver } from './channel.ts'
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts'

export type WorkerEnd = {
  readonly reason: string
  /** The runtime threw: what an actor throws is caught in its turn. */
  readonly isError: boolean
}

export interface Threads {
  readonly signals: Signals
  /** Starts a worker. Closing the channel ends it at once; `onEnd` hears once that it ended. */
  start(setup: WorkerSetup, onEnd: (end: WorkerEnd) => void): Channel<ToWorker, FromWorker>
}

export const realThreads: Threads = {
  signals: threadSignals,
  start(setup, onEnd) {
    const worker = startThread(new URL('./worker.ts', import.meta.url), {
      workerData: setup,
      // A request allocates some hundred kilobytes that die with it: a wider nursery spares them
      // the copying of a collection in their midst.
      resourceLimits: { maxYoungGenerationSizeMb: 96 },
    })
    let end: WorkerEnd | undefined
    worker.on('error', (error: unknown) => {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
      const { code } = Object(error) as { readonly code?: unknown }
      end = { reason, isError: code !== 'ERR_WORKER_OUT_OF_MEMORY' }
    })
    worker.on('exit', (code) => onEnd(end ?? { reason: `it ended with ${code}`, isError: false }))
    return channelOver(worker, () => void endThread(worker))
  },
}
