/**
 * The one home of time. Everything else receives a `Clock`, so that a simulator can run the same
 * code on virtual time.
 */

/** Milliseconds since the Unix epoch. */
export type EpochMs = number

export interface Clock {
  /** Wall time, ms since the epoch. May step backwards when the machine's clock does. */
  now(): EpochMs
  /** Milliseconds from an arbitrary origin; never steps backwards. */
  monotonic(): number
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `task` every `ms` until the returned function is called; never keeps a process alive. */
  every(ms: number, task: () => void): () => void
  /** Lets timers and I/O run: resolves in a later macrotask. */
  yield(): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }, ms)
      signal?.addEventListener('abort', stop, { once: true })
    }),
  every: (ms, task) => {
    const timer = setInterval(task, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
  yield: () => new Promise((resolve) => setImmediate(resolve)),
}

type Sleeper = { at: number; wake: () => void }

/** The driver of fake time for tests: `advance` wakes sleepers and intervals in order of time. */
export class ManualClock implements Clock {
  #now: EpochMs
  #sleepers: Sleeper[] = []

  constructor(start: EpochMs = 0) {
    this.#now = start
  }

  now(): EpochMs {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      this.#sleepers.push({ at: this.#now + ms, wake: resolve })
      signal?.addEventListener('abort', () => reject(signal.reason), {
        once: true,
      })
    })
  }

  every(ms: number, task: () => void): () => void {
    let live = true
    const again = () => {
      if (!live) return
      task()
      this.#sleepers.push({ at: this.#now + ms, wake: again })
    }
    this.#sleepers.push({ at: this.#now + ms, wake: again })
    return () => {
      live = false
    }
  }

  yield(): Promise<void> {
    return Promise.resolve()
  }

  /** Moves time forward by `ms`, waking whoever is due, earliest first. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      let next: Sleeper | undefined
      for (const s of this.#sleepers) if (s.at <= end && (!next || s.at < next.at)) next = s
      if (!next) break
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1)
      this.#now = Math.max(this.#now, next.at)
      next.wake()
    }
    this.#now = end
  }
}
