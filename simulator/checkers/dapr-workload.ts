/**
 * Clients of a simulated cluster: some append entries and send again what was not acknowledged,
 * some give tokens to actors and read how many there are. What they send, hear and do not hear is
 * the record.
 */
import { EntryWriter } from '../../actors/index.ts'
import { type Entry, entryOwner, errorCode, errorTable, type Random } from '../../base/index.ts'
import {
  clusterDefaults,
  partitionOf,
  type Sidecar,
  type SimulatedCluster,
} from '../faults/index.ts'
import { POISON } from './dapr-actors.ts'
import { type DaprRecord, keyOf } from './dapr-record.ts'

export const workloadDefaults = Object.freeze({
  writers: 3,
  batches: 3,
  entriesPerBatch: 57,
  givers: 3,
  gifts: 6,
  readers: 1,
  reads: 12,
  users: 4,
  pins: 5,
  boards: 3,
  /** Longest pause between two of a client's requests. */
  pauseMs: 60,
})

const kinds = ['save', 'closeup', 'impression', 'hide', 'outbound', 'unsave'] as const
const writer = new EntryWriter()

export class DaprClients {
  readonly #cluster: SimulatedCluster
  readonly #record: DaprRecord
  /** Clients that are not done. */
  open = 0
  #tokens = 0

  constructor(cluster: SimulatedCluster, record: DaprRecord) {
    this.#cluster = cluster
    this.#record = record
  }

  /** Of those who write. */
  get #client(): Sidecar {
    return this.#cluster.clients[0]!
  }

  start(random: Random): void {
    const { writers, givers, readers } = workloadDefaults
    this.open = writers + givers + readers
    const done = () => void this.open--
    for (let w = 0; w < writers; w++) void this.#write(random.split(w), w).then(done)
    for (let g = 0; g < givers; g++) {
      const client = this.#cluster.clients[Math.min(g, 1)]!
      void this.#give(client, random.split(100 + g)).then(done)
    }
    for (let r = 0; r < readers; r++) void this.#readOn(random.split(200 + r)).then(done)
  }

  async #write(random: Random, writer: number): Promise<void> {
    let before: readonly Entry[] = []
    for (let batch = 0; batch < workloadDefaults.batches; batch++) {
      const entries = entriesOf(random, `${writer}-${batch}`)
      // Now and then what was acknowledged long ago is sent again, among what is new.
      if (random.below(3) === 0) entries.splice(random.below(9), 0, ...before.slice(0, 5))
      before = entries
      await this.#append(entries)
      await this.#pause(random)
    }
  }

  /** Sends entries until they are acknowledged. */
  async #append(entries: readonly Entry[]): Promise<void> {
    const parts = Array.from({ length: clusterDefaults.partitions }, (): Entry[] => [])
    for (const entry of entries) parts[partitionOf(entryOwner(entry))]!.push(entry)
    await Promise.all(parts.map((part, partition) => this.#appendPart(partition, part)))
  }

  async #appendPart(partition: number, entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return
    const keys = entries.map(keyOf)
    for (const key of keys) this.#record.sent.add(key)
    const { payload, count } = pack(entries)
    for (;;) {
      try {
        await this.#cluster.append(this.#client, partition, payload, count)
        for (const key of keys) this.#record.acknowledged.add(key)
        return
      } catch (error) {
        if (!isForLater(error)) throw error
        this.#cluster.happenings.add('entries were sent again')
        await this.#client.process.sleep(30)
      }
    }
  }

  async #give(client: Sidecar, random: Random): Promise<void> {
    for (let gift = 0; gift < workloadDefaults.gifts; gift++) {
      const actor = `t${random.below(2)}`
      await this.#giveOne(client, actor)
      await this.#pause(random)
    }
  }

  /** Only reads, so that it does not learn from refused writes where shards are. */
  async #readOn(random: Random): Promise<void> {
    for (let read = 0; read < workloadDefaults.reads; read++) {
      await this.#read(this.#client, `t${random.below(2)}`)
      await this.#pause(random)
    }
  }

  async #giveOne(client: Sidecar, actor: string): Promise<void> {
    const token = this.#tokens++
    const gift = { actor, isAcknowledged: false, count: 0, at: 0 }
    this.#record.gifts.set(token, gift)
    try {
      const ask = { id: actor, method: 'give', argument: token }
      gift.count = Number(await this.#cluster.ask(client, 'Tokens', ask))
      gift.at = this.#cluster.time.now
      gift.isAcknowledged = true
    } catch (error) {
      if (!isForLater(error)) throw error
      this.#cluster.happenings.add('a call ended without an answer')
    }
  }

  async #read(client: Sidecar, actor: string): Promise<void> {
    const began = this.#cluster.time.now
    try {
      const ask = { id: actor, method: 'count', argument: undefined }
      const count = Number(await this.#cluster.ask(client, 'Tokens', ask))
      this.#record.reads.push({ actor, began, count })
    } catch (error) {
      if (!isForLater(error)) throw error
    }
  }

  #pause(random: Random): Promise<void> {
    return this.#client.process.sleep(random.below(workloadDefaults.pauseMs))
  }
}

function isForLater(error: unknown): boolean {
  const code = errorCode(error)
  return code !== undefined && errorTable[code].retry === 'later'
}

function pack(entries: readonly Entry[]) {
  for (const entry of entries) writer.append(entry)
  return writer.take()
}

/** Some of everything. Catalogue entries have times of their own, since the latest time wins. */
function entriesOf(random: Random, batch: string): Entry[] {
  const { entriesPerBatch, users, pins, boards } = workloadDefaults
  return Array.from({ length: entriesPerBatch }, (_, n): Entry => {
    const id = `${batch}-${n}`
    const user = `u${random.below(users)}`
    const pin = `p${random.below(pins)}`
    const time = 1_700_000_000_000 + random.u32()
    const what = random.below(80)
    if (what === 0) return { kind: 'pin', id: pin, time, title: `title ${id}` }
    if (what === 1) return { kind: 'board', id: `b${random.below(boards)}`, time, user }
    if (what === 2) return { kind: 'user', id: user, time }
    if (what === 3) return { kind: 'follow-topic', id, time, user, topic: `topic${n % 3}` }
    const kind = kinds[random.below(kinds.length)]!
    const event: Entry = { kind, id, time, user, pin }
    if (what === 4) return { ...event, weight: POISON }
    return kind === 'save' && n % 2 === 0 ? { ...event, board: `b${n % boards}` } : event
  })
}
