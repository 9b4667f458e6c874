/**
 * The reading end of a ring in a worker: folds blocks in order, a few at a time, so that messages,
 * timers and I/O get their turn.
 */
import { assert, type Clock } from '../../base/index.ts'
import type { RecordBlock } from '../shard/record-block.ts'
import type { BlockRing } from './block-ring.ts'
import type { Attachment } from './messages.ts'

const BLOCKS_PER_SLICE = 4

const none: Attachment = { payloads: new Map() }

export class BlockFolder {
  readonly #ring: BlockRing
  readonly #fold: (block: RecordBlock) => void
  /** Attachments that came before their block was folded. */
  readonly #attachments = new Map<number, Attachment>()
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
      } else if (this.#lacksAttachment()) {
        await new Promise<void>((resolve) => (this.#resume = resolve))
      } else await this.#ring.waitForBlocks(written)
    }
  }

  /** What belongs to a block has come. */
  take(number: number, attachment: Attachment): void {
    this.#attachments.set(number, attachment)
    this.#resume?.()
  }

  /** Folds up to the block before number `after`; what belongs to them has come. */
  foldUntil(after: number): void {
    while (((after - this.#ring.folded) | 0) > 0) {
      assert(this.#next(), 'an ask comes after what belongs to the blocks before it')
    }
  }

  #lacksAttachment(): boolean {
    const next = this.#ring.next()
    return next?.awaits === true && !this.#attachments.has(next.number)
  }

  /** Folds the next block; false when there is none, or what belongs to it has not come. */
  #next(): boolean {
    const next = this.#ring.next()
    if (!next) return false
    const { number, block, awaits } = next
    const attachment = awaits ? this.#attachments.get(number) : none
    if (!attachment) return false
    this.#attachments.delete(number)
    block.payloads = attachment.payloads
    block.snapshot = attachment.snapshot
    this.#fold(block)
    this.#ring.release()
    return true
  }
}
