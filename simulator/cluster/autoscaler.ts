/**
 * How many hosts a role should have: so many that they would be as busy as `target` says. More at
 * once; fewer only when that has been enough for a while. Never more than `hostsMax`, never fewer
 * than `hostsMin`, whatever it is told.
 */
import { assert } from '../../base/index.ts'

export type ScalingOptions = {
  readonly hostsMin: number
  readonly hostsMax: number
  /** Share of the cores that is to be busy. */
  readonly target: number
  /** For so long fewer must have been enough. */
  readonly calmMs: number
}

export class Autoscaler {
  readonly #options: ScalingOptions
  /** When the wish last was not smaller than what there is. */
  #neededAt = Number.NEGATIVE_INFINITY
  /** The most that was wished for since. */
  #most = 0

  constructor(options: ScalingOptions) {
    const { hostsMin, hostsMax, target } = options
    assert(hostsMin >= 1 && hostsMax >= hostsMin, 'there is a host, and the most is not the fewest')
    assert(target > 0 && target <= 1, 'a target is a share of the cores')
    this.#options = options
  }

  /** `hosts` that run or are on their way, of which `busy` cores' worth in hosts is in use. */
  wanted({ now, hosts, busy }: { now: number; hosts: number; busy: number }): number {
    const { target, calmMs } = this.#options
    const wish = this.#within(Math.ceil(busy / target - 1e-9))
    if (wish >= hosts) {
      this.#neededAt = now
      this.#most = 0
      return Math.max(wish, this.#within(hosts))
    }
    this.#most = Math.max(this.#most, wish)
    if (now - this.#neededAt < calmMs) return this.#within(hosts)
    const fewer = this.#most
    this.#neededAt = now
    this.#most = 0
    return fewer
  }

  #within(hosts: number): number {
    const { hostsMin, hostsMax } = this.#options
    return Math.min(hostsMax, Math.max(hostsMin, hosts))
  }
}
