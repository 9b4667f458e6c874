/**
 * Hosts in virtual time: requests come, go from host to host, wait for cores and for flushes; hosts
 * die and are replaced. A run is a function of its options: the same seed gives the same numbers.
 *
 * Nobody is lost: every arrival is answered, answered by the last rung, refused or counted as
 * failed, and a run ends only when nobody is left inside.
 */
import { Random } from '../../base/index.ts'
import { Autoscaler } from './autoscaler.ts'
import { Chance } from './chance.ts'
import { EventQueue } from './event-queue.ts'
import { Jobs } from './jobs.ts'
import { Pool } from './pool.ts'
import {
  type Role,
  roles,
  type SliceOptions,
  type SliceResult,
  type Stage,
} from './slice-options.ts'
import { Tally } from './tally.ts'

const happens = {
  comes: 0,
  arrives: 1,
  done: 2,
  flushed: 3,
  leaves: 4,
  scale: 5,
  fails: 6,
  known: 7,
  ready: 8,
  degrades: 9,
  givesUp: 10,
} as const

/** Users, by a hash. */
const KEYS = 1 << 20

/** Runs `options.streams` through `options.roles`. */
export function runSlice(options: SliceOptions): SliceResult {
  return new Slice(options).run()
}

/** A stage, and which of the pools it is at. */
type Stop = Stage & { readonly pool: number }

class Slice {
  readonly #options: SliceOptions
  readonly #queue = new EventQueue()
  readonly #jobs = new Jobs()
  readonly #pools: readonly Pool[]
  readonly #routes: readonly (readonly Stop[])[]
  readonly #scalers: readonly (Autoscaler | undefined)[]
  readonly #busyBefore = roles.map(() => 0)
  readonly #coming: Chance
  readonly #chance: Chance
  readonly #tally: Tally
  readonly #endMs: number

