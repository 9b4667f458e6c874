/**
 * Requests of which the log is still telling: people look at the same time, so that what they were
 * shown stands in the log one within the other. Each keeps the rows of its beginning, as they were
 * served, however much happens before its last pin is told of.
 */
import type { KeptRows } from '../../ranking/index.ts'

export type OpenRequest = {
  readonly owner: number
  /** As the log names it; undefined where it does not: such a request has one pin. */
  readonly request: string | undefined
  readonly rows: KeptRows
  /** Pins of which the log told the save before it told that they were shown. */
  readonly saved: Set<number>
}

/** A request of ten thousand candidates takes about a megabyte. */
export const openRequestsMax = 64

export class OpenRequests {
  /** The one that began first is first. */
  readonly #open: OpenRequest[] = []

  /** Undefined for one that was not begun, or is forgotten. */
  find(owner: number, request: string | undefined): OpenRequest | undefined {
    if (request === undefined) return undefined
    return this.#open.find((open) => open.owner === owner && open.request === request)
  }

  /** Forgets the one that began first where there are too many. */
  begin(owner: number, request: string | undefined, rows: KeptRows): OpenRequest {
    const open = { owner, request, rows, saved: new Set<number>() }
    if (request === undefined) return open
    const former = this.#open.findIndex((one) => one.owner === owner && one.request === request)
    if (former >= 0) this.#open.splice(former, 1)
    this.#open.push(open)
    if (this.#open.length > openRequestsMax) this.#open.shift()
    return open
  }

  /** The user saved a pin that may be told of later. */
  saved(owner: number, pin: number): void {
    for (const open of this.#open) if (open.owner === owner) open.saved.add(pin)
  }
}
