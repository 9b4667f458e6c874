/**
 * Tells the server what was seen: a pin that stood at least half in view for a moment, once for
 * each answer it came in. Impressions are sent in batches, and at once when the page is left; one
 * that cannot be sent is dropped, since nothing the reader did depends on it.
 */
import type { EventEntry } from '../../base/index.ts'
import type { RequestPlace } from '../../ranking/index.ts'

/** Where a pin stood in an answer. */
export type Showing = {
  readonly user: string
  readonly pin: string
  readonly request: string
  readonly rank: number
  readonly generation: string
  /** As the answer told it. */
  readonly propensity: number
}
export type ImpressionPorts = {
  readonly send: (entries: readonly EventEntry[]) => Promise<unknown>
  readonly later: (ms: number, task: () => void) => () => void
  readonly now: () => number
  readonly freshId: () => string
  readonly place: () => RequestPlace
}

export const impressionDefaults = { dwellMs: 600, batchMs: 2_000, batchMax: 50 }

export class Impressions {
  readonly #ports: ImpressionPorts
  readonly #told = new Set<string>()
  readonly #dwelling = new Map<string, () => void>()
  #waiting: EventEntry[] = []
  #stopTimer: (() => void) | undefined

  constructor(ports: ImpressionPorts) {
    this.#ports = ports
  }

  /** The pin came into view; it counts when it stays. */
  enter(showing: Showing): void {
    const name = nameOf(showing)
    if (this.#told.has(name) || this.#dwelling.has(name)) return
    const stop = this.#ports.later(impressionDefaults.dwellMs, () => {
      this.#dwelling.delete(name)
      this.#note(showing)
    })
    this.#dwelling.set(name, stop)
  }

  /** The pin left the view. */
  leave(showing: Showing): void {
    const name = nameOf(showing)
    this.#dwelling.get(name)?.()
    this.#dwelling.delete(name)
  }

  /** Sends what waits. */
  flush(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    const entries = this.#waiting
    this.#waiting = []
    if (entries.length > 0) this.#ports.send(entries).catch(() => {})
  }

  #note(showing: Showing): void {
    const { now, freshId, later, place } = this.#ports
    const { user, pin, ...where } = showing
    this.#told.add(nameOf(showing))
    const context = { ...where, viewed: true, ...place() }
    this.#waiting.push({ kind: 'impression', id: freshId(), time: now(), user, pin, context })
    if (this.#waiting.length >= impressionDefaults.batchMax) this.flush()
    else this.#stopTimer ??= later(impressionDefaults.batchMs, () => this.flush())
  }
}

function nameOf({ request, pin }: Showing): string {
  return `${request} ${pin}`
}
