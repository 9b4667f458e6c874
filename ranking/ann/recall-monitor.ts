/**
 * Recall@10 of what is served: every so many queries that the graph answered, one is asked again of
 * the scan, at a desk of its own and while nothing else waits.
 *
 * A check goes by pieces, so that a query which comes meanwhile waits for one piece. Vectors that
 * change while a check waits or runs end it: it would compare two states. Under a load that never
 * pauses a check is done all the same once it is `PATIENCE` checks late.
 */
import { Desk } from './desk.ts'
import { ScanIndex } from './scan-index.ts'
import { told, type VectorMemory } from './vector-memory.ts'

/** Ids compared. */
export const RECALL_AT = 10
/** Rows scanned between two looks at what waits: some 0.1 ms. */
const PIECE = 16_384
const PATIENCE = 4

type Check = {
  /** The answer's ids and scores to be judged. */
  readonly scores: Float32Array
  readonly version: number
  next: number
}

export class RecallMonitor {
  readonly #desk: Desk
  readonly #scan: ScanIndex
  readonly #every: number
  #seen = 0
  #check: Check | undefined

  /** 0: never. */
  constructor(memory: VectorMemory, desk: number, every: number) {
    this.#desk = new Desk(memory, desk)
    this.#scan = new ScanIndex(this.#desk)
    this.#every = every
  }

  /** A query that the graph answered; it lies at `asked` still. */
  note(asked: Desk, scores: Float32Array): void {
    if (this.#every === 0 || ++this.#seen % this.#every !== 0) return
    const words = this.#desk.memory.told
    if (this.#check) {
      if (this.#seen % (this.#every * PATIENCE) === 0) while (this.work());
      if (this.#check) return
    }
    if (asked.hasFilter) this.#desk.filter.set(asked.filter)
    this.#desk.ask(asked.query, asked.hasFilter)
    const version = Atomics.load(words, told.version)
    this.#check = { scores: scores.slice(0, RECALL_AT), version, next: 0 }
  }

  /** Does a piece of what is due; whether there is more. */
  work(): boolean {
    const check = this.#check
    if (!check) return false
    const words = this.#desk.memory.told
    const rows = Atomics.load(words, told.rowCount)
    if (check.next === 0) this.#scan.begin(RECALL_AT)
    const end = Math.min(rows, check.next + PIECE)
    this.#desk.scanRows(check.next, end)
    check.next = end
    const isStale = Atomics.load(words, told.version) !== check.version
    if (end < rows && !isStale) return true
    this.#check = undefined
    if (isStale) Atomics.add(words, told.dropped, 1)
    else this.#judge(check.scores)
    return false
  }

  /** What is answered with the score of the tenth, or more, is right, whichever of equals it is. */
  #judge(answered: Float32Array): void {
    const { scores } = this.#desk.rank(RECALL_AT)
    const words = this.#desk.memory.told
    const least = scores.at(-1) ?? 0
    Atomics.add(words, told.wanted, scores.length)
    Atomics.add(words, told.hits, answered.filter((score) => score >= least).length)
    Atomics.add(words, told.checks, 1)
  }
}
