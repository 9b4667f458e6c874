/**
 * Brings deliveries to their shards. A call through sidecars costs a millisecond or more of CPU,
 * whatever it carries: so what is for shards of one host goes there together, to one of them, and
 * what is for shards of this process goes nowhere. Who has a shard is heard from answers and
 * believed for a while; a host that does not have it says so, and then it is sent by itself, to
 * wherever Dapr says.
 */
import { type Clock, fromWire, pinwheelError } from '../../../base/index.ts'
import type { Answers, Sending } from './bundle.ts'
import type { Delivery, Taken } from './hosted-shard.ts'
import type { LocalShards } from './local-shards.ts'
import type { Envelope } from './sidecar.ts'

export type CarrierOptions = {
  /** Of this process. */
  readonly local: LocalShards
  /** Has the host take them that Dapr says has the shard of the first. */
  readonly call: (sendings: readonly Sending[]) => Promise<Answers>
  readonly clock: Clock
  readonly believedMs?: number
}

export const carrierDefaults = Object.freeze({
  /** Less than a host believes itself that it has a shard (`LocalShards`). */
  believedMs: 15_000,
  /** Entries of a call: a shard's turn takes some ten milliseconds for as many. */
  entriesMax: 4_096,
  bytesMax: 1 << 20,
})

type Waiting = Sending & {
  readonly resolve: (taken: Taken) => void
  readonly reject: (error: unknown) => void
}
type Place = { readonly host: string; readonly since: number }

export class Carrier {
  readonly #options: CarrierOptions
  readonly #believedMs: number
  /** By type and shard. */
  readonly #places = new Map<string, Place>()
  #waiting: Waiting[] = []

  constructor(options: CarrierOptions) {
    this.#options = options
    this.#believedMs = options.believedMs ?? carrierDefaults.believedMs
  }

  /** What the shard says of it; what is sent at once goes together. */
  send(type: string, shard: number, delivery: Delivery): Promise<Taken> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) queueMicrotask(() => this.#leave())
      this.#waiting.push({ type, shard, delivery, resolve, reject })
    })
  }

  #leave(): void {
    const all = this.#waiting
    this.#waiting = []
    const here: Waiting[] = []
    const byHost = new Map<string, Waiting[]>()
    for (const one of all) {
      const { type, shard } = one
      const host = this.#hostOf(type, shard)
      if (this.#options.local.has(type, shard)) here.push(one)
      else if (host === undefined) void this.#call([one])
      else byHost.set(host, [...(byHost.get(host) ?? []), one])
    }
    if (here.length > 0) void this.#take(here)
    for (const each of byHost.values()) for (const load of loads(each)) void this.#call(load)
  }

  #hostOf(type: string, shard: number): string | undefined {
    const place = this.#places.get(keyOf(type, shard))
    if (!place || this.#options.clock.monotonic() - place.since > this.#believedMs) return undefined
    return place.host
  }

  async #take(here: readonly Waiting[]): Promise<void> {
    const envelopes = await this.#options.local.take(here)
    for (const [n, one] of here.entries()) settle(one, envelopes[n])
  }

  async #call(load: readonly Waiting[]): Promise<void> {
    const since = this.#options.clock.monotonic()
    try {
      const { host, answers } = await this.#options.call(load)
      const [first] = load
      // It was called by its own name; the others were with it.
      this.#places.set(keyOf(first!.type, first!.shard), { host, since })
      for (const [n, one] of load.entries()) {
        if (n > 0 && isElsewhere(answers[n])) this.#alone(one)
        else settle(one, answers[n])
      }
    } catch (error) {
      for (const one of load) {
        this.#places.delete(keyOf(one.type, one.shard))
        one.reject(error)
      }
    }
  }

  #alone(one: Waiting): void {
    this.#places.delete(keyOf(one.type, one.shard))
    void this.#call([one])
  }
}

const keyOf = (type: string, shard: number) => `${type} ${shard}`

/** As few as carry all. */
function loads(all: readonly Waiting[]): Waiting[][] {
  const { entriesMax, bytesMax } = carrierDefaults
  const made: Waiting[][] = []
  let entries = 0
  let bytes = 0
  for (const one of all) {
    const { positions, payload } = one.delivery
    entries += positions.length
    bytes += payload.byteLength
    if (made.length === 0 || entries > entriesMax || bytes > bytesMax) {
      made.push([])
      entries = positions.length
      bytes = payload.byteLength
    }
    made.at(-1)!.push(one)
  }
  return made
}

function settle({ resolve, reject }: Waiting, envelope: Envelope | undefined): void {
  if (envelope?.ok) resolve(envelope.value as Taken)
  else if (envelope) reject(fromWire(envelope.error))
  else reject(pinwheelError('BAD_REQUEST', { reason: 'a host answered less than it was sent' }))
}

const isElsewhere = (envelope: Envelope | undefined) =>
  envelope?.ok === false && envelope.error.code === 'SHARD_ELSEWHERE'
