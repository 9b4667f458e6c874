/**
 * The books of a run. Every arrival that was scheduled ends in exactly one of three: answered,
 * failed with a code, or refused by the client's own bound; `unsettled` is what is still under way.
 *
 * Latency counts from the scheduled instant. What ran out of time is counted with the time that it
 * waited, since to leave it out would flatter; other failures are counted by code alone, since a
 * quick refusal would flatter as well.
 */
import { LatencyHistogram } from '../../report/latency-histogram.ts'

export type RequestKind = 'feed' | 'events'

export class KindTally {
  answered = 0
  failed = 0
  refused = 0
  readonly latency = new LatencyHistogram()
}

export class Tally {
  scheduled = 0
  sent = 0
  readonly kinds: Readonly<Record<RequestKind, KindTally>> = {
    feed: new KindTally(),
    events: new KindTally(),
  }
  /** Failures and refusals by code. */
  readonly errors = new Map<string, number>()
  /** How late the client itself sent what it sent. */
  readonly lateness = new LatencyHistogram()

  /** A request of this kind was answered well, or failed with `code`, so long after its instant. */
  settle(kind: RequestKind, ms: number, code?: string): void {
    const own = this.kinds[kind]
    if (code === undefined) own.answered++
    else if (code === 'CLIENT_BOUND') own.refused++
    else own.failed++
    if (code === undefined || code === 'TIMEOUT') own.latency.record(ms)
    if (code !== undefined) this.errors.set(code, (this.errors.get(code) ?? 0) + 1)
  }

  get answered(): number {
    return this.kinds.feed.answered + this.kinds.events.answered
  }
  get failed(): number {
    return this.kinds.feed.failed + this.kinds.events.failed
  }
  get refused(): number {
    return this.kinds.feed.refused + this.kinds.events.refused
  }
  get unsettled(): number {
    return this.scheduled - this.answered - this.failed - this.refused
  }
  /** Share of what was scheduled that was not answered well. */
  get errorShare(): number {
    return this.scheduled === 0 ? 0 : (this.failed + this.refused) / this.scheduled
  }

  /** Of both kinds. */
  latency(): LatencyHistogram {
    const all = new LatencyHistogram()
    all.merge(this.kinds.feed.latency)
    all.merge(this.kinds.events.latency)
    return all
  }
}
