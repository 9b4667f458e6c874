/**
 * The open loop: at every scheduled instant one request leaves, whatever waits. So the instants are
 * the seed's alone, while what is asked follows from what was answered: `Turns` says whose request
 * it is.
 */
import { assert, type Clock, type EventEntry } from '../../../base/index.ts'
import { latencySummary } from '../../report/latency-histogram.ts'
import { type RequestKind, Tally } from './tally.ts'
import { isGone, type Outcome, type Target } from './target.ts'
import { type Open, Turns } from './turns.ts'
import type { Act, People } from './visit.ts'

export type DriveOptions = {
  /** Instants in ms from the start, ascending; undefined after the last. */
  readonly arrivals: { next(): number | undefined }
  readonly people: People
  readonly target: Target
  readonly clock: Clock
  readonly seed: number
  /** Goes into the ids of events: two runs with one name and one seed send the same ones. */
  readonly run: string
  /** What is scheduled earlier is done, but not counted. */
  readonly warmUpMs: number
  /** People act so many times as fast as people do. */
  readonly pace?: number
  /** Requests under way at one time; one more is refused. */
  readonly outstandingMax?: number
  /** With every answer for so long a connection that was not taken or ended, the target is gone. */
  readonly goneMs?: number
  readonly signal?: AbortSignal
  /** Processor time of this process so far, in ms. */
  readonly cpuMs?: () => number
  readonly onSecond?: (second: Second) => void
}

export const driveDefaults = Object.freeze({
  pace: 1,
  outstandingMax: 1_000,
  goneMs: 3_000,
})

