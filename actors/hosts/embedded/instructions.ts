/** What all workers of a host were told, and those that come later are told, too. */
import type { FittedMemory, ModelKind } from '../../../ranking/index.ts'
import type { Ask } from '../../worker/messages.ts'
import { modelAsk } from '../../worker/model-ask.ts'
import type { WorkerHandle } from '../../worker/worker-handle.ts'
import type { Crew } from './crew.ts'

export class Instructions {
  readonly #crew: Crew
  readonly #models = new Map<ModelKind, Ask>()
  #fitted: Ask | undefined
  #isOpen = false

  constructor(crew: Crew) {
    this.#crew = crew
  }

  /** Lets background builds begin, now that there is an epoch. */
  async open(): Promise<void> {
    this.#isOpen = true
    await this.#crew.askAll({ what: 'open' })
  }

  /** MODEL_UNFIT: the former one stays. */
  async useModel(bytes: Uint8Array, kind: ModelKind): Promise<void> {
    const ask = await modelAsk(bytes, kind)
    await this.#crew.askAll(ask)
    this.#models.set(kind, ask)
  }

  /** MODEL_TOO_LARGE, KERNEL_MISSING: the former one stays. */
  async useFitted(memory: FittedMemory): Promise<void> {
    const ask = { what: 'use-fitted', memory } as const
    await this.#crew.askAll(ask)
    this.#fitted = ask
  }

  /** Tells a worker that comes later. */
  async repeat(worker: WorkerHandle): Promise<void> {
    for (const ask of this.#models.values()) await worker.ask(ask)
    if (this.#fitted) await worker.ask(this.#fitted)
    if (!this.#isOpen) return
    await worker.ask({ what: 'build' })
    await worker.ask({ what: 'open' })
  }
}
