/**
 * The Dapr placement on virtual time: a few hosts with the real shards, one of which has the real
 * log and the real delivery, and a client behind a sidecar of its own. What lies below the ports is
 * simulated: network, sidecars, the store of documents, the disk, clocks.
 *
 * A host is killed by killing its process: nothing that it waits for ever comes. What it began may
 * reach others all the same. It starts again with empty memory; the one with the log opens what is
 * on its disk and delivers all of it again.
 */
import {
  type Answers,
  Carrier,
  type DeadLetter,
  DeliveredFileLog,
  type Delivery,
  type DocumentStore,
  type EventLog,
  type Hosted,
  HostedShard,
  LocalShards,
  LogDelivery,
  openFileLog,
  type Sending,
  type ShardAsk,
  sendCall,
  type Taken,
} from '../../actors/index.ts'
import {
  assert,
  bySpace,
  type Clock,
  fromWire,
  hashId,
  Interner,
  type Names,
  type PageOptions,
  pinwheelError,
  type Random,
  toWire,
} from '../../base/index.ts'
import { Happenings } from './happenings.ts'
import { PagePool } from './page-pool.ts'
import { SimulatedDisk } from './simulated-disk.ts'
import { SimulatedNetwork, type SimulatedNode, Unanswered } from './simulated-network.ts'
import { type ShardServer, type Sidecar, SimulatedPlacement } from './simulated-placement.ts'
import { SimulatedStore, unreachable } from './simulated-store.ts'
import { SimulatedProcess, VirtualTime } from './virtual-time.ts'

export const clusterDefaults = Object.freeze({
  hosts: 3,
  shards: 2,
  partitions: 2,
  /** Small, so that a run sees entries fall out of it. */
  duplicateWindow: 64,
  /** How long hosts trust what they hold, and how long what they folded is not written. */
  heldMs: 60,
  flushMs: 25,
  /** How long it is believed who has a shard: by the host, and by who delivers to it. */
  trustedMs: 60,
  believedMs: 45,
  /** Between two looks of the delivery at shards that have not written. */
  lookMs: 20,
  /** From one delivery of a partition to the next. */
  paceMs: 1,
  startsAt: Date.UTC(2024, 0, 1),
})

/** Ports that a planted bug may lie in; what it is given works. */
export type ClusterBugs = {
  readonly types?: (names: Names, folded: 'Pin' | 'User') => readonly Hosted[]
  readonly documents?: (documents: DocumentStore, host: string) => DocumentStore
  readonly clock?: (clock: Clock) => Clock
  readonly log?: (log: EventLog) => EventLog
  readonly send?: (send: Send) => Send
  readonly serve?: (server: ShardServer) => ShardServer
  readonly world?: (cluster: SimulatedCluster) => void
}
type Send = (type: string, shard: number, delivery: Delivery) => Promise<Taken>

export type ClusterOptions = {
  readonly random: Random
  /** The types, with their services made for a host's names. */
  readonly types: (names: Names) => readonly Hosted[]
  readonly bugs?: ClusterBugs
  readonly isTraced?: boolean
}

const PAGE_BYTES = 1 << 17
/** Ids of a space that a host expects. */
const IDS = 64

/** Shared by all runs: they follow each other. */
const pages = new PagePool()

export class SimulatedCluster {
  readonly happenings: Happenings
  readonly time: VirtualTime
  readonly network: SimulatedNetwork
  readonly store: SimulatedStore
  readonly placement: SimulatedPlacement
  readonly hosts: readonly Sidecar[]
  /** Callers behind sidecars of their own. They have no shards and never fail. */
  readonly clients: readonly Sidecar[]
  readonly deadLetters: DeadLetter[] = []
  readonly #storeNode: SimulatedNode
  readonly #options: ClusterOptions
  /** What every host may use for its states. */
  readonly pages: PageOptions = { allocate: pages.allocate, pageBytes: PAGE_BYTES }
  /** By host. */
  readonly #local = new Map<string, LocalShards>()
  #disk = new SimulatedDisk()
  #log: EventLog | undefined
  #calls = 0
  #delivery: LogDelivery | undefined

