/** Where workers run, as a port: on threads, or in the steps of a simulator. */
import { Worker } from 'node:worker_threads'
import { type Signals, threadSignals } from './block-ring.ts'
import { type Channel, channelOver } from './channel.ts'
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts'

export interface Threads {
  readonly signals: Signals
  /** Starts a worker. Closing the channel ends it at once; `onEnd` hears once that it ended. */
  start(setup: WorkerSetup, onEnd: (reason: string) => void): Channel<ToWorker, FromWorker>
}

export const realThreads: Threads = {
  signals: threadSignals,
  start(setup, onEnd) {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: setup,
      // A request allocates some hundred kilobytes that die with it: a wider nursery spares them
      // the copying of a collection in their midst.
      resourceLimits: { maxYoungGenerationSizeMb: 96 },
    })
    let reason: string | undefined
    worker.on('error', (error: unknown) => {
      reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    })
    worker.on('exit', (code) => onEnd(reason ?? `it ended with ${code}`))
    return channelOver(worker, () => void worker.terminate())
  },
}
