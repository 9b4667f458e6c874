/**
 * Calls of one id that wait for services, one after the other, in order of arrival. Begun together
 * they would share the thread, and all would end with the last.
 */
export class Lane {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `work` when the calls before it have ended, however they ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => {})
    return mine
  }
}
