/** What a run in virtual time counts: latencies by stream, ends, Little's law, points over time. */
import { assert } from '../../base/index.ts'
import { Latencies } from './latencies.ts'
import type { Pool } from './pool.ts'
import {
  type Point,
  type Role,
  type RoleResult,
  roles,
  type SliceOptions,
  type SliceResult,
  type StreamResult,
} from './slice-options.ts'

type End = 'answered' | 'degraded' | 'refused' | 'failed'

type Told = { readonly latencies: Latencies; came: number; hosts: number[] }

export class Tally {
  readonly #options: SliceOptions
  readonly #pools: readonly Pool[]
  readonly #streams
  readonly #feeds: number
  readonly #pointMs: number
  readonly #points: Told[]
  readonly #workMs = roles.map(() => 0)
  retried = 0
  #inside = 0
  #came = 0
  #area = 0
  #stayed = 0
  #last = 0

  constructor(options: SliceOptions, pools: readonly Pool[]) {
    this.#options = options
    this.#pools = pools
    this.#streams = options.streams.map(({ name }) => {
      const ends = { arrived: 0, answered: 0, degraded: 0, refused: 0, failed: 0 }
      return { name, latencies: new Latencies(), ends }
    })
    this.#feeds = options.streams.findIndex(({ name }) => name === 'feed')
    this.#pointMs = (options.warmUpMs + options.runMs) / options.points
    this.#points = Array.from({ length: options.points }, () => {
      return { latencies: new Latencies(), came: 0, hosts: [] }
    })
  }

  came(stream: number, now: number): void {
    this.#move(now, 1)
    this.#came++
    this.#streams[stream]!.ends.arrived++
    if (stream === this.#feeds) this.#pointAt(now).came++
  }

  ended({ stream, came, now, how }: { stream: number; came: number; now: number; how: End }): void {
    this.#move(now, -1)
    this.#stayed += now - came
    const { latencies, ends } = this.#streams[stream]!
    ends[how]++
    if (how !== 'answered' && how !== 'degraded') return
    if (came >= this.#options.warmUpMs) latencies.add(now - came)
    if (stream === this.#feeds) this.#pointAt(came).latencies.add(now - came)
  }

  worked(role: number, ms: number): void {
    this.#workMs[role]! += ms
  }

  result(events: number): SliceResult {
    assert(this.#inside === 0, 'a run ends when nobody is left inside')
    for (const { ends } of this.#streams) {
      const { arrived, answered, degraded, refused, failed } = ends
      assert(arrived === answered + degraded + refused + failed, 'nobody is lost')
    }
    const streams = this.#streams.map(({ name, latencies, ends }): [string, StreamResult] => {
      return [name, { ...ends, latencies, latencyMs: latencies.percentiles() }]
    })
    const span = this.#last
    const inside = span > 0 ? this.#area / span : 0
    const expected = span > 0 ? (this.#came / span) * (this.#stayed / Math.max(1, this.#came)) : 0
    const byRole = roles.map((role, i): [Role, RoleResult] => [role, this.#role(i)])
    return {
      streams: Object.fromEntries(streams),
      roles: Object.fromEntries(byRole) as SliceResult['roles'],
      retried: this.retried,
      overTime: this.#points.map((point, i) => this.#told(point, i)),
      little: { inside, expected },
      events,
    }
  }

  #role(role: number): RoleResult {
    const pool = this.#pools[role]!
    const paid = pool.upMs(this.#last)
    const busyMs = pool.busyMs(this.#last)
    return {
      hosts: pool.believed,
      hostsMost: pool.believedMost,
      utilisation: paid > 0 ? busyMs / paid : 0,
      waitingMost: pool.waitingMost,
      busyMs,
      workMs: this.#workMs[role]!,
    }
  }

  #told({ latencies, came, hosts }: Told, i: number): Point {
    const { p50, p99 } = latencies.percentiles()
    const counts = roles.map((role, n): [Role, number] => [
      role,
      hosts[n] ?? this.#pools[n]!.believed,
    ])
    return {
      second: Math.round(i * this.#pointMs) / 1_000,
      feedsPerSecond: Math.round((came / this.#pointMs) * 1e4) / 10,
      p50,
      p99,
      hosts: Object.fromEntries(counts) as Point['hosts'],
    }
  }

  #pointAt(ms: number) {
    const point = this.#points[Math.min(this.#points.length - 1, Math.floor(ms / this.#pointMs))]!
    if (point.hosts.length === 0) point.hosts = this.#pools.map(({ believed }) => believed)
    return point
  }

  #move(now: number, by: number): void {
    this.#area += this.#inside * (now - this.#last)
    this.#inside += by
    this.#last = now
  }
}
