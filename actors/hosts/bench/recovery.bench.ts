/**
 * How long users have no answer when a host dies: asked through the sidecar of a host that stays,
 * every 50 ms, while close-ups come in; the host is killed alone, or its sidecar with it.
 */
import { type Clock, Random } from '../../../base/index.ts'
import { type Cluster, partitionOf, startCluster } from '../../../tests/setup/cluster.ts'
import { EntryWriter } from '../../log/packed-entry.ts'
import { shardOf } from '../dapr/shard-of.ts'

const sizes = {
  small: { users: 10, pins: 10, watchMs: 4_000, kinds: ['host'] },
  large: { users: 60, pins: 30, watchMs: 25_000, kinds: ['host', 'host and sidecar'] },
} as const
const SEED = 1
const EVERY_MS = 50
const TIMEOUT_MS = 1_500

export const bench = {
  name: 'hosts/recovery',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const found: Record<string, object> = {}
    for (const kind of sizes[size].kinds) found[kind] = await recovery(sizes[size], kind, clock)
    const { users, pins, watchMs } = sizes[size]
    return { seed: SEED, options: { users, pins, watchMs }, ...found }
  },
}

type Size = Readonly<Record<'users' | 'pins' | 'watchMs', number>>

async function recovery({ users, pins, watchMs }: Size, kind: string, clock: Clock) {
  const cluster = await startCluster(2, clock)
  const stop = new AbortController()
  const random = new Random(SEED)
  let events = 0
  const write = async () => {
    const writer = new EntryWriter()
    const user = `u${random.below(users)}`
    for (let n = 0; n < 5; n++) {
      const pin = `p${random.below(pins)}`
      writer.append({ kind: 'closeup', id: `e${events++}`, time: 1.7e12, user, pin })
    }
    const { payload, count } = writer.take()
    await cluster.log.append(partitionOf(user), payload, count)
  }
  try {
    for (let n = 0; n < 5 * users; n++) await write()
    await clock.sleep(3_000)
    const watches = Array.from({ length: users }, (_, n) => new Watch(cluster, `u${n}`, clock))
    const watching = watches.map((watch) => watch.run(stop.signal))
    const writing = (async () => {
      while (!stop.signal.aborted) {
        await write()
        await clock.sleep(5)
      }
    })()
    await clock.sleep(1_000)
    for (const watch of watches) watch.longest = 0
    const { child, sidecar } = cluster.hosts[1]!
    if (kind !== 'host') sidecar.kill()
    child.kill('SIGKILL')
    await clock.sleep(watchMs)
    stop.abort()
    await Promise.all([...watching, writing])
    const gaps = watches.map(({ longest }) => Math.round(longest)).sort((a, b) => a - b)
    return { medianMs: gaps[gaps.length >>> 1]!, maxMs: gaps.at(-1)! }
  } finally {
    stop.abort()
    await cluster.stop()
  }
}

/** Asks for one user again and again. */
class Watch {
  readonly #address: string
  readonly #body: string
  readonly #clock: Clock
  /** The longest time between two answers, ms. */
  longest = 0

  constructor({ hosts }: Cluster, user: string, clock: Clock) {
    const shard = `UserShard/${shardOf(user)}`
    const port = hosts[0]!.sidecar.httpPort
    this.#address = `http://127.0.0.1:${port}/v1.0/actors/${shard}/method/ask`
    this.#body = JSON.stringify({ id: user, method: 'context' })
    this.#clock = clock
  }

  async run(signal: AbortSignal): Promise<void> {
    let last = this.#clock.monotonic()
    while (!signal.aborted) {
      if (await this.#answers()) {
        const now = this.#clock.monotonic()
        this.longest = Math.max(this.longest, now - last)
        last = now
      }
      await this.#clock.sleep(EVERY_MS)
    }
    this.longest = Math.max(this.longest, this.#clock.monotonic() - last)
  }

  async #answers(): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      const reply = await fetch(this.#address, { method: 'PUT', body: this.#body, signal })
      return ((await reply.json()) as { readonly ok?: boolean }).ok === true
    } catch {
      return false
    }
  }
}
