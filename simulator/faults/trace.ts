/**
 * What happened in a run, in order: the last events for whoever looks for the cause of a failure, a
 * digest of all for whoever asks whether two runs are the same, and how often everything happened
 * that is worth counting.
 */
import { hash32 } from '../../base/index.ts'

const LAST_EVENTS = 50

type Noted = { readonly at: number; readonly what: string; readonly detail: string | number }

export class Trace {
  /** How often what happened. */
  readonly counts = new Map<string, number>()
  #events: Noted[] = []
  readonly #keepsAll: boolean
  readonly #now: () => number
  #digest = 0
  #count = 0

  constructor(now: () => number, keepsAll = false) {
    this.#now = now
    this.#keepsAll = keepsAll
  }

  /** A number that two runs share only when all that happened was the same, at the same times. */
  get digest(): number {
    return this.#digest >>> 0
  }

  note(what: string, detail: string | number = ''): void {
    const at = this.#now()
    this.#digest = hash32(detail, hash32(what, hash32(Math.floor(at * 1000), this.#digest)))
    this.#count++
    this.#events.push({ at, what, detail })
    if (!this.#keepsAll && this.#events.length >= 2 * LAST_EVENTS) {
      this.#events = this.#events.slice(-LAST_EVENTS)
    }
  }

  /** Notes something that a run of many seeds must have seen. */
  count(what: string, detail: string | number = ''): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
    this.note(what, detail)
  }

  /** The last events, or all where they were kept, a line each. */
  lines(): string[] {
    const shown = this.#keepsAll ? this.#events : this.#events.slice(-LAST_EVENTS)
    const first = this.#count - shown.length
    return shown.map(({ at, what, detail }, i) => {
      return `${String(first + i).padStart(5)} ${at.toFixed(2).padStart(9)} ms  ${what} ${detail}`
    })
  }
}
