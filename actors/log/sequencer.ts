/**
 * Hands on flushed frames in order of their sequence, though partitions flush side by side: whoever
 * follows the log live sees the order that a reader sees after a restart, so both give the same
 * dense numbers. A frame waits for those before it to be flushed or to have failed.
 */
import type { Frame } from './event-log.ts'

type Held = { readonly frame: Frame | undefined; readonly done: () => void }

export class Sequencer {
  readonly #deliver: (frame: Frame) => void
  readonly #held = new Map<number, Held>()
  #taken = 0
  #next = 0

  constructor(deliver: (frame: Frame) => void) {
    this.#deliver = deliver
  }

  /** Sequences below `sequence` are in the log already. */
  startAt(sequence: number): void {
    this.#taken = Math.max(this.#taken, sequence)
    this.#next = this.#taken
  }

  take(): number {
    return this.#taken++
  }

  /** The frame of a sequence is on disk; resolves when it has been handed on. */
  flushed(frame: Frame): Promise<void> {
    return new Promise((done) => this.#settle(frame.sequence, { frame, done }))
  }

  /** The frame of a sequence will never be on disk. */
  failed(sequence: number): void {
    this.#settle(sequence, { frame: undefined, done: () => {} })
  }

  #settle(sequence: number, held: Held): void {
    this.#held.set(sequence, held)
    for (;;) {
      const next = this.#held.get(this.#next)
      if (!next) return
      this.#held.delete(this.#next++)
      if (next.frame) this.#deliver(next.frame)
      next.done()
    }
  }
}
