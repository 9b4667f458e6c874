/**
 * Who has which shard, as Dapr's placement tells it: every sidecar has a copy of one table, and
 * hears of a new one a little later than the next, or much later when it is cut off. So two may
 * differ for a while, and a host may carry out turns of a shard that another has by now.
 *
 * A sidecar lets one call at a time into a shard. Its lock is given back when the caller gives up,
 * though the turn goes on. A shard that moves away is let go when its turn is over, or in the
 * middle of it where turns are not waited for.
 */
import { pinwheelError, type Random } from '../../base/index.ts'
import type { Happenings } from './happenings.ts'
import type { SimulatedCall, SimulatedNetwork, SimulatedNode } from './simulated-network.ts'
import { Unanswered } from './simulated-network.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What a process answers to its sidecar. */
export interface ShardServer {
  answer(type: string, shard: number, method: string, body: unknown): Promise<unknown>
  /** The shard is somebody else's now. */
  deactivate(type: string, shard: number): void
}

/** A process with its sidecar. */
export type Sidecar = SimulatedNode & {
  /** Hosts by shard, as this one knows it. */
  table: readonly string[]
  /** Absent where it only calls. */
  server?: ShardServer | undefined
  readonly locks: Map<string, Lock>
  /** How much later than others it hears of a new table. */
  lagMs: number
}

/** Shards are placed by number, whatever their type. */
export class SimulatedPlacement {
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #network: SimulatedNetwork
  readonly #happenings: Happenings
  readonly sidecars = new Map<string, Sidecar>()
  table: readonly string[]
  /** Whether a shard's turn is waited for before it is let go. */
  drains = true

  constructor(
    world: {
      readonly time: VirtualTime
      readonly random: Random
      readonly network: SimulatedNetwork
      readonly happenings: Happenings
    },
    shards: number,
  ) {
    this.#time = world.time
    this.#random = world.random
    this.#network = world.network
    this.#happenings = world.happenings
    this.table = Array.from({ length: shards }, () => '')
  }

  /** Shares the shards out among `hosts`; every sidecar hears of it in its own time. */
  place(hosts: readonly string[]): void {
    this.table = this.table.map(() => hosts[this.#random.below(hosts.length)]!)
    const { table } = this
    this.#happenings.tell(() => `shards are placed on ${table}`)
    for (const sidecar of this.sidecars.values()) {
      const { process } = sidecar
      this.#time.after(sidecar.lagMs + this.#random.below(10), () => {
        if (this.table === table && process === sidecar.process) {
          process.do(() => this.#hear(sidecar, table))
        }
      })
    }
  }

  /** A sidecar that comes to know the table now. */
  catchUp(sidecar: Sidecar): void {
    sidecar.lagMs = 0
    this.#hear(sidecar, this.table)
  }

  /** Calls a shard wherever `from` thinks that it is. SIDECAR_MISSING when nobody answers. */
  async invoke(
    from: Sidecar,
    type: string,
    shard: number,
    method: string,
    body: unknown,
  ): Promise<unknown> {
    const host = this.sidecars.get(from.table[shard] ?? '')
    if (!host) throw missing('nobody has the shard')
    try {
      return await this.#network.call(from, host, (call) =>
        this.#turn(host, { type, shard, method, body }, call),
      )
    } catch (error) {
      throw error instanceof Unanswered ? missing(error.message) : error
    }
  }

  async #turn(
    host: Sidecar,
    ask: {
      readonly type: string
      readonly shard: number
      readonly method: string
      readonly body: unknown
    },
    call: SimulatedCall,
  ): Promise<unknown> {
    const { type, shard, method, body } = ask
    const lock = lockOf(host, type, shard)
    await lock.take()
    let isHeld = true
    const letGo = () => {
      if (isHeld) lock.give()
      isHeld = false
    }
    try {
      if (call.isGivenUp) throw missing('the caller is gone')
      if (host.table[shard] !== host.name || !host.server) throw missing('the actor moved')
      if (this.table[shard] !== host.name) this.#happenings.add('a turn where the shard was before')
      call.onGivenUp = () => {
        if (isHeld) this.#happenings.add('a turn went on without its caller')
        letGo()
      }
      this.#happenings.tell(() => `${host.name} ${type} ${shard}: ${method} ${told(body)}`)
      return await host.server.answer(type, shard, method, body)
    } finally {
      letGo()
    }
  }

  #hear(sidecar: Sidecar, table: readonly string[]): void {
    const before = sidecar.table
    sidecar.table = table
    const { server } = sidecar
    if (!server) return
    for (const [key, lock] of sidecar.locks) {
      const [type = '', text] = key.split(' ')
      const shard = Number(text)
      if (before[shard] !== sidecar.name || table[shard] === sidecar.name) continue
      const letGo = () => server.deactivate(type, shard)
      if (!lock.isTaken) letGo()
      else if (this.drains)
        void lock
          .take()
          .then(letGo)
          .finally(() => lock.give())
      else {
        this.#happenings.add('a shard was let go in the middle of a turn')
        letGo()
      }
    }
  }
}

function lockOf(host: Sidecar, type: string, shard: number): Lock {
  const key = `${type} ${shard}`
  let lock = host.locks.get(key)
  if (!lock) {
    lock = new Lock()
    host.locks.set(key, lock)
  }
  return lock
}

/** The small parts of what is asked. */
function told(body: unknown): string {
  return JSON.stringify(body, (key, value) => (key === 'payload' ? undefined : value))
}

function missing(reason: string) {
  return pinwheelError('SIDECAR_MISSING', { address: reason })
}

/** First come, first served. */
export class Lock {
  readonly #waiting: (() => void)[] = []
  isTaken = false

  take(): Promise<void> {
    if (!this.isTaken) {
      this.isTaken = true
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  give(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.isTaken = false
  }
}
