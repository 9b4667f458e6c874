/**
 * One server with its client on one machine, as `simulate live` measures it: threads that share the
 * cores. The main thread takes requests one after the other, workers rank (two at one feed where
 * one has nothing else to do), collectors of garbage run beside them, the client asks and hears.
 * While more threads have work than there are cores, each gets an equal share of them (processor
 * sharing): that is where a small machine's tail comes from.
 */
import { Random } from '../../base/index.ts'
import { type Calibration, meanOf, perEventMs, type RequestTimes } from './calibration.ts'
import { Chance } from './chance.ts'
import { EventQueue } from './event-queue.ts'
import { Latencies } from './latencies.ts'
import { fixedTime, logNormalTime, measuredTime, type ServiceTime } from './service-time.ts'

/** Kinds of threads; of each as many as `OneServerOptions.threads` says. */
const lanes = ['client', 'main', 'worker', 'helper'] as const
type Lane = (typeof lanes)[number]

export type OneServerOptions = {
  readonly seed: number
  /** Requests a second, Poisson, and of them the share that are batches of events. */
  readonly rate: number
  readonly eventShare: number
  readonly eventsPerBatch: number
  readonly requests: number
  readonly cores: number
  readonly threads: Readonly<Record<Lane, number>>
  /** Whether a worker that has nothing else to do takes half of another's feed. */
  readonly sharesFeeds: boolean
  /** A client's timer is late by up to this. */
  readonly timerLateMs: number
}

export const oneServerDefaults = {
  seed: 1,
  eventShare: 0,
  eventsPerBatch: 20,
  requests: 20_000,
  cores: 2,
  threads: { client: 1, main: 1, worker: 2, helper: 4 },
  sharesFeeds: true,
  timerLateMs: 1,
} as const

/** Before this share of the requests the server is not yet as full as it will be. */
const WARM_UP = 0.1
/** Of the main thread's time for a feed, what is before the ranking. */
const BEFORE = 0.4

/** A step of a request: so long on a thread, or a wait for something else. */
type Step =
  | {
      readonly lane: number
      readonly time: ServiceTime
      /** What begins then on a helper, and nobody waits for. */
      readonly beside?: ServiceTime
      /** Whether another thread of the lane takes half of it, if one has nothing to do. */
      readonly isShared?: boolean
    }
  | { readonly wait: ServiceTime }

type Job = {
  readonly route: readonly Step[]
  readonly born: number
  readonly isFeed: boolean
  step: number
  /** Of its work, when it is done on the clock of work. */
  endsAt: number
}

const happens = { comes: 0, goesOn: 1 } as const

export type OneServerResult = {
  readonly feeds: Latencies
  readonly events: Latencies
  /** Cores that were busy, of the machine's. */
  readonly busyCores: number
}

export function runOneServer(given: Calibration, options: OneServerOptions): OneServerResult {
  return new OneServer(given, options).run()
}

class OneServer {
  readonly #options: OneServerOptions
  readonly #chance: Chance
  readonly #queue = new EventQueue()
  readonly #feed: readonly Step[]
  readonly #batch: readonly Step[]
  readonly #fold: readonly Step[]
  readonly #jobs: (Job | undefined)[] = []
  readonly #free: number[] = []
  readonly #active: Job[] = []
  readonly #busy = lanes.map(() => 0)
  readonly #waiting: Job[][] = lanes.map(() => [])
  readonly #feeds = new Latencies()
  readonly #events = new Latencies()
  #now = 0
  /** How much work each active job has had since the start. */
  #work = 0
  #busyMs = 0
  #came = 0

  constructor(given: Calibration, options: OneServerOptions) {
    this.#options = options
    this.#chance = new Chance(new Random(options.seed).split('one server'))
    this.#feed = feedRoute(given.demo.mixed)
    this.#batch = batchRoute(given, options)
    const perEvent = perEventMs(given, 'workerMs')
    this.#fold = [{ lane: 2, time: fixedTime(options.eventsPerBatch * perEvent) }]
  }

  run(): OneServerResult {
    const queue = this.#queue
    queue.push(0, happens.comes, 0)
    for (;;) {
      const rate = Math.min(1, this.#options.cores / Math.max(1, this.#active.length))
      const first = this.#firstToEnd()
      const ends = first ? this.#now + (first.endsAt - this.#work) / rate : Number.POSITIVE_INFINITY
      const at = Math.min(ends, queue.nextTime)
      if (at === Number.POSITIVE_INFINITY) break
      this.#work += (at - this.#now) * rate
      this.#busyMs += (at - this.#now) * rate * this.#active.length
      this.#now = at
      if (first && at === ends) this.#end(first)
      else {
        queue.next()
        if (queue.kind === happens.comes) this.#come()
        else this.#goOn(this.#takeJob(queue.subject))
      }
    }
    return {
      feeds: this.#feeds,
      events: this.#events,
      busyCores: this.#busyMs / Math.max(1, this.#now),
    }
  }

  #come(): void {
    const { rate, eventShare, requests, timerLateMs } = this.#options
    if (++this.#came < requests) {
      this.#queue.push(this.#now + (1_000 * this.#chance.exponential()) / rate, happens.comes, 0)
    }
    const isFeed = this.#chance.unit() >= eventShare
    const route = isFeed ? this.#feed : this.#batch
    const job = { route, born: this.#now, isFeed, step: -1, endsAt: 0 }
    this.#later(job, timerLateMs * this.#chance.unit())
  }

  #goOn(job: Job): void {
    const step = job.route[++job.step]
    if (!step) this.#leave(job)
    else if ('wait' in step) this.#later(job, step.wait.draw(this.#chance))
    else if (this.#busy[step.lane]! < this.#options.threads[lanes[step.lane] as Lane]) {
      this.#busy[step.lane]!++
      this.#begin(job, step)
    } else this.#waiting[step.lane]!.push(job)
    if (step && 'beside' in step && step.beside) this.#beside(step.beside)
  }

