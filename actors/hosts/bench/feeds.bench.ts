/**
 * Feeds of a cluster on one machine while events flow: `User/{id}` invoked through a real sidecar,
 * open loop, with two hosts of shards, two rankers, a real JetStream and PostgreSQL; and then, by
 * other requests, how long a save takes from its acknowledgement until a feed that another host
 * answers leaves its pin out.
 */
import { type Clock, type EventEntry, Random } from '../../../base/index.ts'
import { openLoop, summary } from '../../../tests/open-loop.ts'
import {
  type Cluster,
  PARTITIONS,
  partitionOf,
  startCluster,
} from '../../../tests/setup/cluster.ts'
import { EntryWriter } from '../../log/packed-entry.ts'
import { Sidecar } from '../dapr/sidecar.ts'

const sizes = {
  small: {
    users: 200,
    pins: 300,
    saves: 2_000,
    perSecond: 200,
    feeds: 5,
    seconds: 3,
    warmUp: 1,
    settleMs: 0,
  },
  large: {
    ...{ users: 20_000, pins: 5_000, saves: 200_000, perSecond: 10_000 },
    // The saves before are delivered and written then.
    ...{ feeds: 20, seconds: 60, warmUp: 20, settleMs: 30_000 },
  },
} as const
const SEED = 1
const RANKERS = 2
const TICK_MS = 20
const PER_APPEND = 500
const LIMIT = 25
/** Of ten. */
const kinds = [...Array(7).fill('impression'), 'closeup', 'closeup', 'save'] as const
/** Between two saves that are watched for. */
const PROBE_MS = 250
/** Between two looks for one. */
const ASK_MS = 20
const PATIENCE_MS = 5_000

type Size = Readonly<Record<keyof (typeof sizes)['small'], number>>

export const bench = {
  name: 'hosts/feeds',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const cluster = await startCluster(2, clock)
    try {
      for (let n = 0; n < RANKERS; n++) await cluster.add('ranker')
      const run = new Run(cluster, options, clock)
      await run.fill()
      const idle = await run.feeds(options.warmUp, 0)
      const busy = await run.feeds(options.seconds, options.perSecond)
      const saves = await run.saves(options.seconds / 2, options.perSecond)
      return { seed: SEED, options: { ...options, partitions: PARTITIONS }, idle, busy, saves }
    } finally {
      await cluster.stop()
    }
  },
}

class Run {
  readonly #cluster: Cluster
  /** Of the hosts of shards. */
  readonly #sidecars: readonly Sidecar[]
  readonly #size: Size
  readonly #clock: Clock
  readonly #random = new Random(SEED)
  /** By partition; made once, or who asks would stop for their garbage. */
  readonly #writers = Array.from({ length: PARTITIONS }, () => new EntryWriter())
  #events = 0
  #probes = 0

