/**
 * The way of a feed through a cluster: what is known of its user from the user's shard, pins from a
 * ranker, each in the time that is left. A ranker that does not answer is passed over: other lanes
 * are asked, which may be on another host.
 */
import { randomUUID } from 'node:crypto'
import {
  type Clock,
  errorCode,
  errorTable,
  hashId,
  pinwheelError,
  toWire,
} from '../../../base/index.ts'
import { shardOf } from './shard-of.ts'

/** Ids of rankers: a turn lock lets one call in per id, and rankings shall wait in the host. */
export const RANKER_LANES = 16

/** A call of an actor of the cluster, for at most `patienceMs`. */
export type Invoke = (
  call: { readonly type: string; readonly id: string; readonly method: string },
  body: unknown,
  patienceMs: number,
) => Promise<unknown>

export type FeedPathOptions = {
  readonly invoke: Invoke
  readonly clock: Clock
  /** Hears of what did not go as it should, by snake_case name. */
  readonly count?: (name: string) => void
}

/** Of the time that is left, what a ranker has; the rest is another's. */
const TRY_SHARE = 0.6
/** Lanes from the first one on: a host that died refuses at once, so they are soon asked. */
const TRIES = [0, 8, 4, 12].map((step) => step % RANKER_LANES)
/** Of a ranker's time, what its stages have; the rest is the way there and back. */
const STAGES_SHARE = 0.8
/** From how far behind the log a ranker says so, and how long its lanes come last then. */
export const BEHIND = Object.freeze({ fromMs: 5_000, avoidMs: 2_000 })

export class FeedPath {
  readonly #options: FeedPathOptions
  /** Lanes whose ranker was behind the log, and until when others are asked first. */
  readonly #behind = new Map<number, number>()

  constructor(options: FeedPathOptions) {
    this.#options = options
  }

  /** What an actor of a shard answers, in the time until `until` (monotonic). */
  ask(
    type: 'User' | 'Pin',
    id: string,
    { method, argument, until }: { method: string; argument?: unknown; until: number },
  ): Promise<unknown> {
    const body = { id, method, argument, call: randomUUID() }
    const call = { type: `${type}Shard`, id: String(shardOf(id)), method: 'ask' }
    return this.#within(until, (ms) => this.#options.invoke(call, body, ms))
  }

  /** What an actor holds, for people. USER_UNKNOWN, PIN_UNKNOWN. */
  async inspect(
    type: 'User' | 'Pin',
    id: string,
    until: number,
  ): Promise<Readonly<Record<string, unknown>>> {
    const call = { type: `${type}Shard`, id: String(shardOf(id)), method: 'inspect' }
    const found = await this.#within(until, (ms) => this.#options.invoke(call, { id }, ms))
    return found as Readonly<Record<string, unknown>>
  }

  /** Undefined for somebody of whom nothing was heard. */
  async context(user: string, until: number): Promise<unknown> {
    try {
      return await this.ask('User', user, { method: 'context', until })
    } catch (error) {
      if (errorCode(error) === 'USER_UNKNOWN') return undefined
      throw error
    }
  }

  /**
   * Asks the ranker of a lane, and others where it does not answer or cannot, or was behind the log
   * when it was asked last; `body` hears how long its stages may take.
   */
  async rank(
    of: string,
    method: string,
    { until, body }: { until: number; body: (deadlineMs: number) => unknown },
  ): Promise<unknown> {
    const lanes = this.#lanesOf(of)
    for (let n = 0; ; n++) {
      const lane = lanes[n]!
      const call = { type: 'Ranker', id: String(lane), method }
      const isLast = n === lanes.length - 1
      try {
        const answer = await this.#within(until, (left) => {
          const ms = Math.max(1, isLast ? left : left * TRY_SHARE)
          return this.#options.invoke(call, body(ms * STAGES_SHARE), ms)
        })
        this.#heard(lane, answer)
        return answer
      } catch (error) {
        if (isLast || !isOfHosts(error) || this.#options.clock.monotonic() >= until) throw error
        this.#options.count?.('rankings_retried')
      }
    }
  }

  /** In which order lanes are asked. */
  #lanesOf(of: string): readonly number[] {
    const now = this.#options.clock.monotonic()
    const lanes = TRIES.map((step) => (hashId(of) + step) % RANKER_LANES)
    const isLate = (lane: number) => (this.#behind.get(lane) ?? now) > now
    return [...lanes.filter((lane) => !isLate(lane)), ...lanes.filter(isLate)]
  }

  #heard(lane: number, answer: unknown): void {
    const { behindMs = 0 } = Object(answer) as { behindMs?: number }
    if (behindMs < BEHIND.fromMs) return
    this.#options.count?.('rankings_behind')
    this.#behind.set(lane, this.#options.clock.monotonic() + BEHIND.avoidMs)
  }

  #within(until: number, call: (ms: number) => Promise<unknown>): Promise<unknown> {
    const ms = until - this.#options.clock.monotonic()
    if (ms > 0) return call(ms)
    return Promise.reject(pinwheelError('DEADLINE', { what: 'a feed', ms: 0 }))
  }
}

/** Whether hosts are at fault, so that others may answer, or a lower rung; else the question is. */
export function isOfHosts(error: unknown): boolean {
  return errorTable[toWire(error).code].status >= 500
}
