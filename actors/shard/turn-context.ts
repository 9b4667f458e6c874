/** What an actor's instance sees of the host. A class: object literals with getters share no kind. */
export class TurnContext {
  readonly state: unknown
  readonly #id: () => string
  constructor(id: () => string, state: unknown) {
    this.#id = id
    this.state = state
  }
  get id(): string {
    return this.#id()
  }
}
