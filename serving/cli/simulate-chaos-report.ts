/** The report of a chaos run while it grows: what each seed adds, and the file that tells it. */
import { systemClock } from '../../base/index.ts'
import {
  type BugHunt,
  type ChaosFailure,
  chaosSections,
  type RunReport,
  SEEDS_FOR_COVERAGE,
} from '../../simulator/index.ts'
import { type ReportHead, reportHead } from './report-option.ts'

const SECOND_MS = 1000

type Asked = { readonly placement: string; readonly seed: number; readonly seeds: number }

export class ChaosDraft {
  readonly #head: ReportHead
  readonly #mustMeet: boolean
  readonly #began = systemClock.monotonic()
  readonly #pace: { second: number; seeds: number }[] = []
  readonly failures: ChaosFailure[] = []
  counts: Readonly<Record<string, number>> = {}
  sums: Readonly<Record<string, number>> = {}
  hunts: readonly BugHunt[] = []

  constructor({ placement, seed, seeds }: Asked) {
    const title = `${seeds.toLocaleString('en')} seeds of a host under faults, placement ${placement}`
    this.#head = reportHead({ title, kind: 'chaos', seed, options: { placement, seeds } })
    this.#mustMeet = seeds >= SEEDS_FOR_COVERAGE
  }

  /** A point of the pace, once a second. */
  seedsDone(seeds: number): void {
    const second = (systemClock.monotonic() - this.#began) / SECOND_MS
    if (second - (this.#pace.at(-1)?.second ?? 0) >= 1) this.#pace.push({ second, seeds })
    this.sums = { ...this.sums, seeds }
  }

  readonly report = (): RunReport => ({
    ...this.#head,
    sections: chaosSections({
      sums: this.sums,
      counts: this.counts,
      mustMeet: this.#mustMeet,
      failures: this.failures,
      hunts: this.hunts,
      pace: this.#pace,
    }),
  })
}
