/**
 * What Prometheus reads at /metrics: requests by route pattern (never by address: a stranger must
 * not make series), the size of what is served, and the recommender's own totals. The sole importer
 * of prom-client. One registry a server, so that two servers in one process do not meet.
 */
import prometheus from 'prom-client'
import type { Recommender, Status } from './recommender-port.ts'

export type RequestSample = {
  readonly method: string
  /** The pattern of the route, or `none`. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

export class Metrics {
  readonly #registry = new prometheus.Registry()
  readonly #recommender: Recommender
  readonly #requests: prometheus.Histogram<'method' | 'route' | 'status'>
  readonly #sizes: prometheus.Gauge<'of'>
  readonly #lag: prometheus.Gauge
  readonly #partitionLag: prometheus.Gauge<'partition'>
  readonly #stream: prometheus.Gauge<'of'>
  readonly #dead: prometheus.Gauge
  readonly #ready: prometheus.Gauge
  readonly #drift: prometheus.Gauge<'model' | 'feature'>
  readonly #totals = new Map<string, prometheus.Counter>()

  constructor(recommender: Recommender) {
    const registers = [this.#registry]
    this.#recommender = recommender
    this.#requests = new prometheus.Histogram({
      name: 'pinwheel_http_request_seconds',
      help: 'Time from the head of a request to its reply, by route and status.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    })
    this.#sizes = new prometheus.Gauge({
      name: 'pinwheel_size',
      help: 'Users, pins, boards, edges and entries that are served.',
      labelNames: ['of'],
      registers,
    })
    this.#lag = new prometheus.Gauge({
      name: 'pinwheel_lag_entries',
      help: 'Entries that the worker which is furthest behind has not folded.',
      registers,
    })
    this.#partitionLag = new prometheus.Gauge({
      name: 'pinwheel_partition_lag_seconds',
      help: 'Of a cluster: how long the oldest entry of a partition has waited for its shards.',
      labelNames: ['partition'],
      registers,
    })
    this.#stream = new prometheus.Gauge({
      name: 'pinwheel_stream_bytes',
      help: 'Of a cluster: what entries take in the stream, and what they may take at most.',
      labelNames: ['of'],
      registers,
    })
    this.#dead = new prometheus.Gauge({
      name: 'pinwheel_stream_dead_letters',
      help: 'Of a cluster: messages that could not be read and are kept aside.',
      registers,
    })
    this.#ready = new prometheus.Gauge({
      name: 'pinwheel_ready',
      help: '1 when the server answers recommendations.',
      registers,
    })
    this.#drift = new prometheus.Gauge({
      name: 'pinwheel_feature_drift',
      help: 'Population stability index of a feature since the ranker was taught; .25 is much.',
      labelNames: ['model', 'feature'],
      registers,
    })
    prometheus.collectDefaultMetrics({ register: this.#registry, prefix: 'pinwheel_' })
  }

  readonly contentType = prometheus.Registry.PROMETHEUS_CONTENT_TYPE

  observe({ method, route, status, seconds }: RequestSample): void {
    this.#requests.observe({ method, route, status: String(status) }, seconds)
  }

  async text(): Promise<string> {
    const status = this.#recommender.status()
    for (const of of sizes) this.#sizes.set({ of }, status[of])
    this.#lag.set(status.lag)
    this.#ready.set(status.ready ? 1 : 0)
    await this.#setDrift()
    await this.#setStream()
    this.#partitionLag.reset()
    for (const { partition, seconds } of await this.#recommender.lags()) {
      this.#partitionLag.set({ partition: String(partition) }, seconds)
    }
    for (const [name, value] of Object.entries(this.#recommender.counters())) {
      const total = this.#total(name)
      total.reset()
      total.inc(value)
    }
    return this.#registry.metrics()
  }

  /** A host that cannot say it now is still to be watched. */
  async #setDrift(): Promise<void> {
    const models = await this.#recommender.models().catch(() => [])
    this.#drift.reset()
    for (const { kind: model, features } of models) {
      for (const { name: feature, drift } of features) this.#drift.set({ model, feature }, drift)
    }
  }

  /** Nothing is told of a stream that there is not, or that nobody can ask now. */
  async #setStream(): Promise<void> {
    this.#stream.reset()
    this.#dead.remove()
    const stream = await this.#recommender.stream()
    if (!stream) return
    this.#stream.set({ of: 'entries' }, stream.bytes)
    this.#stream.set({ of: 'limit' }, stream.bytesMax)
    this.#dead.set(stream.deadLetters)
  }

  #total(name: string): prometheus.Counter {
    const known = this.#totals.get(name)
    if (known) return known
    const total = new prometheus.Counter({
      name: `pinwheel_${name}_total`,
      help: `Total of ${name.replaceAll('_', ' ')} since the start.`,
      registers: [this.#registry],
    })
    this.#totals.set(name, total)
    return total
  }
}

const sizes = ['users', 'pins', 'boards', 'edges', 'entries'] as const satisfies (keyof Status)[]
