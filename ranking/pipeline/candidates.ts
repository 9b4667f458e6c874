/**
 * Candidates of one request in columns: a pin once, with the score each source gave it, the
 * sources' mask and the seed that spoke loudest. No object per candidate. Memory: 4 bytes a host
 * number of a pin, once a thread, and 76 bytes a candidate.
 */
import { assert, NONE } from '../../base/index.ts'

/** Sources by their bit in the mask and column of scores. */
export const sourceNames = [
  'walk',
  'neighbours',
  'sequences',
  'tags',
  'popular',
  'fresh',
  'fitted',
  'factors',
] as const
export type SourceName = (typeof sourceNames)[number]

/** Candidates that a request has room for. */
export const candidatesDefault = 16_384

export class Candidates {
  /** Index + 1 by pin; 0 where it is none. Zero between requests. */
  readonly #indexOf: Uint32Array
  readonly capacity: number
  readonly pins: Uint32Array
  readonly because: Uint32Array
  readonly mask: Uint8Array
  /** By source: scores[source][i]. */
  readonly scores: readonly Float64Array[]
  /** Final score of each, set by a scorer. */
  readonly final: Float64Array
  /** 0 for those a filter dropped. */
  readonly alive: Uint8Array
  count = 0
  /** Of this request: at most the capacity. */
  limit: number

  constructor(pinCapacity: number, capacity = candidatesDefault) {
    this.#indexOf = new Uint32Array(pinCapacity)
    this.capacity = capacity
    this.limit = capacity
    this.pins = new Uint32Array(capacity)
    this.because = new Uint32Array(capacity)
    this.mask = new Uint8Array(capacity)
    this.scores = sourceNames.map(() => new Float64Array(capacity))
    this.final = new Float64Array(capacity)
    this.alive = new Uint8Array(capacity).fill(1)
    this.because.fill(NONE)
  }

  /** Adds a pin or merges with what another source said; -1 when full. */
  add(source: SourceName, pin: number, score: number, because: number = NONE): number {
    assert(pin < this.#indexOf.length, 'candidates are pins of this host')
    const column = sourceNames.indexOf(source)
    let index = this.#indexOf[pin]! - 1
    if (index < 0) {
      if (this.count >= this.limit) return -1
      index = this.count++
      this.#indexOf[pin] = index + 1
      this.pins[index] = pin
    }
    this.mask[index]! |= 1 << column
    this.scores[column]![index] = score
    // The first source to name a seed keeps it: sources stand in order of trust.
    if (because !== NONE && this.because[index] === NONE) this.because[index] = because
    return index
  }

  /** Where a pin stands, or -1. */
  indexOf(pin: number): number {
    return pin < this.#indexOf.length ? this.#indexOf[pin]! - 1 : -1
  }

  score(source: SourceName, index: number): number {
    return this.scores[sourceNames.indexOf(source)]![index]!
  }

  /** What a source said of every candidate, by index; 0 where it was silent. */
  scoresOf(source: SourceName): Float64Array {
    return this.scores[sourceNames.indexOf(source)]!
  }

  sourcesOf(index: number): SourceName[] {
    return sourceNames.filter((_, column) => (this.mask[index]! & (1 << column)) !== 0)
  }

  /** Candidates that no filter dropped. */
  get living(): number {
    let n = 0
    for (let i = 0; i < this.count; i++) n += this.alive[i]!
    return n
  }

  /** Leaves every column as a candidate begins, which is quicker at once than one by one. */
  clear(): void {
    const { count } = this
    for (let i = 0; i < count; i++) this.#indexOf[this.pins[i]!] = 0
    this.because.fill(NONE, 0, count)
    this.mask.fill(0, 0, count)
    this.alive.fill(1, 0, count)
    this.final.fill(0, 0, count)
    for (const scores of this.scores) scores.fill(0, 0, count)
    this.count = 0
    this.limit = this.capacity
  }
}
