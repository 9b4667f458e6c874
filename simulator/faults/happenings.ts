/**
 * What happened in a simulated cluster, and how often: a fault or a branch that never came tests
 * nothing. When a run is traced, also when, and what was done meanwhile.
 */

/** What faults lead to, if they are worth anything. */
export const clusterBranches = [
  'a call came twice',
  'a request was lost',
  'a reply was lost',
  'a turn went on without its caller',
  'a turn where the shard was before',
  'a shard was let go in the middle of a turn',
  'a read was old',
  'a write failed',
  'a write was refused',
  'a write was done in part',
  'entries were sent again',
  'a call ended without an answer',
] as const
export type ClusterBranch = (typeof clusterBranches)[number]

export class Happenings {
  readonly counts = new Map<string, number>()
  /** Lines of a traced run. */
  readonly trace: string[] = []
  readonly #now: (() => number) | undefined

  /** With a clock it keeps a trace. */
  constructor(now?: () => number) {
    this.#now = now
  }

  add(what: ClusterBranch | `fault: ${string}`): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
    this.tell(() => what)
  }

  /** For the trace alone. */
  tell(what: () => string): void {
    if (this.#now) this.trace.push(`${this.#now().toFixed(1)} ${what()}`)
  }

  /** Takes in what happened elsewhere. */
  addAll(counts: ReadonlyMap<string, number>): void {
    for (const [what, count] of counts) this.counts.set(what, (this.counts.get(what) ?? 0) + count)
  }
}
