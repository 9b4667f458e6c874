/**
 * The reading end of a ring in a worker: folds blocks in order, a few at a time, so that messages,
 * timers and I/O get their turn.
 */
import { assert, type Clock } from '../../base/index.ts'
import type { CataloguePayload, RecordBlock } from '../shard/record-block.ts'
import type { BlockRing } from './block-ring.ts'

const BLOCKS_PER_SLICE = 4

type Payloads = Map<number, CataloguePayload>
const none: Payloads = new Map()

export class BlockFolder {
  readonly #ring: BlockRing
  readonly #fold: (block: RecordBlock) => void
  /** Payloads that came before their block was folded. */
  readonly #payloads = new Map<number, Payloads>()
  #resume: (() => void) | undefined

  constructor(ring: BlockRing, fold: (block: RecordBlock) => void) {
    this.#ring = ring
    this.#fold = fold
  }

  /** Folds for ever; `between` is called after each slice. */
  async run(clock: Clock, between: () => void): Promise<never> {
    for (;;) {
      const { written } = this.#ring
      let folded = 0
      while (folded < BLOCKS_PER_SLICE && this.#next()) folded++
      if (folded > 0) {
        between()
        await clock.yield()
      } else if (this.#lacksPayloads()) {
        await new Promise<void>((resolve) => (this.#resume = resolve))
      } else await this.#ring.waitForBlocks(written)
    }
  }

  /** The payloads of a block have come. */
  take(number: number, payloads: Payloads): void {
    this.#payloads.set(number, payloads)
    this.#resume?.()
  }

  /** Folds up to the block before number `after`; their payloads have come. */
  foldUntil(after: number): void {
    while (((after - this.#ring.folded) | 0) > 0) {
      assert(this.#next(), 'an ask comes after the payloads of the blocks before it')
    }
  }

  #lacksPayloads(): boolean {
    const next = this.#ring.next()
    return next?.awaits === true && !this.#payloads.has(next.number)
  }

  /** Folds the next block; false when there is none, or its payloads have not come. */
  #next(): boolean {
    const next = this.#ring.next()
    if (!next) return false
    const { number, block, awaits } = next
    const payloads = awaits ? this.#payloads.get(number) : none
    if (!payloads) return false
    this.#payloads.delete(number)
    block.payloads = payloads
    this.#fold(block)
    this.#ring.release()
    return true
  }
}
