/** A made-up server on fake time, for the tests of this folder. */
import {
  type Clock,
  type EventEntry,
  hash32,
  type ManualClock,
  systemClock,
} from '../../../base/index.ts'
import type { Feed, FeedAsk, Outcome, Taken, Target } from './target.ts'

export const testWorld = { seed: 5, users: 200, pins: 2_000 }

export type FakeOptions = {
  readonly clock: Clock
  /** It does one request after the other; each takes so long. */
  readonly serviceMs?: number
  /** Does nothing from the first to the second of these ms after its start. */
  readonly stall?: readonly [number, number]
  /** A save is heeded so long after it was accepted. */
  readonly heedsAfterMs?: number
  /** Fails the n-th request with a code; `hang` never answers. */
  readonly fails?: (n: number) => string | 'hang' | undefined
}

/** One line of what was asked, with its instant. */
export type Asked = { readonly at: number; readonly what: string }

/** Answers by (user, what they saved) alone, after a queue of one. */
export class FakeTarget implements Target {
  readonly #options: FakeOptions
  readonly asked: Asked[] = []
  readonly entries: EventEntry[] = []
  readonly #saved = new Map<string, { readonly pin: string; readonly at: number }[]>()
  readonly #start: number
  #busyUntil = 0
  #requests = 0

  constructor(options: FakeOptions) {
    this.#options = options
    this.#start = options.clock.monotonic()
  }

  feed(ask: FeedAsk): Promise<Outcome<Feed>> {
    return this.#answer(`feed ${JSON.stringify(ask)}`, (now) => {
      const { heedsAfterMs = 0 } = this.#options
      const gone = new Set(ask.exclude)
      for (const { pin, at } of this.#saved.get(ask.user) ?? []) {
        if (at + heedsAfterMs <= now) gone.add(pin)
      }
      const pins: { pin: string; propensity: number }[] = []
      for (let n = 0; pins.length < ask.limit; n++) {
        const pin = `p${hash32(`${ask.user} ${n}`) % testWorld.pins}`
        if (!gone.has(pin)) pins.push({ pin, propensity: 1 })
        gone.add(pin)
      }
      return { request: `r${hash32(ask.user)}`, generation: 'mixed', pins }
    })
  }

  send(entries: readonly EventEntry[]): Promise<Outcome<Taken>> {
    return this.#answer(`send ${JSON.stringify(entries)}`, (now) => {
      this.entries.push(...entries)
      for (const { kind, user, pin } of entries) {
        if (kind !== 'save') continue
        this.#saved.set(user, [...(this.#saved.get(user) ?? []), { pin: pin!, at: now }])
      }
      return { accepted: entries.length, duplicate: 0 }
    })
  }

  async #answer<T>(what: string, value: (now: number) => T): Promise<Outcome<T>> {
    const { clock, serviceMs = 0.2, stall, fails } = this.#options
    const now = clock.monotonic()
    this.asked.push({ at: now, what })
    const code = fails?.(this.#requests++)
    if (code === 'hang') await new Promise(() => {})
    let begins = Math.max(now, this.#busyUntil)
    const sinceStart = begins - this.#start
    if (stall && sinceStart >= stall[0] && sinceStart < stall[1]) begins = this.#start + stall[1]
    this.#busyUntil = begins + serviceMs
    await clock.sleep(this.#busyUntil - now)
    return code === undefined ? { value: value(clock.monotonic()) } : { code }
  }
}

/** Moves fake time on, ms by ms, until `running` has an end; tells each ms before it passes. */
export async function playOut<T>(
  clock: ManualClock,
  running: Promise<T>,
  onMs: (ms: number) => void = () => {},
): Promise<T> {
  let isOver = false
  const over = running.finally(() => {
    isOver = true
  })
  for (let ms = 0; !isOver; ms++) {
    onMs(ms)
    clock.advance(1)
    await systemClock.yield()
  }
  return over
}
