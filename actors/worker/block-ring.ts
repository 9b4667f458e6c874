/**
 * The ring between the thread that feeds and one that folds: blocks of records in memory that both
 * see, one writer, one reader, no locks. The writer fills the block at the head and moves the head;
 * the reader folds the block at the tail where it lies and moves the tail. A full ring holds the
 * writer up: that is the back-pressure. Lamport, "Proving the Correctness of Multiprocess
 * Programs", 1977.
 *
 * Waking somebody on another thread is dear (some 100 µs were seen), and needless while that one is
 * busy: who waits says so beside the counter first, and only then is woken.
 *
 * Memory: a line for each counter, then for each slot 8 bytes (u32 records, u32 whether there is an
 * attachment, which comes by message) and `BYTES_PER_RECORD` bytes a record.
 */
import { assert } from '../../base/index.ts'
import { BYTES_PER_RECORD, RecordBlock } from '../shard/record-block.ts'

const LINE_BYTES = 64
const HEAD = 0
const TAIL = LINE_BYTES / 4
/** Beside a counter: whether somebody waits for it. */
const WAITING = 1
const COUNTERS_BYTES = 2 * LINE_BYTES
const SLOT_HEAD_BYTES = 8

export type RingMemory = {
  readonly buffer: SharedArrayBuffer
  /** A power of two. */
  readonly slots: number
  /** Of one block. */
  readonly records: number
}

const slotBytes = (records: number) =>
  SLOT_HEAD_BYTES + Math.ceil((records * BYTES_PER_RECORD) / 8) * 8

export function ringMemory({ slots, records }: { slots: number; records: number }): RingMemory {
  assert((slots & (slots - 1)) === 0, 'slots are a power of two')
  const buffer = new SharedArrayBuffer(COUNTERS_BYTES + slots * slotBytes(records))
  return { buffer, slots, records }
}

/** How the ends of a ring wake each other, as a port. */
export interface Signals {
  /** Resolves when `counters[index]` is not `value` any more, and has been notified of. */
  wait(counters: Int32Array, index: number, value: number): Promise<unknown>
  notify(counters: Int32Array, index: number): void
}

/** Between threads. */
export const threadSignals: Signals = {
  wait: async (counters, index, value) => Atomics.waitAsync(counters, index, value).value,
  notify: (counters, index) => {
    Atomics.notify(counters, index)
  },
}

export class BlockRing {
  readonly #signals: Signals
  readonly #counters: Int32Array
  readonly #heads: readonly Uint32Array[]
  readonly #blocks: readonly RecordBlock[]
  readonly #mask: number

  constructor({ buffer, slots, records }: RingMemory, signals: Signals = threadSignals) {
    this.#signals = signals
    this.#counters = new Int32Array(buffer, 0, COUNTERS_BYTES / 4)
    const at = (slot: number) => COUNTERS_BYTES + slot * slotBytes(records)
    const each = Array.from({ length: slots }, (_, slot) => at(slot))
    this.#heads = each.map((start) => new Uint32Array(buffer, start, 2))
    this.#blocks = each.map((start) => new RecordBlock(records, buffer, start + SLOT_HEAD_BYTES))
    this.#mask = slots - 1
  }

  /** Blocks written so far, modulo 2^32. */
  get written(): number {
    return Atomics.load(this.#counters, HEAD)
  }

  /** Blocks folded so far, modulo 2^32. */
  get folded(): number {
    return Atomics.load(this.#counters, TAIL)
  }

  /** Blocks on their way. */
  get length(): number {
    return (this.written - this.folded) | 0
  }

  /** The next block to fill, or undefined when the ring is full. The writer alone. */
  open(): RecordBlock | undefined {
    if (this.length > this.#mask) return undefined
    return this.#blocks[this.#counters[HEAD]! & this.#mask]!
  }

  /** Hands over the block that `open` gave. The number it has among all. */
  commit(): number {
    const number = this.#counters[HEAD]!
    const block = this.#blocks[number & this.#mask]!
    const head = this.#heads[number & this.#mask]!
    head[0] = block.count
    head[1] = block.payloads.size > 0 || block.snapshot !== undefined ? 1 : 0
    Atomics.store(this.#counters, HEAD, (number + 1) | 0)
    this.#wake(HEAD)
    return number
  }

  /** The next block to fold, or undefined when there is none. The reader alone. */
  next():
    | { readonly number: number; readonly block: RecordBlock; readonly awaits: boolean }
    | undefined {
    if (this.length === 0) return undefined
    const number = this.#counters[TAIL]!
    const block = this.#blocks[number & this.#mask]!
    const [count, awaits] = this.#heads[number & this.#mask]!
    block.count = count!
    return { number, block, awaits: awaits !== 0 }
  }

  /** Gives the block that `next` gave back to the writer. */
  release(): void {
    Atomics.store(this.#counters, TAIL, (this.#counters[TAIL]! + 1) | 0)
    // A writer that were woken for each block would wait again after each: it gets half a ring.
    if (this.length <= (this.#mask + 1) >>> 1) this.#wake(TAIL)
  }

  /** Wakes whoever waits for room, though there may be none: the reader is dead. */
  wakeWriter(): void {
    this.#signals.notify(this.#counters, TAIL)
  }

  /** Resolves when more blocks are written than `written`. */
  async waitForBlocks(written: number): Promise<void> {
    await this.#wait(HEAD, written)
  }

  /**
   * Resolves when more blocks are folded than `folded`, which is read before looking for room, and
   * at most half of the ring is on its way.
   */
  async waitForRoom(folded: number): Promise<void> {
    await this.#wait(TAIL, folded)
  }

  /** Resolves when everything written is folded. */
  async drained(): Promise<void> {
    for (;;) {
      const { folded } = this
      if (this.written === folded) return
      await this.waitForRoom(folded)
    }
  }

  /** The counter has moved: whoever does not see that has said before that it waits. */
  #wake(index: number): void {
    if (Atomics.load(this.#counters, index + WAITING) === 0) return
    Atomics.store(this.#counters, index + WAITING, 0)
    this.#signals.notify(this.#counters, index)
  }

  async #wait(index: number, value: number): Promise<void> {
    Atomics.store(this.#counters, index + WAITING, 1)
    await this.#signals.wait(this.#counters, index, value)
  }
}