  /** Work that nobody waits for. */
  #beside(time: ServiceTime, lane = 3): void {
    const route = [{ lane, time }]
    this.#goOn({ route, born: this.#now, isFeed: false, step: -1, endsAt: 0 })
  }

  #begin(job: Job, { lane, time, isShared }: Extract<Step, { readonly lane: number }>): void {
    let ms = time.draw(this.#chance)
    if (
      isShared &&
      this.#options.sharesFeeds &&
      this.#busy[lane]! < this.#options.threads[lanes[lane] as Lane]
    ) {
      // Both begin now and get equal shares of the cores, so that they end together.
      ms /= 2
      this.#beside(fixedTime(ms), lane)
    }
    job.endsAt = this.#work + ms
    this.#active.push(job)
  }

  #end(job: Job): void {
    this.#active.splice(this.#active.indexOf(job), 1)
    const { lane } = job.route[job.step] as { lane: number }
    const next = this.#waiting[lane]!.shift()
    if (next) this.#begin(next, next.route[next.step] as Extract<Step, { lane: number }>)
    else this.#busy[lane]!--
    this.#goOn(job)
  }

  #leave({ route, born, isFeed }: Job): void {
    const isMeasured = this.#came > WARM_UP * this.#options.requests
    if (route === this.#batch) this.#goOn({ route: this.#fold, born, isFeed, step: -1, endsAt: 0 })
    if (!isMeasured) return
    if (isFeed) this.#feeds.add(this.#now - born)
    else if (route === this.#batch) this.#events.add(this.#now - born)
  }

  #firstToEnd(): Job | undefined {
    let first: Job | undefined
    for (const job of this.#active) if (!first || job.endsAt < first.endsAt) first = job
    return first
  }

  #later(job: Job, ms: number): void {
    const slot = this.#free.pop() ?? this.#jobs.push(undefined) - 1
    this.#jobs[slot] = job
    this.#queue.push(this.#now + ms, happens.goesOn, slot)
  }

  #takeJob(slot: number): Job {
    const job = this.#jobs[slot]!
    this.#free.push(slot)
    return job
  }
}

function feedRoute(times: RequestTimes): Step[] {
  const part = (share: number, of: readonly number[]) => measuredTime(of.map((ms) => share * ms))
  const wake = { wait: fixedTime(wakeMs(times)) }
  return [
    { lane: 0, time: part(0.5, times.clientMs) },
    wake,
    { lane: 1, time: part(BEFORE, times.mainMs) },
    wake,
    {
      ...{ lane: 2, time: part(1, times.workerMs), isShared: true },
      beside: fixedTime(meanOf(times.helperMs)),
    },
    wake,
    { lane: 1, time: part(1 - BEFORE, times.mainMs) },
    wake,
    { lane: 0, time: part(0.5, times.clientMs) },
  ]
}

function batchRoute(given: Calibration, { eventsPerBatch }: OneServerOptions): Step[] {
  const { event, batch } = given.demo
  const share = (eventsPerBatch - 1) / (given.eventsPerBatch - 1)
  // Between one event and a full batch, point by point.
  const main = event.mainMs.map((ms, i) => ms + share * ((batch.mainMs[i] ?? ms) - ms))
  const sorted = main.toSorted((a, b) => a - b)
  const client = measuredTime(event.clientMs.map((ms) => 0.5 * ms))
  return [
    { lane: 0, time: client },
    { lane: 1, time: measuredTime(sorted) },
    { wait: logNormalTime(given.flushMs) },
    { lane: 0, time: client },
  ]
}

/**
 * From one thread to the next: of a request alone, what the clock shows beyond the processor, in
 * four parts, with two workers at it. The quickest tenth knows least of what else the machine did.
 */
function wakeMs({ elapsedMs, clientMs, mainMs, workerMs }: RequestTimes): number {
  const at = (quantiles: readonly number[]) => quantiles[Math.round(0.1 * (quantiles.length - 1))]!
  return Math.max(0, at(elapsedMs) - at(clientMs) - at(mainMs) - at(workerMs) / 2) / 4
}
