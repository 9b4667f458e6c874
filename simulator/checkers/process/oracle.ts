/**
 * What a client of one data directory was told, and whether the host has it. Each batch of saves
 * has pins of its own, so that a pin's saves tell how often its save was applied; adds of counters
 * are told by their sum. What was not answered is sent again under the same ids, as clients do.
 */
import type { Entry, Random } from '../../../base/index.ts'

const USERS = 40

export type Work =
  | { readonly what: 'save'; readonly entries: readonly Entry[] }
  | { readonly what: 'add'; readonly counter: string }
export type Question = { readonly pins: readonly string[]; readonly counters: readonly string[] }
/** As it was asked for: saves of each pin, -1 for one never heard of. */
export type Seen = {
  readonly saves: readonly number[]
  readonly sums: readonly number[]
  /** Events that each counter emitted and that were applied: one for each 1 that was added. */
  readonly told: readonly number[]
}
export type Verdict = { readonly lost: number; readonly doubled: number }

/** What one kind of host is loaded with. */
export type Diet = { readonly entriesPerBatch: number; readonly counters: number }

type Batch = { readonly first: number; readonly work: Work }

export class Oracle {
  readonly #random: Random
  readonly #diet: Diet
  #pins = 0
  /** Sent and not answered. */
  readonly #open = new Map<Work, Batch>()
  /** Pins whose save was acknowledged. */
  readonly #told = new Set<number>()
  /** Adds of each counter that were acknowledged, and those nobody knows of. */
  readonly #added: number[]
  readonly #unsure: number[]
  resent = 0

  constructor(random: Random, diet: Diet) {
    this.#random = random
    this.#diet = diet
    this.#added = new Array<number>(diet.counters).fill(0)
    this.#unsure = new Array<number>(diet.counters).fill(0)
  }

  get acknowledged(): number {
    return this.#told.size
  }
  /** Saves that were never acknowledged, and were applied or not: both are right. */
  get undecided(): number {
    return this.#pins - this.#told.size
  }

  next(): Work {
    const { counters } = this.#diet
    if (counters > 0 && this.#random.below(5) === 0) {
      const counter = this.#random.below(counters)
      return this.#sent({ first: -1 - counter, work: { what: 'add', counter: `c${counter}` } })
    }
    const first = this.#pins
    this.#pins += this.#diet.entriesPerBatch
    const entries = Array.from({ length: this.#diet.entriesPerBatch }, (_, i): Entry => {
      const n = first + i
      return { kind: 'save', id: `e${n}`, time: n, user: `u${n % USERS}`, pin: `p${n}` }
    })
    return this.#sent({ first, work: { what: 'save', entries } })
  }

  #sent(batch: Batch): Work {
    this.#open.set(batch.work, batch)
    return batch.work
  }

  acknowledge(work: Work): void {
    const { first } = this.#open.get(work)!
    this.#open.delete(work)
    if (first < 0) this.#added[-1 - first]!++
    else for (let i = 0; i < this.#diet.entriesPerBatch; i++) this.#told.add(first + i)
  }

  /** What the next host is sent first: saves have ids, adds of counters do not. */
  resends(): Work[] {
    const again: Work[] = []
    for (const [work, { first }] of this.#open) {
      if (first >= 0) again.push(work)
      else {
        this.#unsure[-1 - first]!++
        this.#open.delete(work)
      }
    }
    this.resent += again.length
    return again
  }

  question(): Question {
    return {
      pins: Array.from({ length: this.#pins }, (_, n) => `p${n}`),
      counters: this.#added.map((_, n) => `c${n}`),
    }
  }

  /** Judges what a host has that was started after the last one died. */
  judge({ saves, sums, told }: Seen): Verdict {
    let lost = 0
    let doubled = 0
    saves.forEach((times, pin) => {
      if (times > 1) doubled++
      if (times < 1 && this.#told.has(pin)) lost++
    })
    const pending = [...this.#open.values()]
    sums.forEach((sum, counter) => {
      const added = this.#added[counter]!
      const open = pending.filter(({ first }) => first === -1 - counter).length
      if (sum < added || told[counter]! < sum) lost++
      if (told[counter]! > sum) doubled++
      if (sum > added + this.#unsure[counter]! + open) doubled++
    })
    return { lost, doubled }
  }
}
