/**
 * Work that is done a slice at a time beside what answers: at most a share of one core, so that
 * others on the machine have theirs. With a share of 1 it yields and no more.
 */
import type { Clock } from '../../base/index.ts'

/** Timers are no finer. */
const REST_MS_MIN = 1

export class Pace {
  readonly #share: number
  readonly #clock: Clock
  #owed = 0

  constructor(share: number, clock: Clock) {
    this.#share = share
    this.#clock = clock
  }

  /** Resolves when the next slice may begin. */
  async rest(): Promise<void> {
    if (this.#owed < REST_MS_MIN) return this.#clock.yield()
    const owed = this.#owed
    this.#owed = 0
    await this.#clock.sleep(owed)
  }

  work(slice: () => void): void {
    const began = this.#clock.monotonic()
    slice()
    this.#owed += (this.#clock.monotonic() - began) * (1 / this.#share - 1)
  }
}
