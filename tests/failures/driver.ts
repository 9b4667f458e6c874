/**
 * Clients of an API while things go wrong: entries at a steady rate, each sent again until it is
 * acknowledged, as clients do; and feeds, of which it is kept from which rung they came and how
 * long they took.
 */
import { Random, systemClock } from '../../base/index.ts'
import { Oracle } from './oracle.ts'

const USERS = 24
const PINS = 16
const BATCH = 4
const WRITE_EVERY_MS = 20
const FEED_EVERY_MS = 100
const RETRY_MS = 250
/** A client that has waited for so long asks again. */
const PATIENCE_MS = 3_000
const START = 1_700_000_000_000

export type FeedTally = {
  /** Answers by rung; `failed` where there was none. */
  readonly rungs: Readonly<Record<string, number>>
  readonly p50Ms: number
  readonly maxMs: number
  /** The longest time in which no feed was answered by a ranker for somebody known. */
  readonly longestWithoutMs: number
}

export class Driver {
  readonly oracle = new Oracle()
  readonly #apis: readonly number[]
  readonly #random: Random
  readonly #name: string
  readonly #stop = new AbortController()
  readonly #pending = new Set<Promise<void>>()
  readonly #rungs: Record<string, number> = {}
  readonly #latencies: number[] = []
  /** Who waits for an acknowledgement: a client sends its next entries when it has the former's. */
  readonly #busy = new Set<string>()
  #events = 0
  resent = 0
  #lastGood = systemClock.monotonic()
  #longestWithout = 0

  /** Names of users and pins begin with the seed's: schedules over one cluster do not meet. */
  constructor(seed: number, apis: readonly number[]) {
    this.#apis = apis
    this.#random = new Random(seed, 7)
    this.#name = `s${seed}`
  }

  /** Catalogue and a few saves, until feeds come from a ranker. */
  async begin(): Promise<void> {
    const pins = Array.from({ length: PINS }, (_, n) => {
      return { kind: 'pin', id: this.#pin(n), time: START, tags: [n % 2 === 0 ? 'a' : 'b'] }
    })
    const saves = Array.from({ length: USERS * 3 }, (_, n) => {
      const pin = this.#pin((n * 5 + (n % USERS)) % PINS)
      const user = this.#user(n % USERS)
      return { kind: 'save', id: `${this.#name}-save-${n}`, time: START + n, user, pin }
    })
    await this.#post([...pins, ...saves])
    const late = systemClock.monotonic() + 60_000
    for (;;) {
      const feed = await this.#feed(this.#user(1)).catch(() => undefined)
      if (feed && isGood(feed.rung)) return
      if (systemClock.monotonic() > late) throw new Error('no ranker answers before anything fails')
      await systemClock.sleep(100)
    }
  }

  /** Writes and reads at their rates, until `end`. */
  start(): void {
    this.#lastGood = systemClock.monotonic()
    void this.#every(WRITE_EVERY_MS, () => this.#write())
    void this.#every(FEED_EVERY_MS, () => this.#read())
  }

  /** Nothing new from now on; resolves when all that was sent is acknowledged. */
  async end(): Promise<void> {
    this.#stop.abort('over')
    while (this.#pending.size > 0) await Promise.all([...this.#pending])
  }

  get feeds(): FeedTally {
    const sorted = this.#latencies.toSorted((a, b) => a - b)
    const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0)
    return {
      rungs: this.#rungs,
      p50Ms: at(0.5),
      maxMs: Math.round(sorted.at(-1) ?? 0),
      longestWithoutMs: Math.round(this.#longestWithout),
    }
  }

  async #every(ms: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop
    // By the clock: what stands still does not lower the rate.
    for (let at = systemClock.monotonic(); !signal.aborted; at += ms) {
      await systemClock.sleep(Math.max(0, at - systemClock.monotonic()), signal).catch(() => {})
      if (signal.aborted) return
      const one = work().finally(() => this.#pending.delete(one))
      this.#pending.add(one)
    }
  }

  async #write(): Promise<void> {
    const user = this.#user(this.#random.below(USERS))
    if (this.#busy.has(user)) return
    this.#busy.add(user)
    const events = Array.from({ length: BATCH }, () => {
      const n = this.#events++
      const event = `${this.#name}-${n}`
      return { told: { user, pin: this.#pin(this.#random.below(PINS)), event }, time: START + n }
    })
    for (const { told } of events) this.oracle.sent(told)
    await this.#post(
      events.map(({ told: { user, pin, event }, time }) => {
        return { kind: 'closeup', id: event, time: time + 1_000, user, pin }
      }),
    )
    this.#busy.delete(user)
    for (const { told } of events) this.oracle.acknowledge(told)
  }

  /** Again and again until it is acknowledged. */
  async #post(entries: readonly object[]): Promise<void> {
    const body = JSON.stringify({ entries })
    for (;;) {
      try {
        const reply = await fetch(`${this.#api()}/v1/events`, {
          ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
          signal: AbortSignal.timeout(15_000),
        })
        const text = await reply.text()
        if (reply.status === 202) {
          if (text.includes('rejected')) throw new RejectedError(text)
          return
        }
        if (reply.status < 500) throw new RejectedError(text)
      } catch (error) {
        if (error instanceof RejectedError) throw error
      }
      this.resent++
      await systemClock.sleep(RETRY_MS)
    }
  }

  async #read(): Promise<void> {
    const user = this.#user(this.#random.below(USERS))
    const began = systemClock.monotonic()
    let rung = 'failed'
    try {
      const feed = await this.#feed(user)
      rung = feed.rung
      this.oracle.judgeFeed(user, feed.pins)
    } catch {
      // Counted.
    }
    const now = systemClock.monotonic()
    this.#rungs[rung] = (this.#rungs[rung] ?? 0) + 1
    this.#latencies.push(now - began)
    this.#longestWithout = Math.max(this.#longestWithout, now - this.#lastGood)
    if (isGood(rung)) this.#lastGood = now
  }

  async #feed(user: string): Promise<{ readonly rung: string; readonly pins: string[] }> {
    const address = `${this.#api()}/v1/users/${user}/recommendations?limit=8`
    const reply = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) })
    if (!reply.ok) throw new Error(await reply.text())
    const { rung, items } = (await reply.json()) as { rung: string; items: { pin: string }[] }
    return { rung, pins: items.map(({ pin }) => pin) }
  }

  #api(): string {
    return `http://127.0.0.1:${this.#apis[this.#random.below(this.#apis.length)]}`
  }

  #user(n: number): string {
    return `${this.#name}-u${n}`
  }

  #pin(n: number): string {
    return `${this.#name}-p${n}`
  }
}

class RejectedError extends Error {}

/** Of a ranker, for somebody whose shard was asked. */
const isGood = (rung: string) => rung === 'light' || rung === 'full'
