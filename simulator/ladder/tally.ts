/**
 * What came of a world: sums over viewed impressions and visits, from which the metrics are made.
 */
import { degreeLaws } from '../../graph/analysis/index.ts'
import type { Look } from '../behaviour/index.ts'

export type Metrics = {
  /** The primary metric, fixed before anything was compared. */
  readonly savesPerView: number
  /** The true chance of a save of what was seen, a mean: the primary metric without its noise. */
  readonly wantedPerView: number
  readonly closeupsPerView: number
  readonly outboundsPerView: number
  readonly hidesPerView: number
  readonly views: number
  readonly saves: number
  /** Seconds of a close-up, and of a visit: means. */
  readonly dwellSeconds: number
  readonly visitSeconds: number
  readonly visitsPerUser: number
  /**
   * Of people with a visit at least a week before the end: those who came again within a week; null
   * where nobody had.
   */
  readonly returned7: number | null
  /** Share of the pins that existed and were shown. */
  readonly coverage: number
  /** Of what was shown, over pins that were. */
  readonly gini: number
  /** Of two pins of a page, a mean: 1 where they share no topic. */
  readonly listDistance: number
  /** Interests that a person opened something of for the first time, for each person. */
  readonly discovered: number
  /** Saves for each that the arm foretold: 1 is right, null where an arm says no chances. */
  readonly calibration: number | null
}

export class Tally {
  readonly #counts = { none: 0, hide: 0, closeup: 0, save: 0, outbound: 0 }
  readonly #shown: Uint32Array
  readonly #visits = new Map<number, number[]>()
  readonly #discovered = new Set<string>()
  #views = 0
  #dwell = 0
  #opened = 0
  #wanted = 0
  #foretold = 0
  #savesForetold = 0
  #visitSeconds = 0
  #visitCount = 0
  #pages = 0
  #distance = 0

  constructor(pins: number) {
    this.#shown = new Uint32Array(pins)
  }

  /** `chance`: what the arm had said of a save. */
  look({ pin, response, dwell, wanted }: Look, chance?: number): void {
    this.#wanted += wanted
    if (chance !== undefined) {
      this.#foretold += chance
      if (response === 'save') this.#savesForetold++
    }
    this.#views++
    this.#counts[response]++
    this.#shown[pin]!++
    this.#dwell += dwell
    if (dwell > 0) this.#opened++
  }

  page(topicsOf: readonly number[]): void {
    let apart = 0
    let pairs = 0
    for (const [i, a] of topicsOf.entries()) {
      for (const b of topicsOf.slice(i + 1)) {
        pairs++
        if (a !== b) apart++
      }
    }
    if (pairs === 0) return
    this.#pages++
    this.#distance += apart / pairs
  }

  visit(user: number, time: number, seconds: number): void {
    const times = this.#visits.get(user)
    if (times) times.push(time)
    else this.#visits.set(user, [time])
    this.#visitCount++
    this.#visitSeconds += seconds
  }

  /** Somebody opened something of an interest of theirs. */
  opened(user: number, interest: number): void {
    this.#discovered.add(`${user} ${interest}`)
  }

  metrics({ end, users, born }: { end: number; users: number; born: number }): Metrics {
    const { closeup, save, outbound, hide } = this.#counts
    const perView = (count: number) => count / Math.max(1, this.#views)
    const shown = this.#shown.filter((count) => count > 0)
    return {
      savesPerView: perView(save),
      wantedPerView: perView(this.#wanted),
      closeupsPerView: perView(closeup + save + outbound),
      outboundsPerView: perView(outbound),
      hidesPerView: perView(hide),
      views: this.#views,
      saves: save,
      dwellSeconds: this.#dwell / Math.max(1, this.#opened),
      visitSeconds: this.#visitSeconds / Math.max(1, this.#visitCount),
      visitsPerUser: this.#visitCount / users,
      returned7: this.#returned(end),
      coverage: shown.length / Math.max(1, born),
      gini: degreeLaws(shown).gini,
      listDistance: this.#distance / Math.max(1, this.#pages),
      discovered: this.#discovered.size / users,
      calibration: this.#foretold > 0 ? this.#savesForetold / this.#foretold : null,
    }
  }

  #returned(end: number): number | null {
    const week = 7 * 86_400_000
    let asked = 0
    let came = 0
    for (const times of this.#visits.values()) {
      const early = times.filter((time) => time <= end - week)
      const last = early.at(-1)
      if (last === undefined) continue
      asked++
      if (early.length > 1 && times.some((time) => time > early[0]! && time <= early[0]! + week))
        came++
      else if (times.some((time) => time > last && time <= last + week)) came++
    }
    return asked === 0 ? null : came / asked
  }
}
