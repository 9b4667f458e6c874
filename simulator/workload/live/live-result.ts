/** What a live run says of a server, and of itself: a measurement not to be trusted says so. */
import {
  type LatencyBucket,
  type LatencySummary,
  latencySummary,
} from '../../report/latency-histogram.ts'
import type { Doings, Driven, Second } from './drive.ts'
import type { Freshness } from './freshness.ts'
import type { KindTally, Tally } from './tally.ts'

/**
 * The client itself: `latenessMs` is how long after its instant a request was sent. All latencies
 * hold that time. It is to be trusted while it takes at most a fifth of a core for each thousand
 * requests a second, and while its lateness is small beside what it measures.
 */
export type ClientReport = {
  /** Of one core, from the end of the warm-up on. */
  readonly cpuShare?: number
  readonly latenessMs: LatencySummary
  readonly trusted: boolean
  /** Why not. */
  readonly doubts: readonly string[]
}

export type KindReport = {
  readonly requestsPerSecond: number
  readonly answered: number
  readonly failed: number
  readonly refused: number
  readonly latencyMs: LatencySummary
  /** Of several runs, sums of these give percentiles; percentiles themselves give nothing. */
  readonly buckets: readonly LatencyBucket[]
}

export type FreshnessReport = Omit<LatencySummary, 'p999'> & {
  readonly visible: number
  readonly notVisible: number
  readonly unsteady: number
  readonly failed: number
}

export type LiveResult = {
  /** Answered well. */
  readonly requestsPerSecond: number
  readonly offeredPerSecond: number
  readonly seconds: number
  readonly latencyMs: LatencySummary
  readonly feed: KindReport
  readonly events: KindReport
  readonly freshnessMs?: FreshnessReport
  /** By code. */
  readonly errors: Readonly<Record<string, number>>
  readonly errorShare: number
  readonly arrivals: {
    readonly scheduled: number
    readonly sent: number
    readonly answered: number
    readonly failed: number
    readonly refused: number
    /** Before the measurement began: in none of the other figures. */
    readonly warmUp: number
  }
  /** Over the whole run, the warm-up too. */
  readonly people: Doings & { readonly pinsUnknown: number }
  readonly client: ClientReport
  readonly perSecond: readonly Second[]
  readonly partial?: true
  readonly reason?: string
}

export type ResultParts = {
  readonly driven: Driven
  readonly freshness?: Freshness
  /** For how long arrivals were scheduled and counted. */
  readonly plannedMs: number
  readonly pinsUnknown: number
}

/** Cores that the client may take for a thousand requests a second. */
const CPU_PER_THOUSAND = 0.2
/** Lateness that is always small enough, and the share of the latency that it may be otherwise. */
const LATENESS_MS = 5
const LATENESS_SHARE = 0.2

export function liveResult({ driven, freshness, plannedMs, pinsUnknown }: ResultParts): LiveResult {
  const { measured, warmUp, measuredMs, doings, ended } = driven
  // Who answers later than the last arrival has not answered as many a second as were asked.
  const seconds = (ended ? measuredMs : Math.max(plannedMs, measuredMs)) / 1_000
  const offeredSeconds = (ended ? measuredMs : plannedMs) / 1_000
  const { scheduled, sent, answered, failed, refused, errorShare } = measured
  return {
    requestsPerSecond: rate(answered, seconds),
    offeredPerSecond: rate(scheduled, offeredSeconds),
    seconds: round(seconds, 3),
    latencyMs: latencySummary(measured.latency()),
    feed: kindReport(measured.kinds.feed, seconds),
    events: kindReport(measured.kinds.events, seconds),
    ...(freshness && { freshnessMs: freshnessReport(freshness) }),
    errors: Object.fromEntries([...measured.errors].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    errorShare: round(errorShare, 6),
    arrivals: { scheduled, sent, answered, failed, refused, warmUp: warmUp.scheduled },
    people: { ...doings, pinsUnknown },
    client: clientReport(measured, rate(scheduled, offeredSeconds), driven.cpuShare),
    perSecond: driven.seconds,
    ...(ended && { partial: true as const, reason: ended }),
  }
}

function clientReport(
  measured: Tally,
  offeredPerSecond: number,
  cpuShare: number | undefined,
): ClientReport {
  const latenessMs = latencySummary(measured.lateness)
  const latency = measured.latency().quantile(0.99)
  const doubts: string[] = []
  const cpuMost = CPU_PER_THOUSAND * Math.max(1, offeredPerSecond / 1_000)
  if (cpuShare !== undefined && cpuShare > cpuMost) {
    doubts.push(
      `the client took ${round(cpuShare, 2)} of a core where ${round(cpuMost, 2)} is expected: ` +
        'its machine has too much else to do',
    )
  }
  if (latenessMs.p99 > Math.max(LATENESS_MS, LATENESS_SHARE * latency)) {
    doubts.push(
      `1 in 100 requests left ${latenessMs.p99} ms late or more: part of the latency is the ` +
        "client's own",
    )
  }
  return {
    ...(cpuShare !== undefined && { cpuShare: round(cpuShare, 4) }),
    latenessMs,
    trusted: doubts.length === 0,
    doubts,
  }
}

function kindReport({ answered, failed, refused, latency }: KindTally, seconds: number) {
  const requestsPerSecond = rate(answered, seconds)
  const spread = { latencyMs: latencySummary(latency), buckets: latency.buckets() }
  return { requestsPerSecond, answered, failed, refused, ...spread }
}

function freshnessReport({ visible, ...counts }: Freshness): FreshnessReport {
  const { p50, p90, p99, max } = latencySummary(visible)
  return { p50, p90, p99, max, visible: visible.count, ...counts }
}

const rate = (count: number, seconds: number) => (seconds > 0 ? round(count / seconds, 1) : 0)

function round(value: number, places: number): number {
  return Math.round(value * 10 ** places) / 10 ** places
}
