/**
 * Folding with care: one record at a time, each told before it is folded, and without those that
 * are to blame for the end of a thread before. Many times slower than blocks, so only for what a
 * thread reads that takes the place of one that ended, and for blocks with such a record.
 */
import type { Blamed, CarefulStep } from '../worker/vitals.ts'
import { RecordBlock } from './record-block.ts'
import type { Shard } from './shard.ts'

export class CarefulFold {
  readonly #blamed: readonly Blamed[]
  /** Hears what is folded next; undefined when all is. */
  readonly #tell: (step: CarefulStep | undefined) => void
  readonly #one = new RecordBlock(1)

  constructor(blamed: readonly Blamed[], tell: (step: CarefulStep | undefined) => void) {
    this.#blamed = blamed
    this.#tell = tell
  }

  /** Whether the block has a record that is to blame. */
  concerns(block: RecordBlock): boolean {
    return this.#blamed.some(({ partition, position }) => {
      const { count } = block
      for (let i = 0; i < count; i++) {
        if (block.position[i] === position && block.partition[i] === partition) return true
      }
      return false
    })
  }

  /** Every record by each of the shards; how many were folded. */
  fold(
    shards: readonly Shard[],
    block: RecordBlock,
    foldBy: (shard: Shard, one: RecordBlock) => number,
  ): number {
    const one = this.#one
    let folded = 0
    for (let i = 0; i < block.count; i++) {
      const [partition, position] = [block.partition[i]!, block.position[i]!]
      shards.forEach((shard, type) => {
        if (this.#isBlamed({ type: shard.type.name, partition, position })) return
        one.count = 0
        one.payloads.clear()
        one.copyFrom(block, i, block.roles[i]!)
        const key = shard.space === 'pin' ? block.pin[i]! : block.owner[i]!
        this.#tell({ type, partition, position, key })
        folded += foldBy(shard, one)
      })
    }
    this.#tell(undefined)
    return folded
  }

  #isBlamed(step: Blamed): boolean {
    return this.#blamed.some(({ type, partition, position }) => {
      return type === step.type && partition === step.partition && position === step.position
    })
  }
}
