import type { EmittedEvent } from '../actor.ts'
import type { Emitted } from './emitted.ts'

/** What an actor's instance sees of the host. A class: object literals with getters share no kind. */
export class TurnContext {
  readonly state: unknown
  readonly #id: () => string
  readonly #emitted: Emitted
  constructor(id: () => string, state: unknown, emitted: Emitted) {
    this.#id = id
    this.state = state
    this.#emitted = emitted
  }
  get id(): string {
    return this.#id()
  }
  emit(event: EmittedEvent): void {
    this.#emitted.emit(event)
  }
}
