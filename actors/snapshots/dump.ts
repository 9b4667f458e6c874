/**
 * Things that have numbers, as they are at one moment, written in chunks while they go on changing:
 * what is about to change and was not written yet is written first (copy on write).
 */
import { KeySet } from '../shard/key-set.ts'
import { type Chunks, ChunkWriter } from './section.ts'

/** Numbers looked at between two pauses, though few of them may be written. */
const LOOKED_AT = 1 << 15

export class Dump {
  /** Numbers from it on were nobody's. */
  readonly #end: number
  /** Writes a thing as it is now; nothing for a number that is not its own, or new. */
  readonly #write: (key: number, writer: ChunkWriter) => void
  /** All below it are written. */
  #next = 0
  /** Those from `#next` on that are written, or were not there. */
  readonly #done = new KeySet()
  readonly #writer = new ChunkWriter()
  /** Chunks that filled up between two pauses. */
  readonly #full: Uint8Array[] = []

  constructor(end: number, write: (key: number, writer: ChunkWriter) => void) {
    this.#end = end
    this.#write = write
  }

  /** The first `count` of these may change next. */
  before(keys: Uint32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const key = keys[i]!
      if (key < this.#next || key >= this.#end || this.#done.has(key)) continue
      this.#done.add(key)
      this.#take(key)
    }
  }

  *chunks(): Chunks & Generator<Uint8Array, void> {
    while (this.#next < this.#end) {
      const pause = Math.min(this.#end, this.#next + LOOKED_AT)
      while (this.#next < pause && this.#full.length === 0) {
        const key = this.#next++
        if (!this.#done.has(key)) this.#take(key)
      }
      while (this.#full.length > 0) yield this.#full.shift()!
      if (this.#next === pause) yield this.#writer.take()
    }
    yield this.#writer.take()
  }

  #take(key: number): void {
    this.#write(key, this.#writer)
    if (this.#writer.isFull) this.#full.push(this.#writer.take())
  }
}
