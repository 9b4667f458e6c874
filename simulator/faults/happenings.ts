/** What happened in a simulation, and how often: a fault that never struck tests nothing. */
export class Happenings {
  readonly counts = new Map<string, number>()

  add(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  /** Takes in what happened elsewhere. */
  addAll(counts: ReadonlyMap<string, number>): void {
    for (const [what, count] of counts) this.counts.set(what, (this.counts.get(what) ?? 0) + count)
  }
}
