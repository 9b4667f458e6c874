/**
 * A client of a simulated host. It does one thing after the other: sends a batch until it is
 * acknowledged (under the same event ids), reads what it wrote, adds to a counter, asks for a feed,
 * asks far too much at once. What it does and hears goes into the history.
 */
import { type Entry, isEvent, type Random } from '../../base/index.ts'
import type { AcknowledgedBatch, History } from '../checkers/history.ts'
import { POISON_WEIGHT } from '../checkers/hosted-types.ts'
import type { Network, Trace, VirtualTime } from '../faults/index.ts'
import { ChaosEntries } from './chaos-entries.ts'

export type ChaosClientOptions = {
  readonly name: string
  readonly random: Random
  readonly time: VirtualTime
  readonly network: Network
  readonly trace: Trace
  readonly history: History
  /** Asks that a worker takes at once. */
  readonly asksMax: number
  readonly recommends: boolean
  /** Hears of entries that are sent for the first time. */
  readonly onSent: (count: number) => void
}

export const counterIds: readonly string[] = ['sum a', 'sum b', 'sum c']
const BATCH_MAX = 40
const RETRY_MS = 50

export class ChaosClient {
  readonly name: string
  readonly users: readonly string[]
  readonly #options: ChaosClientOptions
  readonly #entries: ChaosEntries
  readonly #own: AcknowledgedBatch[] = []

  constructor(options: ChaosClientOptions) {
    this.#options = options
    this.name = options.name
    this.#entries = new ChaosEntries(options.name, options.random, POISON_WEIGHT)
    this.users = this.#entries.users
  }

  /** Goes on until `isOver`, which is asked between two things that it does. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const chance = this.#options.random.below(100)
      if (chance < 72) await this.#write()
      else if (chance < 77) await this.#writeAgain()
      else if (chance < 89) await this.#add()
      else if (chance < 90) await this.#askTooMuch()
      else if (this.#options.recommends) await this.#askForFeed()
      else await this.#rest()
    }
  }

  async #write(): Promise<void> {
    const { random, history, onSent } = this.#options
    const entries = this.#entries.batch(1 + random.below(BATCH_MAX))
    history.send(entries)
    onSent(entries.length)
    const batch = await this.#untilAcknowledged(entries, true)
    this.#own.push(batch)
    if (random.below(3) === 0) await this.#read(batch)
  }

  /** An old batch is sent once more, within the duplicate window or long after it. */
  async #writeAgain(): Promise<void> {
    const { random, trace } = this.#options
    if (this.#own.length === 0) return
    const old = this.#own[random.below(this.#own.length)]!
    const entries = old.entries.map(({ entry }) => entry)
    const { entries: again } = await this.#untilAcknowledged(entries, false)
    for (const { verdict } of again) trace.count(`sent again: ${verdict}`)
  }

  async #untilAcknowledged(entries: readonly Entry[], isFirst: boolean) {
    const { network, history, trace, time, random } = this.#options
    for (;;) {
      trace.note(`${this.name} sends`, entries.length)
      const outcome = await network.call((runtime) => runtime.ingest(entries))
      if (outcome.kind === 'answer') {
        const { position, verdicts } = outcome.value
        trace.note(`${this.name} is acknowledged`, position)
        return history.acknowledge({ client: this.name, entries, isFirst }, position, verdicts)
      }
      const why = outcome.kind === 'refusal' ? outcome.code : outcome.kind
      trace.count(`batch is sent again after ${why}`)
      await new Promise<void>((done) => time.after(random.below(RETRY_MS), done))
    }
  }

  /** What was acknowledged must show. */
  async #read({ entries }: AcknowledgedBatch): Promise<void> {
    const { network, history, trace, random } = this.#options
    const user = this.users[random.below(this.users.length)]!
    const own = entries.filter(({ entry }) => isEvent(entry) && entry.user === user)
    const expected = own.filter(({ entry, verdict }) => verdict === 'accepted' && !isPoison(entry))
    const last = own.at(-1)
    if (!last) return
    const after = `${last.partition}-${last.position}`
    const outcome = await network.call(async (runtime) => {
      const isCurrent = runtime.hasApplied(after, user)
      return { isCurrent, applied: await runtime.asks.ask('Witness', user, 'applied') }
    })
    if (outcome.kind !== 'answer') return
    trace.count('read of what was written')
    const { isCurrent, applied } = outcome.value as { isCurrent: boolean; applied: number[] }
    const positions = expected.map(({ position }) => position)
    history.reads.push({ user, isCurrent, expected: positions, applied })
  }

  /** What is not acknowledged may have been added: it is not tried again. */
  async #add(): Promise<void> {
    const { network, history, trace, random } = this.#options
    const id = counterIds[random.below(counterIds.length)]!
    const counter = history.counter(id)
    counter.attempts++
    const outcome = await network.call((runtime) => runtime.asks.ask('Counter', id, 'add', 1))
    if (outcome.kind === 'answer') counter.results.push(outcome.value as number)
    trace.count(outcome.kind === 'answer' ? 'added' : 'unknown whether added', id)
  }

  async #askTooMuch(): Promise<void> {
    const { network, trace, asksMax } = this.#options
    const user = this.users[0]!
    const asks = Array.from({ length: 2 * asksMax }, () =>
      network.call((runtime) => runtime.asks.ask('Witness', user, 'applied')),
    )
    for (const outcome of await Promise.all(asks)) {
      if (outcome.kind === 'refusal') trace.count(`ask is refused: ${outcome.code}`)
    }
  }

  async #askForFeed(): Promise<void> {
    const { network, history, random, trace } = this.#options
    const user = this.users[random.below(this.users.length)]!
    const seen = history.seenBy(user)
    const seed = random.below(1_000)
    const outcome = await network.call(async (runtime) => {
      const reply = await runtime.recommend({
        user: runtime.names.user.find(user) >>> 0,
        limit: 12,
        generation: 'mixed',
        exclude: [],
        explain: false,
        at: 1_701_000_000_000,
        seed,
        deadlineMs: 100,
        // Walks are dear, and their candidates are filtered like all others.
        off: ['walk'],
      })
      return reply.pins.map(({ pin }) => runtime.names.pin.id(pin))
    })
    if (outcome.kind !== 'answer') return
    history.feeds.push({ user, seen, pins: outcome.value })
    trace.count(outcome.value.length > 0 ? 'feed' : 'empty feed')
  }

  #rest(): Promise<void> {
    const { time, random } = this.#options
    return new Promise((done) => time.after(random.below(20), done))
  }
}

function isPoison(entry: Entry): boolean {
  return 'weight' in entry && entry.weight === POISON_WEIGHT
}
