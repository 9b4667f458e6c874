/**
 * The hosts of one role: each has cores, a queue in order of arrival, a zone and a state. Callers
 * go by what they believe: a host that died is asked until its death is known.
 *
 * A host's core is idle only while its queue is empty (work is conserved); `take` and `release` are
 * all that moves jobs.
 */
import { assert } from '../../base/index.ts'
import type { Chance } from './chance.ts'

export type PoolOptions = {
  readonly cores: number
  /** More than so many waiting a core are refused. */
  readonly waitingMax: number
}

type Host = {
  readonly zone: number
  isUp: boolean
  isPaid: boolean
  /** Until its death is known, or it is to leave. */
  isBelieved: boolean
  busy: number
  readonly waiting: number[]
  head: number
  /** The last flush of its log, and the one after it, end at these times. */
  flushEnd: number
  nextFlushEnd: number
}

export class Pool {
  readonly cores: number
  readonly #waitingMax: number
  readonly hosts: Host[] = []
  /** Hosts that callers choose among. */
  #believed: number[] = []
  /** Hosts ordered that are not there yet. */
  ordered = 0
  waitingMost = 0
  /** The most hosts at one time. */
  believedMost = 0
  /** Core milliseconds of hosts that were up, as far as `upSince` has come. */
  #upMs = 0
  #upCores = 0
  #upSince = 0
  /** Core milliseconds that were at work, by the clock. */
  #busyMs = 0
  #busyCores = 0
  #busySince = 0

  constructor({ cores, waitingMax }: PoolOptions) {
    assert(cores >= 1 && waitingMax >= 0, 'a host has a core')
    this.cores = cores
    this.#waitingMax = waitingMax
  }

  get believed(): number {
    return this.#believed.length
  }

  add(zone: number, now: number): number {
    this.#clock(now)
    const nothing = { waiting: [], head: 0, flushEnd: 0, nextFlushEnd: 0 }
    const lives = { isUp: true, isPaid: true, isBelieved: true }
    this.hosts.push({ zone, ...lives, busy: 0, ...nothing })
    this.#upCores += this.cores
    this.#believe()
    return this.hosts.length - 1
  }

  /** The less busy of two, drawn; -1 where nobody is left. */
  pick(chance: Chance): number {
    const count = this.#believed.length
    if (count === 0) return -1
    const one = this.#believed[chance.below(count)]!
    const other = this.#believed[chance.below(count)]!
    return this.#load(other) < this.#load(one) ? other : one
  }

  /** Who has a key: another one only when it is known to be gone. */
  owner(key: number): number {
    const count = this.#believed.length
    return count === 0 ? -1 : this.#believed[key % count]!
  }

  /** Gives a job to a host: it begins at once, waits, or is refused; 'gone' where nobody is. */
  take(at: number, job: number, now: number): 'begins' | 'waits' | 'refused' | 'gone' {
    const host = this.hosts[at]!
    if (!host.isUp) return 'gone'
    if (host.busy < this.cores) {
      host.busy++
      this.#work(1, now)
      return 'begins'
    }
    const waiting = host.waiting.length - host.head
    if (waiting >= this.#waitingMax * this.cores) return 'refused'
    host.waiting.push(job)
    if (waiting + 1 > this.waitingMost) this.waitingMost = waiting + 1
    return 'waits'
  }

  /** A core is free: the job that begins on it now, or -1. */
  release(at: number, now: number): number {
    const host = this.hosts[at]!
    if (host.head === host.waiting.length) {
      host.busy--
      this.#work(-1, now)
      return -1
    }
    const job = host.waiting[host.head++]!
    if (host.head > 1024 && 2 * host.head > host.waiting.length) {
      host.waiting.splice(0, host.head)
      host.head = 0
    }
    return job
  }

  /** When what is written now is on the disk: all that come during a flush share the next one. */
  flushed(at: number, now: number, flushMs: () => number): number {
    const host = this.hosts[at]!
    if (now >= host.flushEnd && host.nextFlushEnd > host.flushEnd) host.flushEnd = host.nextFlushEnd
    if (now >= host.flushEnd) {
      host.flushEnd = now + flushMs()
      host.nextFlushEnd = 0
      return host.flushEnd
    }
    if (host.nextFlushEnd <= host.flushEnd) host.nextFlushEnd = host.flushEnd + flushMs()
    return host.nextFlushEnd
  }

  /** The host is dead; nobody knows yet. */
  kill(at: number, now: number): void {
    const host = this.hosts[at]!
    if (!host.isUp) return
    host.isUp = false
    this.#work(-host.busy, now)
    this.#payNoMore(host, now)
  }

  /** Callers go elsewhere from now on. What waits there is still done if it is up. */
  forget(at: number): void {
    this.hosts[at]!.isBelieved = false
    this.#believe()
  }

  /** Takes the newest hosts from among those that callers choose, and ends them when told. */
  retire(count: number, now: number): void {
    for (const at of this.#believed.slice(this.#believed.length - count)) {
      this.forget(at)
      // It still ends what it has.
      this.#payNoMore(this.hosts[at]!, now)
    }
  }

  /** Core milliseconds at work until now, also what was lost with a host. */
  busyMs(now: number): number {
    this.#work(0, now)
    return this.#busyMs
  }

  /** Core milliseconds of hosts paid for until now. */
  upMs(now: number): number {
    this.#clock(now)
    return this.#upMs
  }

  #work(more: number, now: number): void {
    this.#busyMs += this.#busyCores * (now - this.#busySince)
    this.#busyCores += more
    this.#busySince = now
  }

  #payNoMore(host: Host, now: number): void {
    if (!host.isPaid) return
    this.#clock(now)
    host.isPaid = false
    this.#upCores -= this.cores
  }

  #clock(now: number): void {
    this.#upMs += this.#upCores * (now - this.#upSince)
    this.#upSince = now
  }

  #believe(): void {
    this.#believed = []
    this.hosts.forEach((host, at) => {
      if (host.isBelieved) this.#believed.push(at)
    })
    this.believedMost = Math.max(this.believedMost, this.#believed.length)
  }

  #load(at: number): number {
    const host = this.hosts[at]!
    return host.busy + host.waiting.length - host.head
  }
}
