/**
 * Where actors go that leave memory: a port, synchronous, since a turn waits for it. Bytes are
 * those of `StoredStates`; what it holds is derived from the log and may be lost.
 */
export interface ColdStore {
  /** Valid until the next call. */
  get(key: number): Uint8Array | undefined
  /** Copies the bytes. */
  put(key: number, bytes: Uint8Array): void
  delete(key: number): void
}

/** In memory: for tests, simulations, and hosts without a disk. */
export class MemoryColdStore implements ColdStore {
  readonly #states = new Map<number, Uint8Array>()

  get(key: number): Uint8Array | undefined {
    return this.#states.get(key)
  }
  put(key: number, bytes: Uint8Array): void {
    this.#states.set(key, bytes.slice())
  }
  delete(key: number): void {
    this.#states.delete(key)
  }
}
