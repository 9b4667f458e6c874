/** Live load as sections of a report: the result, latencies by kind and over time, errors. */
import type { KneeStep, LiveResult, Second } from '../workload/live/index.ts'
import type { LatencyBucket } from './latency-histogram.ts'
import type { Facts, Histogram, Lines, Section, Table } from './run-report.ts'

/** Bars of a histogram, each as much wider than the one before as all are. */
const BARS = 48

export type LiveReport = {
  readonly seconds: readonly Second[]
  /** Absent while the run goes on. */
  readonly result?: LiveResult
  readonly errorBudget: number
}

export function liveSections({ seconds, result, errorBudget }: LiveReport): Section[] {
  const over = seconds.length === 0 ? [] : overTime(seconds)
  if (!result) return over
  const spreads = (['feed', 'events'] as const).flatMap((kind) => spread(kind, result))
  return [facts(result, errorBudget), kinds(result), ...over, ...spreads, ...errors(result)]
}

/** The rates that were tried for the knee. */
export function kneeSection(steps: readonly KneeStep[], sloMs: number): Table {
  return {
    kind: 'table',
    title: 'Rates that were tried',
    note: `A rate holds while its p99 is at most ${sloMs} ms and its errors are in their budget.`,
    columns: [
      { name: 'rate', unit: 'requests/s' },
      { name: 'verdict' },
      { name: 'p50', unit: 'ms' },
      { name: 'p99', unit: 'ms' },
      { name: 'p99 of feeds', unit: 'ms' },
      { name: 'errors', unit: 'share' },
    ],
    rows: steps.map(({ rate, verdict, result }) => {
      const { latencyMs, feed, errorShare } = result
      return [rate, verdict, latencyMs.p50, latencyMs.p99, feed.latencyMs.p99, errorShare]
    }),
    verdicts: steps.map(({ verdict }) => (verdict === 'holds' ? 'pass' : 'fail')),
  }
}

function facts(result: LiveResult, errorBudget: number): Facts {
  const { client, freshnessMs, errorShare } = result
  const fresh = freshnessMs
    ? [
        { name: 'freshness, p50', value: freshnessMs.p50, unit: 'ms' },
        { name: 'freshness, p99', value: freshnessMs.p99, unit: 'ms' },
        { name: 'saves not visible', value: freshnessMs.notVisible },
      ]
    : []
  return {
    kind: 'facts',
    title: 'Result',
    note: ['Latency counts from the scheduled instant.', ...client.doubts].join(' '),
    facts: [
      { name: 'answered', value: result.requestsPerSecond, unit: 'requests/s' },
      { name: 'offered', value: result.offeredPerSecond, unit: 'requests/s' },
      {
        name: 'errors',
        value: errorShare,
        unit: 'share',
        target: `≤ ${errorBudget}`,
        verdict: errorShare <= errorBudget ? 'pass' : 'fail',
      },
      ...fresh,
      { name: 'the client, of a core', value: client.cpuShare ?? null },
      {
        name: 'lateness of the client, p99',
        value: client.latenessMs.p99,
        unit: 'ms',
        verdict: client.trusted ? 'pass' : 'open',
      },
    ],
  }
}

function kinds({ feed, events }: LiveResult): Table {
  const row = (name: string, { answered, failed, refused, latencyMs }: LiveResult['feed']) => {
    const { p50, p90, p99, p999, max } = latencyMs
    return [name, answered, failed, refused, p50, p90, p99, p999, max]
  }
  const counts = ['requests', 'answered', 'failed', 'refused'].map((name) => ({ name }))
  const times = ['p50', 'p90', 'p99', 'p99.9', 'max'].map((name) => ({ name, unit: 'ms' }))
  return {
    kind: 'table',
    title: 'Latency by kind of request',
    columns: [...counts, ...times],
    rows: [row('feed', feed), row('events', events)],
  }
}

function overTime(seconds: readonly Second[]): Lines[] {
  const common = { kind: 'lines', x: { name: 'time', unit: 's' } } as const
  const at = seconds.map(({ second }) => second)
  const series = (name: string, of: (second: Second) => number) => {
    return { name, values: seconds.map(of) }
  }
  return [
    {
      ...common,
      title: 'Latency over time',
      note: 'The warm-up is shown, too.',
      y: { name: 'latency', unit: 'ms' },
      at,
      series: [series('p50', ({ p50Ms }) => p50Ms), series('p99', ({ p99Ms }) => p99Ms)],
    },
    {
      ...common,
      title: 'Requests over time',
      y: { name: 'requests', unit: 'per second' },
      at,
      series: [
        series('offered', ({ scheduled }) => scheduled),
        series('answered', ({ answered }) => answered),
        series('feeds', ({ feeds }) => feeds),
        series('errors', ({ errors }) => errors),
      ],
    },
  ]
}

function spread(kind: 'feed' | 'events', result: LiveResult): Histogram[] {
  const { buckets, latencyMs } = result[kind]
  if (buckets.length === 0) return []
  const marks = (['p50', 'p90', 'p99'] as const).map((name) => ({ name, value: latencyMs[name] }))
  const title = kind === 'feed' ? 'Latency of feeds' : 'Latency of events'
  const x = { name: 'latency', unit: 'ms', isLog: true }
  return [{ kind: 'histogram', title, x, buckets: bars(buckets), marks }]
}

/** The same counts side by side, in at most BARS bars. */
export function bars(buckets: readonly LatencyBucket[]): LatencyBucket[] {
  // A logarithmic axis has no 0: what took less than half a microsecond stands at its edge.
  const first = Math.max(1e-4, buckets[0]!.low)
  const last = buckets.at(-1)!.high
  const edge = (n: number) => first * (last / first) ** (n / BARS)
  const counts = new Array<number>(BARS).fill(0)
  for (const { low, high, count } of buckets) {
    const middle = Math.max(first, (low + high) / 2)
    const bar = Math.floor((BARS * Math.log(middle / first)) / Math.log(last / first))
    counts[Math.min(BARS - 1, bar)]! += count
  }
  return counts.map((count, n) => ({ low: edge(n), high: edge(n + 1), count }))
}

function errors({ errors: byCode }: LiveResult): Table[] {
  const rows = Object.entries(byCode)
  if (rows.length === 0) return []
  return [
    { kind: 'table', title: 'Errors', columns: [{ name: 'code' }, { name: 'requests' }], rows },
  ]
}
