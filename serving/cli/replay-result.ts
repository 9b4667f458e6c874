/** What a replay prints at its end: rates, sizes, bytes of each thing, and the digest of all. */
import { type BlockHost, percentile, type WorkerStats } from '../../actors/index.ts'
import type { Clock } from '../../base/index.ts'
import { featureRecordWords } from '../../ranking/index.ts'
import type { ReplayRun } from '../jobs/replay.ts'

type Ended = {
  /** First event of the run. */
  readonly begin: number
  readonly pins: number
  readonly clock: Clock
}

export async function resultOf(
  host: BlockHost,
  run: ReplayRun,
  { begin, pins: room, clock }: Ended,
) {
  const since = (ms: number) => (clock.monotonic() - ms) / 1000
  const merging = clock.monotonic()
  await host.buildEpoch()
  const mergeSeconds = since(merging)
  const stats = await host.stats()
  const sum = (of: (s: WorkerStats) => number) => stats.reduce((n, s) => n + of(s), 0)
  const [users, pins, edges] = [sum((s) => s.users), sum((s) => s.pins), sum((s) => s.edges)]
  const digesting = clock.monotonic()
  const digest = await host.numbersDigest()
  const digestSeconds = since(digesting)
  const events = run.end - begin
  const seconds = run.seconds + mergeSeconds
  const rates = [...run.rates].sort((a, b) => a - b)
  const rate = (share: number) => rates[Math.floor(share * (rates.length - 1))] ?? 0
  const times = stats.map((s) => s.blockTimes)
  const each = (bytes: number, count: number) => round(bytes / Math.max(1, count))
  return {
    events,
    /** Applied to user and pin actors, and merged into the walkable graph. */
    seconds: round(seconds),
    eventsPerSecond: Math.round(events / seconds),
    eventsPerSecondApplied: Math.round(events / run.seconds),
    ratesPerSecond: { p1: rate(0.01), p50: rate(0.5), p99: rate(0.99) },
    turns: sum((s) => s.turns),
    turnsPerSecond: Math.round(sum((s) => s.turns) / seconds),
    sourceSeconds: round(run.sourceSeconds),
    mergeSeconds: round(mergeSeconds),
    digestSeconds: round(digestSeconds),
    digestShare: round(digestSeconds / seconds),
    blockMs: {
      p50: round(percentile(times, 0.5)),
      p99: round(percentile(times, 0.99)),
      max: round(percentile(times, 1)),
    },
    users,
    pins,
    edges,
    merges: Math.max(...stats.map((s) => s.epoch)),
    actionsPerUser: each(await host.keptActions(), users),
    bytesPerUser: each(
      sum((s) => s.userBytes),
      users,
    ),
    bytesPerPin: each(
      sum((s) => s.pinBytes),
      pins,
    ),
    /** What users and pins take, and what was reserved for it. */
    stateBytes: sum((s) => s.stateBytes),
    stateReservedBytes: sum((s) => s.reservedBytes),
    bytesPerEdge: each(
      sum((s) => s.edgeBytes + s.epochBytes),
      edges,
    ),
    /** What events touch of the feature table: a record of words for each pin that there may be. */
    featureBytes: Uint32Array.BYTES_PER_ELEMENT * featureRecordWords * room,
    spilled: { evictions: sum((s) => s.evictions), activations: sum((s) => s.activations) },
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: round(cpuSeconds()),
    digest,
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

const round = (value: number) => Math.round(value * 1000) / 1000
