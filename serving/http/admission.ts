/**
 * Back-pressure: how much may be under way at one time, so that what is taken in is answered in
 * time and the rest is refused while that is cheap.
 *
 * Counted are requests from their heads to their replies, and calls of the recommender: one that
 * weighs more than one request (a batch, by the hundred entries), or whose client has hung up,
 * still counts. Whichever is more counts. Requests with a body keep out others with a body, but
 * leave half of the room to those without: neither slow clients nor a log that is away for a while
 * keep a reader out.
 *
 * The bound follows the time that feeds take. They wait for threads and nothing else, where appends
 * also wait for the disk, and reads with `after` for appends: so when a feed takes longer than
 * `callMsTarget`, too much was under way when it began, and in proportion less would have been in
 * time (Little's law): that is the bound from then on. It grows back while feeds are quick.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, fromWire, type Logger, type WireError, wireError } from '../../base/index.ts'
import type { Bounds } from './bounds.ts'

/** By how much the bound grows with each quick feed: less while it is what limits. */
const GROWTH = { pressed: 0.1, free: 1 }
const TELL_EVERY_MS = 1_000

export type AdmissionOptions = {
  readonly clock: Clock
  readonly logger: Logger
  readonly bounds: Pick<Bounds, 'callsMin' | 'callsMax' | 'callMsTarget'>
}

export class Admission {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #bounds: AdmissionOptions['bounds']
  #limit: number
  #requests = 0
  /** Requests with a body. */
  #writes = 0
  /** Calls under way, by weight. */
  readonly #calls = { read: 0, write: 0 }
  #toldAt = Number.NEGATIVE_INFINITY
  #refused = 0
  #untold = 0

  constructor({ clock, logger, bounds }: AdmissionOptions) {
    this.#clock = clock
    this.#logger = logger
    this.#bounds = bounds
    this.#limit = bounds.callsMax
  }

  get limit(): number {
    return this.#limit
  }
  /** Requests refused since the start. */
  get refused(): number {
    return this.#refused
  }
  /** As those see it who read. */
  get #underWay(): number {
    return this.#underWayBeside(this.#limit / 2)
  }
  #underWayBeside(writesMost: number): number {
    const { read, write } = this.#calls
    const requests = this.#requests + Math.min(this.#writes, writesMost)
    return Math.max(requests, read + Math.min(write, writesMost))
  }

  /** Counts a request until it is answered; undefined when there is room for it. */
  enter(request: IncomingMessage, response: ServerResponse): WireError | undefined {
    const writes = request.method === 'POST'
    const underWay = this.#underWayBeside(writes ? this.#limit : this.#limit / 2)
    if (underWay + 1 > this.#limit) return this.#refusal()
    if (writes) this.#writes++
    else this.#requests++
    response.once('close', () => {
      if (writes) this.#writes--
      else this.#requests--
    })
    return undefined
  }

  /** Does a call; OVERLOADED when it has no room. */
  run<T>(call: () => Promise<T>): Promise<T> {
    return this.#do(call, 'read', 1)
  }

  /** The same for entries: one call alone has room, whatever it weighs. */
  write<T>(call: () => Promise<T>, weight: number): Promise<T> {
    return this.#do(call, 'write', weight)
  }

  async #do<T>(call: () => Promise<T>, kind: 'read' | 'write', weight: number): Promise<T> {
    const { read, write } = this.#calls
    const beside = read + (kind === 'write' ? write : Math.min(write, this.#limit / 2))
    if (beside > 0 && beside + weight > this.#limit) throw fromWire(this.#refusal())
    this.#calls[kind] += weight
    try {
      return await call()
    } finally {
      this.#calls[kind] -= weight
    }
  }

  /** The same for a call whose time tells whether too much is under way. */
  time<T>(call: () => Promise<T>): Promise<T> {
    return this.run(async () => {
      const began = this.#clock.monotonic()
      const underWay = this.#underWay
      try {
        return await call()
      } finally {
        this.#learn(underWay, this.#clock.monotonic() - began)
      }
    })
  }

  #learn(underWay: number, ms: number): void {
    const { callsMin, callsMax, callMsTarget } = this.#bounds
    if (ms <= callMsTarget) {
      const isPressed = this.#underWay > this.#limit / 2
      const more = isPressed ? GROWTH.pressed : GROWTH.free
      this.#limit = Math.min(callsMax, this.#limit + more)
    } else if (underWay > callsMin) {
      // With fewer under way it was slow for another reason.
      this.#limit = Math.max(callsMin, Math.min(this.#limit, (underWay * callMsTarget) / ms))
    }
  }

  /** Many come at once: the log has a line a second. */
  #refusal(): WireError {
    this.#refused++
    this.#untold++
    const count = Math.ceil(this.#underWay)
    const now = this.#clock.monotonic()
    if (now - this.#toldAt >= TELL_EVERY_MS) {
      const fields = { refused: this.#untold, underWay: count, limit: Math.floor(this.#limit) }
      this.#logger.warn(fields, 'more requests than can be answered in time')
      this.#toldAt = now
      this.#untold = 0
    }
    return wireError('OVERLOADED', { count })
  }
}
