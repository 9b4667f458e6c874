/** What all workers of a host were told, and those that come later are told, too. */
import type { DeepMemory, FittedMemory } from '../../../ranking/index.ts'
import type { Ask } from '../../worker/messages.ts'
import type { WorkerHandle } from '../../worker/worker-handle.ts'
import type { Crew } from './crew.ts'

export class Instructions {
  readonly #crew: Crew
  /** What is in charge, by what it is. */
  readonly #models = new Map<Ask['what'], Ask>()
  #isOpen = false

  constructor(crew: Crew) {
    this.#crew = crew
  }

  /** Lets background builds begin, now that there is an epoch. */
  async open(): Promise<void> {
    this.#isOpen = true
    await this.#crew.askAll({ what: 'open' })
  }

  /** The small ranker. MODEL_UNFIT: the former one stays. */
  useModel(bytes: Uint8Array): Promise<void> {
    return this.#use({ what: 'use-model', bytes })
  }

  /** That of generation 3. MODEL_UNFIT: the former one stays. */
  useDeep(memory: DeepMemory): Promise<void> {
    return this.#use({ what: 'use-deep', memory })
  }

  /** That of generation 2. MODEL_TOO_LARGE, KERNEL_MISSING: the former one stays. */
  useFitted(memory: FittedMemory): Promise<void> {
    return this.#use({ what: 'use-fitted', memory })
  }

  /** Tells a worker that comes later. */
  async repeat(worker: WorkerHandle): Promise<void> {
    for (const ask of this.#models.values()) await worker.ask(ask)
    if (!this.#isOpen) return
    await worker.ask({ what: 'build' })
    await worker.ask({ what: 'open' })
  }

  async #use(ask: Ask): Promise<void> {
    await this.#crew.askAll(ask)
    this.#models.set(ask.what, ask)
  }
}
