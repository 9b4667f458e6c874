/**
 * What a worker is doing, in memory that its host sees: a turn that never ends cannot say so
 * itself. While a thread goes through the log with care, one record at a time, it also says which
 * record; if it ends or hangs there, that one is to blame.
 *
 * Words: what it is doing, how often it began something, the ask it answers; in care the place of
 * the type + 1, the partition and the actor's number; then the record's position as f64, and how
 * many records are folded.
 */
export const doing = Object.freeze({ nothing: 0, folding: 1, answering: 2 })

const WHAT = 0
const BEGUN = 1
const ASK = 2
const TYPE = 3
const PARTITION = 4
const KEY = 5
const POSITION_AT = 24
const FOLDED = 8

/** An entry that ended the thread which folded it. */
export type Blamed = {
  readonly type: string
  readonly partition: number
  readonly position: number
}
/** What a thread folds with care: by the place of the type among the thread's. */
export type CarefulStep = {
  readonly type: number
  readonly partition: number
  readonly position: number
  readonly key: number
}

export class Vitals {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #position: Float64Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(64)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
    this.#position = new Float64Array(memory, POSITION_AT, 1)
  }

  /** The worker alone. */
  begin(what: number, ask = 0): void {
    this.#words[ASK] = ask
    Atomics.add(this.#words, BEGUN, 1)
    Atomics.store(this.#words, WHAT, what)
  }

  end(): void {
    Atomics.store(this.#words, WHAT, doing.nothing)
  }

  addFolded(records: number): void {
    Atomics.add(this.#words, FOLDED, records)
  }

  /** Records folded, modulo 2^32. */
  get folded(): number {
    return Atomics.load(this.#words, FOLDED)
  }

  /** It folds this record now; undefined when it is over. */
  carefully(step: CarefulStep | undefined): void {
    Atomics.store(this.#words, TYPE, 0)
    if (!step) return
    this.#words[PARTITION] = step.partition
    this.#words[KEY] = step.key
    this.#position[0] = step.position
    Atomics.store(this.#words, TYPE, step.type + 1)
  }

  get what(): number {
    return Atomics.load(this.#words, WHAT)
  }

  get begun(): number {
    return Atomics.load(this.#words, BEGUN)
  }

  get ask(): number {
    return this.#words[ASK]!
  }

  /** The record that it was at, if it took care. */
  get careful(): CarefulStep | undefined {
    const type = Atomics.load(this.#words, TYPE) - 1
    if (type < 0) return undefined
    const [partition, key] = [this.#words[PARTITION]!, this.#words[KEY]! >>> 0]
    return { type, partition, position: this.#position[0]!, key }
  }
}
