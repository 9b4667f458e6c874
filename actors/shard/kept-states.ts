/**
 * States that a start found and nobody has asked for since: their bytes, in the chunks of a
 * snapshot that they came in, before the cold store. A state is decoded when it is first touched,
 * by a host that serves; for all of millions, that was half of a start. A chunk goes when its last
 * state was taken, or to the cold store when memory is short.
 *
 * Memory: the chunks, and 8 bytes for each slot up to the highest, until all are taken.
 */
import { type StateSchema, storedMark } from '../../base/index.ts'
import { wordsOf } from '../snapshots/section.ts'
import type { ColdStore } from '../store/index.ts'
import { slotOf } from './directory.ts'

/** Words of a record before the state's, whose second word says how they are to be read. */
const HEAD = 2
const MARK = HEAD + 1
/** A place is a number of a chunk, times this, and the word where a record begins; + 1. */
const CHUNK_WORDS = 2 ** 26

type Chunk = { readonly words: Uint32Array; left: number }

export class KeptStates implements ColdStore {
  readonly #cold: ColdStore
  readonly #stride: number
  readonly #chunks = new Map<number, Chunk>()
  #last = 0
  /** By slot; 0 where none is kept. */
  #places = new Float64Array(0)
  /** Of the chunks. */
  bytes = 0

  constructor(cold: ColdStore, stride: number) {
    this.#cold = cold
    this.#stride = stride
  }

  /** Keeps the states of a chunk; `others` hears of those that are of an earlier version. */
  keep(
    chunk: Uint8Array,
    schema: StateSchema,
    {
      kept,
      others,
    }: {
      readonly kept: (key: number) => void
      readonly others: (key: number, bytes: Uint8Array) => void
    },
  ): void {
    const words = wordsOf(chunk)
    const number = ++this.#last
    const mark = storedMark(schema)
    let left = 0
    for (const at of recordsOf(words)) {
      const key = words[at]!
      if (words[at + MARK] !== mark) {
        others(key, stateAt(words, at))
        continue
      }
      kept(key)
      this.#place(slotOf(key, this.#stride), number * CHUNK_WORDS + at + 1)
      left++
    }
    if (left === 0) return
    this.#chunks.set(number, { words, left })
    this.bytes += words.byteLength
  }

  get(key: number): Uint8Array | undefined {
    const place = this.#places[slotOf(key, this.#stride)]
    if (!place) return this.#cold.get(key)
    const { words } = this.#chunks.get(Math.floor(place / CHUNK_WORDS))!
    return stateAt(words, (place % CHUNK_WORDS) - 1)
  }

  put(key: number, bytes: Uint8Array): void {
    this.#cold.put(key, bytes)
  }

  delete(key: number): void {
    if (!this.take(key)) this.#cold.delete(key)
  }

  /** The state is elsewhere from now on; false where it was not kept. */
  take(key: number): boolean {
    const slot = slotOf(key, this.#stride)
    const place = this.#places[slot]
    if (!place) return false
    this.#places[slot] = 0
    const number = Math.floor(place / CHUNK_WORDS)
    const chunk = this.#chunks.get(number)!
    if (--chunk.left === 0) this.#drop(number, chunk)
    return true
  }

  /** Moves the states of a chunk to the cold store; false where there is none. */
  spill(): boolean {
    for (const [number, chunk] of this.#chunks) {
      const { words } = chunk
      for (const at of recordsOf(words)) {
        const key = words[at]!
        const slot = slotOf(key, this.#stride)
        if (this.#places[slot] !== number * CHUNK_WORDS + at + 1) continue
        this.#places[slot] = 0
        this.#cold.put(key, stateAt(words, at))
      }
      this.#drop(number, chunk)
      return true
    }
    return false
  }

  #drop(number: number, { words }: Chunk): void {
    this.#chunks.delete(number)
    this.bytes -= words.byteLength
    if (this.#chunks.size === 0) this.#places = new Float64Array(0)
  }

  #place(slot: number, place: number): void {
    if (slot >= this.#places.length) {
      const wider = new Float64Array(Math.max(1024, this.#places.length * 2, slot + 1))
      wider.set(this.#places)
      this.#places = wider
    }
    this.#places[slot] = place
  }
}

/** Words at which the records of a chunk begin, with the number of an actor each. */
export function* recordsOf(words: Uint32Array): Generator<number, void> {
  for (let at = 0; at < words.length; at += HEAD + (words[at + 1]! >>> 2)) yield at
}

/** The state of the record that begins at a word. */
function stateAt(words: Uint32Array, at: number): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset + 4 * (at + HEAD), words[at + 1]!)
}