  constructor(cluster: Cluster, size: Size, clock: Clock) {
    this.#cluster = cluster
    this.#sidecars = cluster.hosts.map(({ sidecar }) => {
      return new Sidecar(sidecar.httpPort, { patienceMs: PATIENCE_MS })
    })
    this.#size = size
    this.#clock = clock
  }

  /** Saves, and waits for feeds that walk them. */
  async fill(): Promise<void> {
    for (let left = this.#size.saves; left > 0; left -= 10_000) {
      await this.#append(Math.min(left, 10_000), 'save')
    }
    for (let tries = 0; tries < 600; tries++) {
      const { rung } = await this.#feed(0, 'u1', SEED).catch(() => ({ rung: '' }))
      if (rung === 'light') return this.#clock.sleep(this.#size.settleMs)
      await this.#clock.sleep(100)
    }
    throw new Error('no feed was of the rung "light" within a minute')
  }

  /** Feeds in so many seconds while so many events a second come. */
  async feeds(seconds: number, perSecond: number) {
    const rungs: Record<string, number> = {}
    const load = { rate: this.#size.feeds, seconds, seed: SEED, clock: this.#clock }
    const { told, eventsPerSecond } = await this.#during(perSecond, () => {
      return openLoop(load, async (n) => {
        const user = `u${this.#random.below(this.#size.users)}`
        const { rung } = await this.#feed(0, user, n).catch(() => ({ rung: 'failed' }))
        rungs[rung] = (rungs[rung] ?? 0) + 1
      })
    })
    return { eventsPerSecond, feedMs: summary(told), rungs }
  }

  /** Saves that are watched for, likewise. */
  async saves(seconds: number, perSecond: number) {
    const { told, eventsPerSecond } = await this.#during(perSecond, async () => {
      return this.#watch(AbortSignal.timeout(seconds * 1000))
    })
    const { visibleMs, notVisible } = told
    return { eventsPerSecond, savedToVisibleMs: summary(visibleMs), notVisible }
  }

  /** What `work` tells, and how many events a second came meanwhile. */
  async #during<T>(perSecond: number, work: () => Promise<T>) {
    const stop = new AbortController()
    const flow = this.#flow(perSecond, stop.signal)
    const told = await work()
    stop.abort()
    const { sent, took } = await flow
    return { told, eventsPerSecond: perSecond === 0 ? 0 : Math.round((1000 * sent) / took) }
  }

  async #flow(perSecond: number, signal: AbortSignal) {
    const clock = this.#clock
    const began = clock.monotonic()
    let sent = 0
    while (!signal.aborted) {
      const due = Math.floor(((clock.monotonic() - began) * perSecond) / 1000) - sent
      if (due > 0) await this.#append(due)
      sent += Math.max(0, due)
      await clock.sleep(TICK_MS)
    }
    return { sent, took: clock.monotonic() - began }
  }

  /** Events of people drawn at random, acknowledged when it resolves. */
  async #append(count: number, kind?: EventEntry['kind']): Promise<void> {
    const { users, pins } = this.#size
    const writers = this.#writers
    const appends: Promise<unknown>[] = []
    const send = (partition: number) => {
      const { payload, count } = writers[partition]!.take()
      if (count > 0) appends.push(this.#cluster.log.append(partition, payload, count))
    }
    for (let n = 0; n < count; n++) {
      const user = `u${this.#random.below(users)}`
      const partition = partitionOf(user)
      const writer = writers[partition]!
      const event = { id: `e${this.#events}`, time: this.#clock.now(), user }
      const pin = `p${this.#random.below(pins)}`
      writer.append({ kind: kind ?? kinds[this.#events++ % kinds.length]!, ...event, pin })
      if (kind) this.#events++
      if (writer.count === PER_APPEND) send(partition)
    }
    for (let partition = 0; partition < PARTITIONS; partition++) send(partition)
    await Promise.all(appends)
  }

  /** Saves what feeds show, one after the other, and asks until they show it no more. */
  async #watch(signal: AbortSignal) {
    const clock = this.#clock
    const visibleMs: number[] = []
    let notVisible = 0
    while (!signal.aborted) {
      const user = `u${this.#random.below(this.#size.users)}`
      const seed = this.#probes++
      const at = clock.now()
      const shown = async () => (await this.#feed(1, user, seed, at)).items.map(({ pin }) => pin)
      const [pin] = await shown().catch(() => [])
      if (pin !== undefined) {
        const writer = new EntryWriter()
        writer.append({ kind: 'save', id: `probe${seed}`, time: at, user, pin })
        const { payload, count } = writer.take()
        await this.#cluster.log.append(partitionOf(user), payload, count)
        const accepted = clock.monotonic()
        const isThere = async () => (await shown().catch(() => [pin])).includes(pin)
        while (clock.monotonic() - accepted < PATIENCE_MS && (await isThere()))
          await clock.sleep(ASK_MS)
        const ms = clock.monotonic() - accepted
        if (ms < PATIENCE_MS) visibleMs.push(ms)
        else notVisible++
      }
      await clock.sleep(PROBE_MS)
    }
    return { visibleMs, notVisible }
  }

  /** Through the sidecar of a host of shards, wherever the user's and the ranker are. */
  async #feed(host: number, user: string, seed: number, at = this.#clock.now()): Promise<Feed> {
    const ask = { limit: LIMIT, at, seed }
    return (await this.#sidecars[host]!.invoke('User', user, 'recommend', ask)) as Feed
  }
}

type Feed = { readonly rung: string; readonly items: readonly { readonly pin: string }[] }
