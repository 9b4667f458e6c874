/** Where the best are put. */
type Places = {
  readonly keys: Uint32Array
  readonly scores: Float64Array | Float32Array
  readonly notes?: Uint32Array
}

/**
 * The k best (score, then smaller key) by a binary heap with the worst at the root. A note goes
 * with each: where whoever offers it finds more of it.
 */
export class TopK {
  readonly #keys: Uint32Array
  readonly #scores: Float64Array
  readonly #notes: Uint32Array
  #count = 0

  constructor(k: number) {
    this.#keys = new Uint32Array(k)
    this.#scores = new Float64Array(k)
    this.#notes = new Uint32Array(k)
  }

  /** How many it holds. */
  get count(): number {
    return this.#count
  }

  /** Whatever scores below this is not among the best. */
  get floor(): number {
    return this.#count === this.#keys.length ? (this.#scores[0] ?? Infinity) : -Infinity
  }

  offer(key: number, score: number, note = 0): void {
    const k = this.#keys.length
    if (k === 0) return
    if (this.#count < k) {
      this.#up(this.#count++, key, score, note)
    } else if (this.#worse(0, key, score)) {
      this.#down(key, score, note)
    }
  }

  /** Best first; empties the heap. */
  sorted(): { keys: Uint32Array; scores: Float64Array; notes: Uint32Array } {
    const count = this.#count
    const keys = new Uint32Array(count)
    const scores = new Float64Array(count)
    const notes = new Uint32Array(count)
    this.drain({ keys, scores, notes }, 0)
    return { keys, scores, notes }
  }

  /** The same into places from `at` on, for who asks often; tells how many there were. */
  drain({ keys, scores, notes }: Places, at: number): number {
    const count = this.#count
    for (let i = count - 1; i >= 0; i--) {
      keys[at + i] = this.#keys[0]!
      scores[at + i] = this.#scores[0]!
      if (notes) notes[at + i] = this.#notes[0]!
      this.#count = i
      this.#down(this.#keys[i]!, this.#scores[i]!, this.#notes[i]!)
    }
    return count
  }

  /** Whether place i holds something worse than (key, score). */
  #worse(i: number, key: number, score: number): boolean {
    const held = this.#scores[i]!
    return held < score || (held === score && this.#keys[i]! > key)
  }

  #up(start: number, key: number, score: number, note: number): void {
    let i = start
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (this.#worse(parent, key, score)) break
      this.#keys[i] = this.#keys[parent]!
      this.#scores[i] = this.#scores[parent]!
      this.#notes[i] = this.#notes[parent]!
      i = parent
    }
    this.#keys[i] = key
    this.#scores[i] = score
    this.#notes[i] = note
  }

  #down(key: number, score: number, note: number): void {
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.#count) break
      const right = child + 1
      if (right < this.#count && this.#worse(right, this.#keys[child]!, this.#scores[child]!)) {
        child = right
      }
      if (!this.#worse(child, key, score)) break
      this.#keys[i] = this.#keys[child]!
      this.#scores[i] = this.#scores[child]!
      this.#notes[i] = this.#notes[child]!
      i = child
    }
    this.#keys[i] = key
    this.#scores[i] = score
    this.#notes[i] = note
  }
}
