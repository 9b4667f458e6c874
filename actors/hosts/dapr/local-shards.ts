/**
 * The shards that live in this process, as far as its sidecar said lately: Dapr calls a shard where
 * it has placed it, and tells when it takes it away. Whoever trusts this may be wrong for a while,
 * as he may who is called by a sidecar that has not heard of a new table yet: documents are fenced
 * by their etags, and nothing else is.
 */
import { type Clock, pinwheelError, toWire } from '../../../base/index.ts'
import type { Sending } from './bundle.ts'
import type { HostedShard } from './hosted-shard.ts'
import type { Envelope } from './sidecar.ts'

/** One that moved is told, and a refused write tells too (`onLost`): this is for the rest. */
const TRUSTED_MS = 20_000
/** Entries after which others of the process have a turn: some milliseconds of folding. */
const AT_ONCE = 256

export type LocalShardsOptions = {
  /** By type. */
  readonly shards: ReadonlyMap<string, HostedShard>
  readonly clock: Clock
  readonly trustedMs?: number
}

export class LocalShards {
  readonly #options: LocalShardsOptions
  /** When the sidecar called a shard last, by type and number; monotonic. */
  readonly #called = new Map<string, number>()

  constructor(options: LocalShardsOptions) {
    this.#options = options
  }

  /** The sidecar has called the shard here. */
  called(type: string, shard: number): void {
    this.#called.set(`${type} ${shard}`, this.#options.clock.monotonic())
  }

  /** The sidecar has taken the shard away. */
  left(type: string, shard: number): void {
    this.#called.delete(`${type} ${shard}`)
  }

  has(type: string, shard: number): boolean {
    const { clock, trustedMs = TRUSTED_MS } = this.#options
    const since = this.#called.get(`${type} ${shard}`)
    return since !== undefined && clock.monotonic() - since < trustedMs
  }

  /** What each shard says of what it is sent; SHARD_ELSEWHERE of those that do not live here. */
  async take(sendings: readonly Sending[]): Promise<Envelope[]> {
    const all: Promise<Envelope>[] = []
    let entries = 0
    for (const sending of sendings) {
      all.push(this.#apply(sending))
      entries += sending.delivery.positions.length
      if (entries < AT_ONCE) continue
      entries = 0
      await this.#options.clock.yield()
    }
    return Promise.all(all)
  }

  async #apply({ type, shard, delivery }: Sending): Promise<Envelope> {
    try {
      const hosted = this.#options.shards.get(type)
      if (!hosted || !this.has(type, shard)) throw pinwheelError('SHARD_ELSEWHERE', { type, shard })
      return { ok: true, value: await hosted.apply(shard, delivery) }
    } catch (error) {
      return { ok: false, error: toWire(error) }
    }
  }
}
