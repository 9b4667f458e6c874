/** The kernel's exports, and a thread's desk in a memory of the graph. */
import { desks } from '../graph-store.ts'
import { kernelModule } from '../kernel-module.ts'
import { LANES } from './walk-kernel.ts'

/** As `kernel/assembly/kernel.ts` exports them; addresses are byte offsets. */
export type Exports = {
  steer(desk: number, n: number, restart: number): void
  bounds(n: number, offsets: number, from: number, to: number): void
  boundsUpTo(n: number, offsets: number, from: number, to: number, last: number): void
  recordsUpTo(n: number, records: number, from: number, to: number, last: number): void
  choose(n: number, bounds: number, random: number, to: number): void
  chooseBoth(
    n: number,
    bounds: number,
    records: number,
    random: number,
    to: number,
    fresh: number,
    which: number,
  ): void
  prefer(
    n: number,
    list: number,
    bounds: number,
    random: number,
    coins: number,
    strength: number,
    ranges: number,
    count: number,
    to: number,
    which: number,
  ): void
  gather(n: number, list: number, index: number, to: number, bits: number): void
  blend(n: number, frozen: number, fresh: number, which: number, to: number): number
  clear(at: number, bytes: number): void
  count(
    desk: number,
    n: number,
    slots: number,
    mask: number,
    famous: number,
    reached: number,
  ): number
  rehash(from: number, n: number, slots: number, mask: number): void
  join(
    slots: number,
    n: number,
    index: number,
    pins: number,
    sums: number,
    best: number,
    bestVisits: number,
    boosted: number,
  ): number
}

export function kernelIn(memory: WebAssembly.Memory): Exports {
  return new WebAssembly.Instance(kernelModule('graph/walk-kernel.wasm'), { env: { memory } })
    .exports as Exports
}

export const BLOCK = LANES * 4
/** Blocks of a desk; bounds and records take two. */
const places = {
  nodes: 0,
  random: 1,
  bounds: 2,
  records: 4,
  index: 6,
  fresh: 7,
  which: 8,
  items: 9,
  freshItems: 10,
  coins: 11,
  ranges: 12,
} as const
export type BlockName = keyof typeof places

export class Desk {
  readonly kernel: Exports
  readonly #blocks: Readonly<Record<BlockName, Uint32Array>>

  constructor(memory: WebAssembly.Memory, desk: number) {
    this.kernel = kernelIn(memory)
    const blocks = {} as Record<BlockName, Uint32Array>
    for (const name of Object.keys(places) as BlockName[]) {
      const words = name === 'bounds' || name === 'records' ? 2 * LANES : LANES
      const at = desk * desks.bytes + places[name] * BLOCK
      blocks[name] = new Uint32Array(memory.buffer, at, words)
    }
    this.#blocks = blocks
  }

  block(name: BlockName): Uint32Array {
    return this.#blocks[name]
  }

  /** The address of a block. */
  at(name: BlockName): number {
    return this.#blocks[name].byteOffset
  }

  /** Takes blocks over from another memory's desk. */
  take(from: Desk, ...names: readonly BlockName[]): void {
    if (from === this) return
    for (const name of names) this.block(name).set(from.block(name))
  }
}
