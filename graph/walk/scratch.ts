/**
 * The memory of one thread that walks: sums by node of a pin, and its kernel. Used by one
 * query at a time, reused by all; what a query writes it clears.
 *
 * Memory: 16 bytes a host number, and the kernel's.
 */
import type { GraphView } from '../graph-view.ts'
import { TwinKernel } from './twin.ts'
import type { WalkKernel } from './walk-kernel.ts'
import { WasmKernel } from './wasm-kernel.ts'

export class WalkScratch {
  readonly joined: Float64Array
  readonly best: Float32Array
  readonly bestSeed: Uint32Array
  readonly #desk: number
  #wasm: WasmKernel | undefined
  #twin: TwinKernel | undefined

  /** `desk` numbers the thread among those that walk the same graph: 0 to 63, no two alike. */
  constructor(pinCapacity: number, desk = 0) {
    this.joined = new Float64Array(pinCapacity)
    this.best = new Float32Array(pinCapacity)
    this.bestSeed = new Uint32Array(pinCapacity)
    this.#desk = desk
  }

  get pinCapacity(): number {
    return this.joined.length
  }

  /** What walks the view: WASM where its graph lies in WASM memory. KERNEL_MISSING. */
  kernelFor(view: GraphView): WalkKernel {
    if (view.frozen.memory().wasm) {
      this.#wasm ??= new WasmKernel(this.#desk)
      return this.#wasm
    }
    this.#twin ??= new TwinKernel()
    return this.#twin
  }

  /** Forgets the graph that was walked last, so that its memory can be freed. */
  leaveGraph(): void {
    this.#wasm = undefined
    this.#twin = undefined
  }
}