  constructor(options: SliceOptions) {
    this.#options = options
    const random = new Random(options.seed)
    this.#coming = new Chance(random.split('arrivals'))
    this.#chance = new Chance(random.split('service'))
    this.#endMs = options.warmUpMs + options.runMs
    this.#pools = roles.map((role) => {
      const { hosts, cores } = options.roles[role]
      const pool = new Pool({ cores, waitingMax: options.waitingMax })
      for (let host = 0; host < hosts; host++) pool.add(host % options.zones, 0)
      return pool
    })
    this.#routes = options.streams.map(({ route }) =>
      route.map((stage) => ({ ...stage, pool: roles.indexOf(stage.role) })),
    )
    this.#scalers = roles.map((role) => {
      const { scaling } = options.roles[role]
      return scaling && new Autoscaler(scaling)
    })
    this.#tally = new Tally(options, this.#pools)
  }

  run(): SliceResult {
    const queue = this.#queue
    const { streams, failures, scaleEveryMs } = this.#options
    for (const stream of streams.keys()) this.#nextArrival(stream, 0)
    for (const [number, { atMs }] of failures.entries()) queue.push(atMs, happens.fails, number)
    if (this.#scalers.some(Boolean)) queue.push(scaleEveryMs, happens.scale, 0)
    while (queue.next()) this.#happen(queue.kind, queue.subject, queue.time)
    return this.#tally.result(queue.steps)
  }

  #happen(kind: number, subject: number, now: number): void {
    if (kind === happens.arrives) this.#arrive(subject, now)
    else if (kind === happens.done) this.#done(subject, now)
    else if (kind === happens.comes) this.#come(subject, now)
    else if (kind === happens.flushed) this.#goOn(subject, now)
    else if (kind === happens.leaves) this.#end(subject, now, 'answered')
    else if (kind === happens.scale) this.#scale(now)
    else if (kind === happens.fails) this.#fail(subject, now)
    else if (kind === happens.known) this.#know(subject, now)
    else if (kind === happens.ready) this.#ready(subject, now)
    else this.#end(subject, now, kind === happens.degrades ? 'degraded' : 'failed')
  }

  /** Thinned: candidates come at the highest rate, and each is one with the chance that it has. */
  #nextArrival(stream: number, after: number): void {
    const { perSecond, perSecondMax } = this.#options.streams[stream]!
    if (perSecondMax <= 0) return
    let at = after
    do {
      at += (1_000 * this.#coming.exponential()) / perSecondMax
      if (at >= this.#endMs) return
    } while (this.#coming.unit() * perSecondMax >= perSecond(at))
    this.#queue.push(at, happens.comes, stream)
  }

  #come(stream: number, now: number): void {
    this.#nextArrival(stream, now)
    const job = this.#jobs.start({ stream, key: this.#chance.below(KEYS), now })
    this.#tally.came(stream, now)
    this.#arrive(job, now)
  }

  #stage(job: number): Stop | undefined {
    return this.#routes[this.#jobs.stream[job]!]![this.#jobs.stage[job]!]
  }

  #arrive(job: number, now: number): void {
    const jobs = this.#jobs
    const stop = this.#stage(job)!
    const pool = this.#pools[stop.pool]!
    const host = stop.owned ? pool.owner(jobs.key[job]!) : pool.pick(this.#chance)
    const taken = host < 0 ? 'gone' : pool.take(host, job, now)
    if (taken === 'gone') this.#retry(job, now + this.#options.timeoutMs)
    else if (taken === 'refused') this.#end(job, now, 'refused')
    else {
      jobs.host[job] = host
      if (taken === 'begins') this.#begin(job, now)
      else jobs.doneAt[job] = -1
    }
  }

  #begin(job: number, now: number): void {
    const ms = this.#stage(job)!.time.draw(this.#chance)
    this.#jobs.serviceMs[job] = ms
    this.#jobs.doneAt[job] = now + ms
    this.#queue.push(now + ms, happens.done, job)
  }

  #done(job: number, now: number): void {
    const jobs = this.#jobs
    // Its host died, and it has gone elsewhere.
    if (jobs.doneAt[job] !== now) return
    const { pool: number, flush } = this.#stage(job)!
    const pool = this.#pools[number]!
    const host = jobs.host[job]!
    jobs.doneAt[job] = -1
    jobs.host[job] = -1
    this.#tally.worked(number, jobs.serviceMs[job]!)
    const next = pool.release(host, now)
    if (next >= 0) this.#begin(next, now)
    if (flush) {
      const at = pool.flushed(host, now, () => flush.draw(this.#chance))
      this.#queue.push(at, happens.flushed, job)
    } else this.#goOn(job, now)
  }

  /** To the next stop, or out. */
  #goOn(job: number, now: number): void {
    this.#jobs.stage[job]!++
    this.#jobs.tries[job] = 0
    const isOver = this.#stage(job) === undefined
    this.#queue.push(now + this.#options.hopMs, isOver ? happens.leaves : happens.arrives, job)
  }

  /** Whoever is not answered asks another; a feed ends with the last rung, a batch fails. */
  #retry(job: number, at: number): void {
    const jobs = this.#jobs
    jobs.host[job] = -1
    jobs.doneAt[job] = -1
    this.#tally.retried++
    if (++jobs.tries[job]! < this.#options.triesMax) this.#queue.push(at, happens.arrives, job)
    else {
      const isFeed = this.#options.streams[jobs.stream[job]!]!.name === 'feed'
      const canAnswer = isFeed && this.#stage(job)!.role !== 'api'
      this.#queue.push(at, canAnswer ? happens.degrades : happens.givesUp, job)
    }
  }

  #end(job: number, now: number, how: 'answered' | 'degraded' | 'refused' | 'failed'): void {
    this.#tally.ended({
      stream: this.#jobs.stream[job]!,
      came: this.#jobs.arrivedAt[job]!,
      now,
      how,
    })
    this.#jobs.end(job)
  }

  #fail(number: number, now: number): void {
    const failure = this.#options.failures[number]!
    this.#pools.forEach((pool, role) => {
      const isMeant = (zone: number) =>
        failure.kind === 'zone' ? zone === failure.zone : roles[role] === failure.role
      const dying = [...pool.hosts.keys()].filter((at) => {
        const { isUp, isBelieved, zone } = pool.hosts[at]!
        return isUp && isBelieved && isMeant(zone)
      })
      for (const at of failure.kind === 'zone' ? dying : dying.slice(0, 1)) {
        pool.kill(at, now)
        this.#leaveDead(role, at, now)
      }
    })
    this.#queue.push(now + this.#options.detectMs, happens.known, number)
  }

  #leaveDead(role: number, host: number, now: number): void {
    const { made, host: hosts } = this.#jobs
    for (let job = 0; job < made; job++) {
      if (hosts[job] !== host || this.#stage(job)!.pool !== role) continue
      this.#retry(job, now + this.#options.timeoutMs)
    }
  }

  /** The dead are asked no more. A single host is replaced; a zone is gone. */
  #know(number: number, now: number): void {
    const failure = this.#options.failures[number]!
    for (const [role, pool] of this.#pools.entries()) {
      for (const [at, { isUp, isBelieved }] of pool.hosts.entries()) {
        if (isUp || !isBelieved) continue
        pool.forget(at)
        if (failure.kind === 'host') this.#order(role, 1, now)
      }
    }
  }

  #order(role: number, count: number, now: number): void {
    const { startMs } = this.#options.roles[roles[role] as Role]
    this.#pools[role]!.ordered += count
    for (let i = 0; i < count; i++) this.#queue.push(now + startMs, happens.ready, role)
  }

  #ready(role: number, now: number): void {
    const pool = this.#pools[role]!
    pool.ordered--
    const lost = this.#options.failures.flatMap((failure) =>
      failure.kind === 'zone' && failure.atMs <= now ? [failure.zone] : [],
    )
    const zones = [...Array(this.#options.zones).keys()].filter((zone) => !lost.includes(zone))
    if (zones.length > 0) pool.add(zones[pool.hosts.length % zones.length]!, now)
  }

  #scale(now: number): void {
    const every = this.#options.scaleEveryMs
    for (const [role, scaler] of this.#scalers.entries()) {
      const pool = this.#pools[role]!
      const busyMs = pool.busyMs(now)
      const busy = (busyMs - this.#busyBefore[role]!) / (every * pool.cores)
      this.#busyBefore[role] = busyMs
      if (!scaler) continue
      const hosts = pool.believed + pool.ordered
      const wanted = scaler.wanted({ now, hosts, busy })
      if (wanted > hosts) this.#order(role, wanted - hosts, now)
      else if (wanted < hosts) pool.retire(Math.min(hosts - wanted, pool.believed), now)
    }
    if (now + every < this.#endMs) this.#queue.push(now + every, happens.scale, 0)
  }
}