  constructor(options: ClusterOptions) {
    const { random } = options
    this.#options = options
    this.time = new VirtualTime(random.split('time'))
    const { time } = this
    this.happenings = new Happenings(options.isTraced ? () => time.now : undefined)
    const { happenings } = this
    this.network = new SimulatedNetwork(time, random.split('network'), happenings)
    this.store = new SimulatedStore(time, random.split('store'), happenings)
    const world = { time, random: random.split('place'), network: this.network, happenings }
    this.placement = new SimulatedPlacement(world, clusterDefaults.shards)
    this.#storeNode = { name: 'store', process: this.#process() }
    const names = Array.from({ length: clusterDefaults.hosts }, (_, n) => `host${n}`)
    this.hosts = names.map((name) => this.#sidecar(name))
    this.clients = ['client0', 'client1'].map((name) => this.#sidecar(name))
    this.placement.place(names)
    options.bugs?.world?.(this)
  }

  /** The host with the log. */
  get head(): Sidecar {
    return this.hosts[0]!
  }

  get log(): EventLog | undefined {
    return this.#log
  }

  start(host: Sidecar): void {
    this.happenings.tell(() => `${host.name} starts`)
    const { bugs } = this.#options
    host.process = this.#process()
    host.locks.clear()
    const names = bySpace(() => new Interner({ capacity: IDS }))
    const { pages } = this
    const clock = bugs?.clock?.(host.process) ?? host.process
    const store = bugs?.documents?.(this.#documents(host), host.name) ?? this.#documents(host)
    const shards = this.#options.types(names).map((hosted) => {
      const onDeadLetter = (letter: DeadLetter) => void this.deadLetters.push(letter)
      const { heldMs, flushMs } = clusterDefaults
      const onLost = (shard: number) => this.#local.get(host.name)?.left(hosted.type.name, shard)
      const ports = { names, store, clock, pages, heldMs, flushMs, onLost }
      return new HostedShard({ hosted, ...ports, onDeadLetter })
    })
    const server = new SimulatedHost(host.name, shards, clock)
    this.#local.set(host.name, server.local)
    host.server = bugs?.serve?.(server) ?? server
    this.placement.catchUp(host)
    const folded = shards.filter((shard) => shard.folds)
    if (host === this.head) void this.#openLog(host, folded, store)
  }

  kill(host: Sidecar): void {
    this.happenings.tell(() => `${host.name} is killed`)
    host.process.kill()
    host.server = undefined
    this.network.broken(host.process)
    if (host !== this.head) return
    this.#disk = this.#disk.afterKill()
    this.#log = undefined
    this.#delivery = undefined
  }

  /** Appends packed entries as a client of the head does. SIDECAR_MISSING, LOG_WRITE_FAILED. */
  async append(
    client: Sidecar,
    partition: number,
    payload: Uint8Array,
    count: number,
  ): Promise<void> {
    try {
      await this.network.call(client, this.head, async () => {
        if (!this.#log) throw pinwheelError('STOPPING')
        return this.#log.append(partition, payload, count)
      })
    } catch (error) {
      throw error instanceof Unanswered ? pinwheelError('DEADLINE', { what: 'it', ms: 0 }) : error
    }
  }

  /** Calls an actor as `DaprHost` does. SIDECAR_MISSING, STATE_CONFLICT, STATE_UNREACHABLE. */
  ask(client: Sidecar, type: string, ask: ShardAsk): Promise<unknown> {
    const { id } = ask
    const body = { ...ask, call: `call ${this.#calls++}` }
    return sendCall(() => this.placement.invoke(client, type, shardOf(id), 'ask', body))
  }

  /** Resolves when every entry of the log was taken by its shards, and written. */
  async settled(): Promise<void> {
    const ends = this.#log!.positions().map((end) => end - 1)
    await this.#delivery!.reached(ends)
    await this.#delivery!.reached(ends, 'written')
  }

  /** Delivers the whole log again. */
  async redeliver(): Promise<void> {
    await this.#delivery?.sendAll()
  }

  /** Faults stop: everybody is there, and every table is the newest. */
  calm(): void {
    this.network.calm()
    this.store.calm()
    this.placement.drains = true
    for (const host of this.hosts) {
      host.process.resume()
      if (!host.process.isAlive) this.start(host)
      this.placement.catchUp(host)
    }
    for (const client of this.clients) this.placement.catchUp(client)
  }

  /** It is over: what its hosts had is used again. */
  end(): void {
    pages.takeBack()
  }

  async #openLog(
    host: Sidecar,
    folded: readonly HostedShard[],
    store: DocumentStore,
  ): Promise<void> {
    const { process } = host
    const { partitions, duplicateWindow } = clusterDefaults
    const { bugs } = this.#options
    const opened = await openFileLog({ directory: '/data', partitions, disk: this.#disk })
    if (!process.isAlive) return
    const log = bugs?.log?.(opened) ?? opened
    this.#log = log
    const carrier = new Carrier({
      ...{ local: this.#local.get(host.name)!, clock: process },
      believedMs: clusterDefaults.believedMs,
      call: async (sendings) => {
        const { type, shard } = sendings[0]!
        return (await this.placement.invoke(host, type, shard, 'apply', sendings)) as Answers
      },
    })
    const send: Send = (type, shard, delivery) => carrier.send(type, shard, delivery)
    this.#delivery = new LogDelivery({
      log: new DeliveredFileLog(log),
      store,
      types: folded.map(({ name, space }) => ({ name, space })),
      shards: clusterDefaults.shards,
      clock: process,
      send: bugs?.send?.(send) ?? send,
      duplicateWindow,
      lookMs: clusterDefaults.lookMs,
      paceMs: clusterDefaults.paceMs,
    })
    this.#delivery.startAll()
  }

  #documents(host: Sidecar): DocumentStore {
    const { store } = this
    // A host that was killed and started again is another one.
    const from = { name: host.name, process: host.process }
    const call = async <T>(run: () => T): Promise<T> => {
      try {
        return await this.network.call(from, this.#storeNode, async () => run())
      } catch (error) {
        throw error instanceof Unanswered ? unreachable(error.message) : error
      }
    }
    return {
      read: async (keys) => (keys.length === 0 ? new Map() : call(() => store.read(keys))),
      write: (writes) => call(() => store.write(writes, host.name)),
    }
  }

  #sidecar(name: string): Sidecar {
    const sidecar = { name, process: this.#process(), table: [], locks: new Map(), lagMs: 0 }
    this.placement.sidecars.set(name, sidecar)
    return sidecar
  }

  #process(): SimulatedProcess {
    return new SimulatedProcess(this.time, clusterDefaults.startsAt)
  }
}

/** What a host answers to its sidecar, as `DaprHost` does. */
class SimulatedHost implements ShardServer {
  readonly local: LocalShards
  readonly #name: string
  readonly #shards: ReadonlyMap<string, HostedShard>

  constructor(name: string, all: readonly HostedShard[], clock: Clock) {
    this.#name = name
    const shards = new Map(all.map((shard) => [shard.name, shard]))
    this.#shards = shards
    this.local = new LocalShards({ shards, clock, trustedMs: clusterDefaults.trustedMs })
  }

  async answer(type: string, number: number, method: string, body: unknown): Promise<unknown> {
    const shard = this.#shards.get(type)
    assert(shard !== undefined, 'every host has every type')
    this.local.called(type, number)
    try {
      if (method === 'apply') {
        const answers = await this.local.take(body as readonly Sending[])
        return { host: this.#name, answers } satisfies Answers
      }
      return await shard.ask(number, body as ShardAsk)
    } catch (error) {
      // As it crosses hosts: what nobody foresaw gets a code here.
      throw fromWire(toWire(error))
    }
  }

  deactivate(type: string, shard: number): void {
    this.local.left(type, shard)
    void this.#shards.get(type)?.deactivate(shard)
  }
}

export const shardOf = (id: string) => hashId(id) % clusterDefaults.shards
export const partitionOf = (owner: string) => hashId(owner) % clusterDefaults.partitions
