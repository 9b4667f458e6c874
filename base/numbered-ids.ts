/**
 * Ids that are computed: those of a run are its prefix and 0, 1, 2, …, and runs follow each other.
 * A dictionary of any size without memory, for loads whose people and things are numbered from the
 * start.
 */
import { assert } from './assert.ts'
import { pinwheelError } from './errors.ts'
import { hashBytes, type IdNumbers, Interner, type InternerMemory } from './ids.ts'

/** `count` ids: `prefix` and a number from 0 on. */
export type NumberedRun = { readonly prefix: string; readonly count: number }
/** What another thread needs to know the same ids. */
export type NumberedMemory = { readonly runs: readonly NumberedRun[] }

/** The ids of a host's dictionary as another of its threads has them. */
export function receivedIds(memory: InternerMemory | NumberedMemory): IdNumbers {
  return 'runs' in memory ? new NumberedIds(memory.runs) : new Interner({}, memory)
}

export class NumberedIds implements IdNumbers {
  readonly #runs: readonly NumberedRun[]
  readonly size: number
  readonly #scratch = Buffer.alloc(64)

  constructor(runs: readonly NumberedRun[]) {
    this.#runs = runs
    this.size = runs.reduce((sum, { count }) => sum + count, 0)
    assert(this.size < 2 ** 32, 'numbers are u32')
    assert(
      runs.every(({ prefix }) => Buffer.byteLength(prefix) <= 50),
      'an id fits in 64 bytes',
    )
  }

  get capacity(): number {
    return this.size
  }

  memory(): NumberedMemory {
    return { runs: this.#runs }
  }

  /** CAPACITY for an id that is none of these: none can be added. */
  intern(id: string): number {
    const index = this.find(id)
    if (index >= 0) return index
    const details = { what: 'Distinct ids', count: this.size + 1, limit: this.size }
    throw pinwheelError('CAPACITY', { ...details, setting: 'their number' })
  }

  internBytes(bytes: Uint8Array, start: number, end: number): number {
    return this.intern(Buffer.from(bytes.subarray(start, end)).toString())
  }

  find(id: string): number {
    let first = 0
    for (const { prefix, count } of this.#runs) {
      const number = id.startsWith(prefix) ? Number(id.slice(prefix.length)) : Number.NaN
      const isOne = Number.isInteger(number) && number >= 0 && number < count
      if (isOne && `${prefix}${number}` === id) return first + number
      first += count
    }
    return -1
  }

  id(index: number): string {
    const end = this.#write(index)
    return this.#scratch.toString('utf8', 0, end)
  }

  copyId(index: number, out: Uint8Array, at: number): number {
    const end = this.#write(index)
    for (let i = 0; i < end; i++) out[at + i] = this.#scratch[i]!
    return at + end
  }

  hash(index: number): number {
    return hashBytes(this.#scratch, 0, this.#write(index))
  }

  byteLength(index: number): number {
    return this.#write(index)
  }

  /** Nothing is looked up. */
  touch(): void {}

  /** Writes an id into the scratch; its end. */
  #write(index: number): number {
    assert(index >= 0 && index < this.size, 'an index lies below the size')
    let number = index
    let run = 0
    while (number >= this.#runs[run]!.count) number -= this.#runs[run++]!.count
    const start = this.#scratch.write(this.#runs[run]!.prefix)
    let end = start + 1
    for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) end++
    for (let at = end - 1; at >= start; at--) {
      const rest = Math.floor(number / 10)
      this.#scratch[at] = 48 + number - 10 * rest
      number = rest
    }
    return end
  }
}
