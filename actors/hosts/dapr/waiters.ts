/** Who waits for a position that grows. */
export class Waiters {
  #reached = -1
  #waiting: { readonly position: number; readonly resolve: () => void }[] = []

  get reached(): number {
    return this.#reached
  }

  until(position: number): Promise<void> {
    if (this.#reached >= position) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ position, resolve }))
  }

  reach(position: number): void {
    if (position <= this.#reached) return
    this.#reached = position
    for (const { position: wanted, resolve } of this.#waiting) if (wanted <= position) resolve()
    this.#waiting = this.#waiting.filter(({ position: wanted }) => wanted > position)
  }

  /** Nobody will tell any more: who waits goes on. */
  letGo(): void {
    for (const { resolve } of this.#waiting) resolve()
    this.#waiting = []
  }
}
