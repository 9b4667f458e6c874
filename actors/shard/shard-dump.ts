/**
 * The actors of a shard as they are at one moment, written in chunks while turns go on: who is
 * about to change and was not written yet is written first (copy on write), who is new is left out.
 *
 * A record: u32 number, u32 length, the state's bytes for stores of this host.
 */
import { ChunkReader, type Chunks, ChunkWriter } from '../snapshots/section.ts'
import { KeySet } from './key-set.ts'
import type { Residents } from './residents.ts'

/** Numbers looked at between two pauses, though few of them may be actors of this shard. */
const LOOKED_AT = 1 << 15

export class ShardDump {
  readonly #residents: Residents
  /** Numbers from it on had no actor. */
  readonly #end: number
  /** All below it are written. */
  #next = 0
  /** Those from `#next` on that are written, or were not there. */
  readonly #done = new KeySet()
  readonly #writer = new ChunkWriter()
  /** Chunks that filled up between two pauses. */
  readonly #full: Uint8Array[] = []

  constructor(residents: Residents, end: number) {
    this.#residents = residents
    this.#end = end
  }

  /** The first `count` of these have turns next. */
  before(keys: Uint32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const key = keys[i]!
      if (key < this.#next || key >= this.#end || this.#done.has(key)) continue
      this.#done.add(key)
      this.#write(key)
    }
  }

  *chunks(): Chunks & Generator<Uint8Array, void> {
    while (this.#next < this.#end) {
      const pause = Math.min(this.#end, this.#next + LOOKED_AT)
      while (this.#next < pause && this.#full.length === 0) {
        const key = this.#next++
        if (!this.#done.has(key)) this.#write(key)
      }
      while (this.#full.length > 0) yield this.#full.shift()!
      if (this.#next === pause) yield this.#writer.take()
    }
    yield this.#writer.take()
  }

  #write(key: number): void {
    if (!this.#residents.has(key)) return
    const bytes = this.#residents.stateOf(key)
    this.#writer.u32(key)
    this.#writer.u32(bytes.length)
    this.#writer.bytes(bytes)
    if (this.#writer.isFull) this.#full.push(this.#writer.take())
  }
}

/**
 * Brings back the actors of a chunk that are this shard's; `look` sees the state of each.
 * STATE_DAMAGED, STATE_NEWER.
 */
export function restoreActors(
  residents: Residents,
  chunk: Uint8Array,
  isMine: (key: number) => boolean,
  look: (key: number, state: unknown) => void,
): void {
  const reader = new ChunkReader(chunk)
  while (!reader.isAtEnd) {
    const key = reader.u32()
    const bytes = reader.bytes(reader.u32())
    if (isMine(key)) look(key, residents.restore(key, bytes))
  }
  residents.tick = (residents.tick + 1) >>> 0
  residents.makeRoom()
}

/** The actors of a chunk and their states' bytes for stores of this host. */
export function* actorsOf(
  chunk: Uint8Array,
): Generator<readonly [key: number, bytes: Uint8Array], void> {
  const reader = new ChunkReader(chunk)
  while (!reader.isAtEnd) yield [reader.u32(), reader.bytes(reader.u32())]
}

/** The chunk without the actors of those numbers. */
export function withoutActors(chunk: Uint8Array, keys: ReadonlySet<number>): Uint8Array {
  const kept = new ChunkWriter()
  for (const [key, bytes] of actorsOf(chunk)) {
    if (keys.has(key)) continue
    kept.u32(key)
    kept.u32(bytes.length)
    kept.bytes(bytes)
  }
  return kept.take()
}
