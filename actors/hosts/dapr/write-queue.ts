/**
 * In which shards are written, of all types of a host, one after the other. They fall due together,
 * since events came to all of them at once; written at once, or without a pause, they would hold up
 * whatever else the host is asked. So there are rests between them where much is to be written, and
 * writing takes no more than its share of the time (a leaky bucket: ITU-T I.371, GCRA); but nothing
 * waits longer than the bound for it.
 */
import type { Clock } from '../../../base/index.ts'
import { Turns } from './turns.ts'

export type WriteQueueOptions = {
  readonly clock: Clock
  /** Of the time, what writing takes while nothing waits too long. */
  readonly share?: number
  /** How long what was folded may wait at most, in ms. */
  readonly latestMs?: number
  /** What may be written without a rest takes its share of so long. */
  readonly burstMs?: number
}

export const writeQueueDefaults = Object.freeze({ share: 0.2, latestMs: 30_000, burstMs: 3_000 })

/** The one place of what is written one after the other. */
const QUEUE = 0

export class WriteQueue {
  readonly #options: Required<WriteQueueOptions>
  readonly #turns = new Turns()
  /** Until when what was written so far has its share of the time; monotonic. */
  #takenUntil = Number.NEGATIVE_INFINITY

  constructor(options: WriteQueueOptions) {
    this.#options = { ...writeQueueDefaults, ...options }
  }

  /** Runs `write` in its turn, of what changed at `since` (monotonic) first. */
  run(since: number, write: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, share, latestMs, burstMs } = this.#options
    return this.#turns.run(QUEUE, async () => {
      const rest = Math.min(this.#takenUntil - burstMs, since + latestMs) - clock.monotonic()
      if (rest > 0) await clock.sleep(rest, signal)
      const began = clock.monotonic()
      try {
        await write()
      } finally {
        const took = clock.monotonic() - began
        this.#takenUntil = Math.max(this.#takenUntil, began) + took / share
      }
    })
  }
}
