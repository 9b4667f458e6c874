/** All actors of one thread, by type: calls go to the type's shard, blocks to those that fold. */
import { pinwheelError } from '../../base/index.ts'
import type { EmittedEvent } from '../actor.ts'
import type { Chunks } from '../snapshots/section.ts'
import type { CarefulFold } from './careful-fold.ts'
import type { Digest, WordDigest } from './digest.ts'
import { type RecordBlock, roles } from './record-block.ts'
import type { Shard } from './shard.ts'

export type Called = {
  readonly result: unknown
  /** The new state, where a write changed it, and what the write emitted, if it did. */
  readonly bytes?: Uint8Array
  readonly emitted?: readonly EmittedEvent[]
}

export class Shards {
  readonly #all: readonly Shard[]
  readonly #byType: ReadonlyMap<string, Shard>
  readonly folding: readonly Shard[]
  readonly #care: CarefulFold
  /** Records folded, by part. */
  folded = 0

  constructor(shards: readonly Shard[], care: CarefulFold) {
    this.#all = shards
    this.#care = care
    this.#byType = new Map(shards.map((shard) => [shard.type.name, shard]))
    this.folding = shards.filter((shard) => shard.folds)
  }

  /** ACTOR_TYPE_UNKNOWN. */
  of(type: string): Shard {
    const shard = this.#byType.get(type)
    if (shard) return shard
    throw pinwheelError('ACTOR_TYPE_UNKNOWN', { type, known: [...this.#byType.keys()].join(', ') })
  }

  has(type: string): boolean {
    return this.#byType.has(type)
  }

  /** Every record of a block by each shard that its roles name; `isCareful`: one by one. */
  fold(block: RecordBlock, isCareful: boolean): void {
    if (isCareful || this.#care.concerns(block)) {
      this.folded += this.#care.fold(this.#all, block, foldBy)
    } else for (const shard of this.folding) this.folded += foldBy(shard, block)
  }

  /**
   * Runs a listed method; `state` is what a store holds of the actor, used when it is not in
   * memory. ACTOR_TYPE_UNKNOWN, METHOD_UNLISTED, ARGUMENT_INVALID, READ_WROTE, TURN_FAILED.
   */
  async call(
    call: { readonly type: string; readonly key: number; readonly method: string },
    argument: unknown,
    state?: Uint8Array,
  ): Promise<Called> {
    const shard = this.of(call.type)
    if (state && !shard.has(call.key)) shard.load(call.key, state)
    const writes = shard.method(call.method).kind === 'write'
    const result = shard.call(call.key, call.method, argument)
    if (!writes) return { result: await result }
    const emitted = shard.emitted.take()
    const bytes = shard.bytes(call.key)
    return { result, ...(bytes && { bytes }), ...(emitted.length > 0 && { emitted }) }
  }

  /** Puts an actor back to what the store holds: the store refused what came after. */
  putBack(type: string, key: number, state: Uint8Array | undefined): void {
    const shard = this.of(type)
    if (state) shard.load(key, state)
    else shard.erase(key)
  }

  /** What is folded as it is now, by type, drawn while blocks are folded, until `endDump`. */
  beginDump(): { readonly name: string; readonly chunks: Chunks }[] {
    return this.folding.map((shard) => ({ name: shard.type.name, chunks: shard.beginDump() }))
  }

  endDump(): void {
    for (const shard of this.folding) shard.endDump()
  }

  /** Adds the states as this host has them, numbers in the place of ids, told apart by type. */
  digestNumbers(into: WordDigest): void {
    this.folding.forEach(({ residents }, kind) => {
      residents.eachState((key, words, end) => into.add(kind, key, words, 1, end))
    })
  }

  digest(into: Digest): void {
    for (const shard of this.#byType.values()) shard.digest(into)
  }
}

/** Records of a block by one shard. */
function foldBy(shard: Shard, block: RecordBlock): number {
  if (!shard.folds) return 0
  if (shard.space === 'user') return shard.foldBlock(block, block.owner, roles.user)
  return shard.space === 'pin' ? shard.foldBlock(block, block.pin, roles.pin) : 0
}
