/**
 * What a stream looks like from outside: visits, gaps, hours and kinds, from its events alone. Two
 * actions of a person belong to one visit when they are at most `VISIT_GAP_MS` apart; impressions
 * are no actions.
 */
import { type EpochMs, kindCode, kindNames } from '../../../base/index.ts'
import { percentile } from '../../../graph/analysis/index.ts'
import type { Target, Verdict } from '../../world/index.ts'
import { dayShare } from './day-plan.ts'
import type { EventStream } from './event-stream.ts'
import { emptyFrame, FRAME_EVENTS, readFrame, streamRecord } from './frame.ts'

export type StreamStatistics = {
  readonly events: number
  readonly days: number
  readonly visits: number
  readonly actionsPerVisitMedian: number
  readonly actionsPerVisitP90: number
  readonly actionsPerVisitP99: number
  /** Of ln of the seconds between actions of a visit. */
  readonly gapMean: number
  readonly gapDeviation: number
  /** Largest distance of an hour's share of the events from the curve's. */
  readonly hourDistance: number
  /** By kind. */
  readonly shares: Readonly<Record<string, number>>
}

const HOUR_MS = 3_600_000
const VISIT_GAP_MS = HOUR_MS

/** Columns of the events of one circle, and its saves. */
export class StreamSample {
  readonly #users: Uint32Array
  readonly #times: Float64Array
  readonly #kinds: Uint8Array
  readonly savePin: Uint32Array
  readonly saveBoard: Uint32Array
  readonly #swing: number
  #count = 0

  /** Events [0, `events`) of circle 0. */
  constructor(stream: EventStream, events: number) {
    this.#users = new Uint32Array(events)
    this.#times = new Float64Array(events)
    this.#kinds = new Uint8Array(events)
    this.#swing = stream.shape.daySwing
    const pins = new Uint32Array(events)
    const boards = new Uint32Array(events)
    const { circles } = stream.world
    const frame = emptyFrame()
    const record = streamRecord()
    let saves = 0
    for (let first = 0; this.#count < events; first += FRAME_EVENTS) {
      stream.fill(frame, first)
      const skip = (circles - (first % circles)) % circles
      for (let at = skip; at < FRAME_EVENTS && this.#count < events; at += circles) {
        readFrame(frame, at, record)
        this.#users[this.#count] = record.user
        this.#times[this.#count] = record.time
        this.#kinds[this.#count++] = record.kind
        if (record.kind !== kindCode.save) continue
        pins[saves] = record.pin
        boards[saves++] = record.board
      }
    }
    this.savePin = pins.slice(0, saves)
    this.saveBoard = boards.slice(0, saves)
  }

  statistics(): StreamStatistics {
    const { lengths, gaps } = this.#visits()
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / Math.max(1, gaps.length)
    const spread = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / Math.max(1, gaps.length)
    const ascending = lengths.sort()
    return {
      events: this.#count,
      days: this.#days(),
      visits: lengths.length,
      actionsPerVisitMedian: percentile(ascending, 0.5),
      actionsPerVisitP90: percentile(ascending, 0.9),
      actionsPerVisitP99: percentile(ascending, 0.99),
      gapMean: mean,
      gapDeviation: Math.sqrt(spread),
      hourDistance: this.#hourDistance(),
      shares: this.#shares(),
    }
  }

  #days(): number {
    return (this.#times[this.#count - 1]! - this.#times[0]!) / (24 * HOUR_MS)
  }

  /** Visits by their number of actions, and ln of seconds of the gaps within. */
  #visits() {
    const order = this.#byUser()
    const lengths: number[] = []
    const gaps: number[] = []
    let user = -1
    let last: EpochMs = 0
    for (const at of order) {
      const time = this.#times[at]!
      const gap = time - last
      if (this.#users[at] === user && gap <= VISIT_GAP_MS) {
        lengths[lengths.length - 1]!++
        if (gap > 0) gaps.push(Math.log(gap / 1_000))
      } else lengths.push(1)
      user = this.#users[at]!
      last = time
    }
    return { lengths: Uint32Array.from(lengths), gaps }
  }

  /** Places of the actions, by user and in order of time. */
  #byUser(): Uint32Array {
    const starts = new Uint32Array(this.#users.reduce((most, user) => Math.max(most, user), 0) + 2)
    const isAction = (at: number) => this.#kinds[at] !== kindCode.impression
    for (let at = 0; at < this.#count; at++) if (isAction(at)) starts[this.#users[at]! + 1]!++
    for (let user = 1; user < starts.length; user++) starts[user]! += starts[user - 1]!
    const order = new Uint32Array(starts.at(-1)!)
    for (let at = 0; at < this.#count; at++)
      if (isAction(at)) order[starts[this.#users[at]!]!++] = at
    return order
  }

  /** Over whole days only, since a part of a day has other hours. */
  #hourDistance(): number {
    const hours = new Float64Array(24)
    const start = Math.floor(this.#times[0]! / (24 * HOUR_MS)) * 24 * HOUR_MS
    const end = start + Math.floor(this.#days()) * 24 * HOUR_MS
    let counted = 0
    for (let at = 0; at < this.#count; at++) {
      if (this.#times[at]! >= end) break
      hours[Math.floor(this.#times[at]! / HOUR_MS) % 24]!++
      counted++
    }
    const wanted = (hour: number) =>
      dayShare((hour + 1) / 24, this.#swing) - dayShare(hour / 24, this.#swing)
    return hours.reduce(
      (most, events, hour) =>
        Math.max(most, Math.abs(events / Math.max(1, counted) - wanted(hour))),
      0,
    )
  }

  #shares(): Record<string, number> {
    const counts = new Uint32Array(kindNames.length)
    for (let at = 0; at < this.#count; at++) counts[this.#kinds[at]!]!++
    const met = kindNames.map((name, kind) => [name, counts[kind]! / this.#count] as const)
    return Object.fromEntries(met.filter(([, share]) => share > 0))
  }
}

type Figure = Exclude<keyof StreamStatistics, 'shares' | 'events' | 'days' | 'visits'>

/** What is known of real visits, as `boardTargets`. */
export const visitTargets: Readonly<Record<Figure, Target>> = {
  actionsPerVisitMedian: { figure: 'actions per visit, median', target: 3, tolerance: 0 },
  actionsPerVisitP90: { figure: 'actions per visit, p90', target: 7, tolerance: 1 },
  actionsPerVisitP99: { figure: 'actions per visit, p99', target: 18, tolerance: 2 },
  gapMean: { figure: 'gaps, mean of ln seconds', target: 3.97, tolerance: 0.1 },
  gapDeviation: { figure: 'gaps, deviation of ln seconds', target: 1.5, tolerance: 0.08 },
  hourDistance: { figure: 'hours, largest distance of a share', target: 0, tolerance: 0.004 },
}

/** Whole days that hours need. */
const DAYS_MIN = 1

export function judgeVisits(statistics: StreamStatistics): Verdict[] {
  return Object.entries(visitTargets).map(([name, target]) => {
    const value = statistics[name as Figure]
    const isNear = Math.abs(value - target.target) <= target.tolerance
    const verdict = statistics.days < DAYS_MIN ? 'too small' : isNear ? 'pass' : 'fail'
    return { ...target, value, verdict }
  })
}
