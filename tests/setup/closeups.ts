/**
 * Close-ups of people on pins, written to the stream of a cluster, and what users and pins say of
 * them: each counts exactly what was acknowledged.
 */
import { expect } from 'vitest'
import { shardOf } from '../../actors/hosts/dapr/shard-of.ts'
import { EntryWriter } from '../../actors/log/index.ts'
import { Random, systemClock } from '../../base/index.ts'
import { type Cluster, type Host, partitionOf } from './cluster.ts'

const USERS = 40
const PINS = 30

type Counts = { readonly closeups: number }

export class Closeups {
  readonly #cluster: Cluster
  readonly #random = new Random(1)
  readonly #acknowledged = { User: new Map<string, number>(), Pin: new Map<string, number>() }
  #events = 0

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Close-ups of somebody, a few at a time, for so long. */
  async write(ms: number): Promise<void> {
    const until = systemClock.monotonic() + ms
    while (systemClock.monotonic() < until) {
      const user = `u${this.#random.below(USERS)}`
      const pins = Array.from({ length: 5 }, () => `p${this.#random.below(PINS)}`)
      const writer = new EntryWriter()
      for (const pin of pins) {
        const event = { id: `e${this.#events++}`, time: 1_700_000_000_000, user, pin }
        writer.append({ kind: 'closeup', ...event })
      }
      const { payload, count } = writer.take()
      await this.#cluster.log.append(partitionOf(user), payload, count)
      const tally = (type: 'User' | 'Pin', id: string) => {
        const counts = this.#acknowledged[type]
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
      for (const pin of pins) {
        tally('Pin', pin)
        tally('User', user)
      }
      await systemClock.sleep(5)
    }
  }

  /** Actors that do not say what was acknowledged, with what they say. */
  async wrong(through: Host): Promise<string[]> {
    const all = (['User', 'Pin'] as const).flatMap((type) => {
      return [...this.#acknowledged[type]].map(([id, count]) => ({ type, id, count }))
    })
    const found = await Promise.all(
      all.map(async ({ type, id, count }) => {
        const said = await ask(through, type, id).then(
          ({ closeups }) => closeups,
          (error: unknown) => String(error).slice(0, 120),
        )
        return said === count ? [] : [`${type} ${id} says ${said}, not ${count}`]
      }),
    )
    return found.flat()
  }

  /** Everybody says what was acknowledged, in a while, and through the first host's sidecar. */
  async becomeRight(): Promise<void> {
    const told = () => this.wrong(this.#cluster.hosts[0]!)
    await expect.poll(told, { timeout: 40_000, interval: 300 }).toEqual([])
  }
}

/** What an actor says of itself, asked of its shard through a sidecar. */
async function ask(through: Host, type: 'User' | 'Pin', id: string): Promise<Counts> {
  const method = type === 'User' ? 'context' : 'card'
  const shard = `${type}Shard/${shardOf(id)}`
  const address = `http://127.0.0.1:${through.sidecar.httpPort}/v1.0/actors/${shard}/method/ask`
  const body = JSON.stringify({ id, method })
  const reply = await fetch(address, { method: 'PUT', body, signal: AbortSignal.timeout(5_000) })
  const text = await reply.text()
  const envelope = JSON.parse(text) as { ok?: boolean; value?: Counts }
  if (envelope.ok !== true) throw new Error(text)
  return envelope.value!
}
