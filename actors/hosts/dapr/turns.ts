/**
 * One turn at a time per shard, in this process too. The sidecar lets one call into a shard; but it
 * gives the lock back when the caller is gone, or the shard was moved away and came back, though a
 * turn that waits for the store goes on. The next one would see what that one has not written yet.
 */
export class Turns {
  /** By shard: settles when the last turn so far is over; never rejects. */
  readonly #last = new Map<number, Promise<unknown>>()

  /** Runs `turn` when those before it are over. */
  run<T>(shard: number, turn: () => Promise<T>): Promise<T> {
    const before = this.#last.get(shard)
    const result = before ? before.then(turn) : turn()
    const over = result
      .catch(() => {})
      .then(() => {
        if (this.#last.get(shard) === over) this.#last.delete(shard)
      })
    this.#last.set(shard, over)
    return result
  }
}
