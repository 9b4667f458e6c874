/**
 * What happens when: a heap of four children a node over typed arrays, O(log n) a push and a pop
 * and no object an event. The cluster model runs millions of events a second through it, where
 * `faults/virtual-time.ts` runs promises and so a hundred times fewer.
 *
 * Ties fall in an order that depends on what was pushed, and on nothing else.
 */
import { assert } from '../../base/index.ts'

const FANOUT = 4

export class EventQueue {
  #times: Float64Array
  #kinds: Uint8Array
  #subjects: Int32Array
  #count = 0
  /** Of the event that `next` has taken out. */
  time = 0
  kind = 0
  subject = 0
  /** Events taken out. */
  steps = 0

  constructor(capacity = 1024) {
    this.#times = new Float64Array(capacity)
    this.#kinds = new Uint8Array(capacity)
    this.#subjects = new Int32Array(capacity)
  }

  get size(): number {
    return this.#count
  }

  /** When the next event is; infinite where there is none. */
  get nextTime(): number {
    return this.#count > 0 ? this.#times[0]! : Number.POSITIVE_INFINITY
  }

  /** `kind` from 0 to 255; `subject` a whole number of 32 bits. Not before the event taken last. */
  push(time: number, kind: number, subject: number): void {
    assert(time >= this.time, 'nothing happens in the past')
    if (this.#count === this.#times.length) this.#grow()
    const times = this.#times
    let at = this.#count++
    while (at > 0) {
      const parent = Math.floor((at - 1) / FANOUT)
      if (times[parent]! <= time) break
      this.#copy(parent, at)
      at = parent
    }
    this.#set(at, time, kind, subject)
  }

  /** Takes the first event out; false when there is none. */
  next(): boolean {
    if (this.#count === 0) return false
    this.time = this.#times[0]!
    this.kind = this.#kinds[0]!
    this.subject = this.#subjects[0]!
    this.steps++
    const last = --this.#count
    if (last > 0) this.#sink(this.#times[last]!, this.#kinds[last]!, this.#subjects[last]!)
    return true
  }

  #sink(time: number, kind: number, subject: number): void {
    const times = this.#times
    let at = 0
    for (;;) {
      const first = FANOUT * at + 1
      if (first >= this.#count) break
      let least = first
      const end = Math.min(first + FANOUT, this.#count)
      for (let child = first + 1; child < end; child++) {
        if (times[child]! < times[least]!) least = child
      }
      if (times[least]! >= time) break
      this.#copy(least, at)
      at = least
    }
    this.#set(at, time, kind, subject)
  }

  #copy(from: number, to: number): void {
    this.#times[to] = this.#times[from]!
    this.#kinds[to] = this.#kinds[from]!
    this.#subjects[to] = this.#subjects[from]!
  }

  #set(at: number, time: number, kind: number, subject: number): void {
    this.#times[at] = time
    this.#kinds[at] = kind
    this.#subjects[at] = subject
  }

  #grow(): void {
    const length = 2 * this.#times.length
    const times = new Float64Array(length)
    const kinds = new Uint8Array(length)
    const subjects = new Int32Array(length)
    times.set(this.#times)
    kinds.set(this.#kinds)
    subjects.set(this.#subjects)
    this.#times = times
    this.#kinds = kinds
    this.#subjects = subjects
  }
}
