/**
 * What was told of things by dense number: flags and the time of the latest word. Only what
 * something was told of takes room, up to the highest such number: 9 bytes each.
 */
export class EdgeNotes {
  #flags = new Uint8Array(0)
  #times = new Float64Array(0)
  /** Highest number heard of + 1. */
  size = 0
  /** Hears what a number said before it changes. */
  onChange: ((index: number, flags: number, time: number) => void) | undefined

  /** Flags by number; those behind the end have none. */
  get told(): Uint8Array {
    return this.#flags
  }

  flags(index: number): number {
    return index < this.#flags.length ? this.#flags[index]! : 0
  }

  time(index: number): number {
    return index < this.#times.length ? this.#times[index]! : 0
  }

  /** Sets the flags unless something newer was said; true when they changed. */
  note(index: number, flags: number, time: number): boolean {
    this.touch(index)
    this.#reach(index)
    if (time < this.#times[index]!) return false
    this.onChange?.(index, this.#flags[index]!, this.#times[index]!)
    this.#times[index] = time
    const changed = this.#flags[index] !== flags
    this.#flags[index] = flags
    return changed
  }

  /** There is such a thing; nothing is said of it. */
  touch(index: number): void {
    if (index >= this.size) this.size = index + 1
  }

  #reach(index: number): void {
    if (index < this.#flags.length) return
    const length = Math.max(1024, this.#flags.length * 2, index + 1)
    const flags = new Uint8Array(length)
    flags.set(this.#flags)
    this.#flags = flags
    const times = new Float64Array(length)
    times.set(this.#times)
    this.#times = times
  }
}
