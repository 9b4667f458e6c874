/** Visits of users to pins through a cluster's log, and whether shards say what was acknowledged. */
import { shardOf } from '../../actors/hosts/dapr/shard-of.ts'
import type { JetStreamLog } from '../../actors/ingest/index.ts'
import { entryParts } from '../../actors/log/index.ts'
import { type Entry, entryOwner, Random } from '../../base/index.ts'
import type { Host } from '../setup/cluster.ts'

export const USERS = 40
export const PINS = 120
export const TIME = 1_700_000_000_000

export class Visits {
  /** What was acknowledged, a request each. */
  readonly sent: Entry[][] = []
  readonly #random = new Random(3)
  #events = 0

  get entries(): number {
    return this.sent.flat().length
  }

  /** Once more, or what nobody shall count. */
  async append(log: JetStreamLog, entries: readonly Entry[]): Promise<void> {
    await Promise.all(
      entryParts(entries, log.partitions).map(({ partition, payload, count }) => {
        return log.append(partition, payload, count)
      }),
    )
  }

  async send(log: JetStreamLog, entries: Entry[]): Promise<void> {
    await this.append(log, entries)
    this.sent.push(entries)
  }

  /** Requests of one user each, or of several whose entries share messages. */
  async load(log: JetStreamLog, requests: number, of: 'one' | 'several' = 'one'): Promise<void> {
    for (let n = 0; n < requests; n++) {
      const users = Array.from({ length: of === 'one' ? 1 : 9 }, () => this.#below('u', USERS))
      const all = of === 'one' ? [users[0]!, users[0]!, users[0]!] : users
      await this.send(
        log,
        all.map((user) => this.of(user)),
      )
    }
  }

  of(user: string): Entry {
    const n = this.#events++
    const kind = n % 4 === 0 ? 'save' : 'closeup'
    return { kind, id: `e${n}`, time: TIME + n, user, pin: this.#below('p', PINS) }
  }

  /** Users and pins that do not say what was acknowledged of them. */
  async wrong(through: Host): Promise<string[]> {
    const told = new Map<string, number>()
    for (const entry of this.sent.flat()) {
      if (entry.kind !== 'closeup' || !('pin' in entry)) continue
      for (const of of [`User ${entryOwner(entry)}`, `Pin ${entry.pin}`]) {
        told.set(of, (told.get(of) ?? 0) + 1)
      }
    }
    const found = Array.from(told, async ([of, count]) => {
      const [type, id] = of.split(' ') as ['User' | 'Pin', string]
      const said = await closeups(through, type, id).catch(String)
      return said === count ? [] : [`${of} says ${said}, not ${count}`]
    })
    return (await Promise.all(found)).flat()
  }

  #below(letter: string, count: number): string {
    return `${letter}${this.#random.below(count)}`
  }
}

async function closeups({ sidecar }: Host, type: 'User' | 'Pin', id: string): Promise<number> {
  const method = type === 'User' ? 'context' : 'card'
  const shard = `${type}Shard/${shardOf(id)}`
  const address = `http://127.0.0.1:${sidecar.httpPort}/v1.0/actors/${shard}/method/ask`
  const body = JSON.stringify({ id, method })
  const reply = await fetch(address, { method: 'PUT', body, signal: AbortSignal.timeout(5_000) })
  const text = await reply.text()
  const envelope = JSON.parse(text) as { ok?: boolean; value?: { closeups: number } }
  if (envelope.ok !== true) throw new Error(text)
  return envelope.value!.closeups
}
