/** The threads of a fit: all solve a half-sweep together; one that dies fails it. */
import { Worker } from 'node:worker_threads'
import { pinwheelError } from '../../../base/index.ts'
import type { IalsMemory, Side } from './ials-memory.ts'
import type { IalsSetup } from './ials-thread.ts'

/** Of a thread: all that grows lies outside of it. */
const HEAP_MB = 128

export function startIalsThread(setup: IalsSetup): Worker {
  return new Worker(new URL('./ials-thread.ts', import.meta.url), {
    workerData: setup,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
}

export class IalsThreads {
  readonly #memory: IalsMemory
  readonly #workers: Worker[] = []
  readonly #lost = Promise.withResolvers<never>()

  constructor(memory: IalsMemory, start: (setup: IalsSetup) => Worker) {
    this.#memory = memory
    // Nobody need hear of it between half-sweeps.
    this.#lost.promise.catch(() => {})
    const { shape, wasm } = memory
    for (let thread = 0; thread < shape.threads; thread++) {
      const worker = start({ shape, wasm, thread })
      worker.once('error', (error) => this.fail(lost(error.message, error)))
      worker.once('exit', (code) => this.fail(lost(`it ended with ${code}`)))
      this.#workers.push(worker)
    }
  }

  /** Rejects the half-sweep under way, and all after it. */
  fail(reason: unknown): void {
    this.#lost.reject(reason)
  }

  /** Solves all rows of a side. FACTORS_THREAD_LOST, or what `fail` was told. */
  async solve(side: Side): Promise<void> {
    Atomics.store(this.#memory.control, 0, 0)
    const done = this.#workers.map((worker) => {
      return new Promise<void>((resolve) => {
        worker.once('message', () => resolve())
        worker.postMessage(side)
      })
    })
    await Promise.race([Promise.all(done), this.#lost.promise])
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

function lost(reason: string, cause?: unknown) {
  return pinwheelError('FACTORS_THREAD_LOST', { reason }, cause)
}