/** What was scheduled within a second of the run, and what ended within it. */
export type Second = {
  readonly second: number
  readonly scheduled: number
  readonly answered: number
  /** Feeds among them. */
  readonly feeds: number
  readonly errors: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Kinds of events that were told and taken, and people. */
export type Doings = {
  visits: number
  newcomers: number
  /** Visits that ended because a request failed. */
  lost: number
  accepted: number
  duplicate: number
  readonly deeds: Record<string, number>
}

export type Driven = {
  readonly warmUp: Tally
  readonly measured: Tally
  readonly seconds: readonly Second[]
  readonly doings: Doings
  /** From the end of the warm-up to the last answer. */
  readonly measuredMs: number
  /** Share of a core that this process took from the end of the warm-up on. */
  readonly cpuShare?: number
  /** The run ended before its arrivals did. */
  readonly ended?: 'interrupted' | 'target gone'
}

/** Runs until every arrival is settled. Rejects for nothing that a target does. */
export async function drive(options: DriveOptions): Promise<Driven> {
  return new Driver({ ...driveDefaults, ...options }).run()
}

const TICK_MS = 1
/** How long what is under way is waited for when a run is ended early. */
const GRACE_MS = 1_000
/** So many connections in a row that failed, at least, before a target is called gone. */
const GONE_MIN = 5

type Full = DriveOptions & Required<Pick<DriveOptions, keyof typeof driveDefaults>>

class Driver {
  readonly #options: Full
  readonly #start: number
  readonly #turns: Turns
  readonly #warmUp = new Tally()
  readonly #measured = new Tally()
  readonly #seconds: Second[] = []
  readonly #doings: Omit<Doings, 'visits' | 'newcomers'> = {
    lost: 0,
    accepted: 0,
    duplicate: 0,
    deeds: {},
  }
  readonly #underWay = new Set<Request>()
  readonly #over = Promise.withResolvers<void>()
  #second = new Tally()
  #next: number | undefined
  #ended: 'interrupted' | 'target gone' | undefined
  /** Until when what is under way is waited for. */
  #patienceEnds = Number.POSITIVE_INFINITY
  #isOver = false
  #gone = { count: 0, since: 0 }
  #cpuAtStart: number | undefined
  #measureStart = 0
  #lastMs = 0

  constructor(options: Full) {
    assert(options.pace > 0, 'people act at some pace')
    this.#options = options
    this.#start = options.clock.monotonic()
    this.#turns = new Turns(options)
    this.#next = options.arrivals.next()
  }

  async run(): Promise<Driven> {
    const { clock, signal } = this.#options
    const interrupt = () => this.#end('interrupted')
    signal?.addEventListener('abort', interrupt, { once: true })
    if (signal?.aborted) interrupt()
    const stop = clock.every(TICK_MS, () => this.#tick())
    const stay = this.#stayAlive()
    this.#tick()
    await this.#over.promise
    stop()
    stay()
    signal?.removeEventListener('abort', interrupt)
    this.#closeSecond(Number.POSITIVE_INFINITY)
    return this.#result()
  }

  #result(): Driven {
    const { cpuMs, clock } = this.#options
    const ms = clock.monotonic() - this.#start - this.#measureStart
    const cpu = cpuMs && this.#cpuAtStart !== undefined ? cpuMs() - this.#cpuAtStart : undefined
    return {
      warmUp: this.#warmUp,
      measured: this.#measured,
      seconds: this.#seconds,
      doings: { ...this.#doings, visits: this.#turns.visits, newcomers: this.#turns.newcomers },
      measuredMs: Math.max(0, this.#lastMs - this.#measureStart),
      ...(cpu !== undefined && ms > 0 && { cpuShare: cpu / ms }),
      ...(this.#ended && { ended: this.#ended }),
    }
  }

  /** Ticks alone would let a process end that has no connection open. */
  #stayAlive(): () => void {
    const done = new AbortController()
    const { clock } = this.#options
    const wait = async () => {
      while (!done.signal.aborted) await clock.sleep(1_000, done.signal)
    }
    wait().catch(() => {})
    return () => done.abort()
  }

  #elapsed(): number {
    return this.#options.clock.monotonic() - this.#start
  }

  #tick(): void {
    if (this.#isOver) return
    let now = this.#elapsed()
    this.#closeSecond(now)
    while (this.#next !== undefined && this.#next <= now) {
      const at = this.#next
      this.#next = this.#options.arrivals.next()
      this.#slot(at)
      now = this.#elapsed()
    }
    this.#finishIfDone(now)
  }

  #finishIfDone(now: number): void {
    if (this.#next !== undefined) return
    if (this.#underWay.size > 0 && now < this.#patienceEnds) return
    // What is still under way after an interruption has no other end.
    for (const request of this.#underWay) this.#settle(request, 'INTERRUPTED')
    this.#isOver = true
    this.#over.resolve()
  }

  /** One arrival: the request of whoever is due, or of somebody who comes in. */
  #slot(at: number): void {
    this.#beginMeasuring(at)
    const turn = this.#turns.take(at)
    const kind = turn.act === undefined ? 'feed' : 'events'
    const request: Request = { kind, at, tally: this.#tallyOf(at) }
    request.tally.scheduled++
    this.#second.scheduled++
    this.#underWay.add(request)
    if (this.#underWay.size > this.#options.outstandingMax) {
      this.#settle(request, 'CLIENT_BOUND')
      if (kind === 'feed') this.#doings.lost++
      return
    }
    for (const tally of [request.tally, this.#second]) {
      tally.sent++
      tally.lateness.record(Math.max(0, this.#elapsed() - at))
    }
    if (turn.act) void this.#tell(turn.open, turn.act, request)
    else void this.#ask(turn.open, request)
  }

  #tallyOf(at: number): Tally {
    return at < this.#options.warmUpMs ? this.#warmUp : this.#measured
  }

  #beginMeasuring(at: number): void {
    const { warmUpMs, cpuMs } = this.#options
    if (this.#cpuAtStart !== undefined || at < warmUpMs) return
    this.#cpuAtStart = cpuMs?.() ?? 0
    this.#measureStart = Math.max(warmUpMs, 0)
  }

  async #ask(open: Open, request: Request): Promise<void> {
    const outcome = await this.#options.target.feed(open.visit.ask())
    this.#settle(request, outcome.code)
    if (outcome.value === undefined) this.#doings.lost++
    else {
      const when = { now: this.#elapsed(), wall: this.#options.clock.now() }
      this.#turns.plan(open, open.visit.look(outcome.value), when)
    }
  }

  async #tell(open: Open, { deeds }: Act, request: Request): Promise<void> {
    const { target, pace, run, seed } = this.#options
    const { user } = open.visit
    const { deeds: counts } = this.#doings
    const entries = deeds.map(({ afterMs, ...deed }): EventEntry => {
      counts[deed.kind] = (counts[deed.kind] ?? 0) + 1
      const id = `${run}-${seed}-${open.session}-${open.entries++}`
      return { ...deed, id, user, time: Math.floor(open.wall + afterMs / pace) }
    })
    const outcome = await target.send(entries)
    this.#settle(request, outcome.code)
    this.#doings.accepted += outcome.value?.accepted ?? 0
    this.#doings.duplicate += outcome.value?.duplicate ?? 0
  }

  #settle(request: Request, code: Outcome<unknown>['code']): void {
    // The answer to what was given up comes too late to count.
    if (!this.#underWay.delete(request)) return
    const now = this.#elapsed()
    if (request.tally === this.#measured) this.#lastMs = Math.max(this.#lastMs, now)
    const ms = Math.max(0, now - request.at)
    request.tally.settle(request.kind, ms, code)
    this.#second.settle(request.kind, ms, code)
    this.#watch(code, now)
    if (this.#underWay.size === 0 && !this.#isOver) this.#finishIfDone(now)
  }

  /** Ends the run where nobody has taken a connection for long. */
  #watch(code: string | undefined, now: number): void {
    if (code === 'CLIENT_BOUND' || code === 'INTERRUPTED') return
    if (!isGone(code)) this.#gone.count = 0
    else if (this.#gone.count++ === 0) this.#gone.since = now
    const { count, since } = this.#gone
    if (count >= GONE_MIN && now - since >= this.#options.goneMs) this.#end('target gone')
  }

  #end(why: 'interrupted' | 'target gone'): void {
    if (this.#ended) return
    this.#ended = why
    this.#next = undefined
    this.#patienceEnds = this.#elapsed() + GRACE_MS
  }

  #closeSecond(now: number): void {
    const second = this.#seconds.length
    if (now < (second + 1) * 1_000) return
    const { scheduled, answered, failed, refused } = this.#second
    const latency = latencySummary(this.#second.latency())
    const errors = failed + refused
    const ms = { p50Ms: latency.p50, p99Ms: latency.p99 }
    const feeds = this.#second.kinds.feed.answered
    const row = { second, scheduled, answered, feeds, errors, ...ms }
    this.#seconds.push(row)
    this.#second = new Tally()
    this.#options.onSecond?.(row)
    if (Number.isFinite(now)) this.#closeSecond(now)
  }
}

type Request = { readonly kind: RequestKind; readonly at: number; readonly tally: Tally }
