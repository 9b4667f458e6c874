/** The WASM kernel that solves rows, as `ranking/kernel/ridge` exports it. */
import { kernelModule } from '../../../graph/index.ts'
import type { IalsMemory, Side } from './ials-memory.ts'

type Exports = {
  bind(dimensions: number, diagonal: number, scratch: number): void
  solveRows(
    first: number,
    end: number,
    offsets: number,
    indices: number,
    ridges: number,
    from: number,
    to: number,
  ): void
}

/** Solves rows [first, end) of a side, the other side as it is. */
export type SolveRows = (side: Side, first: number, end: number) => void

/** KERNEL_MISSING when it was not built. */
export function ridgeModule(): WebAssembly.Module {
  return kernelModule('ranking/ridge-kernel.wasm')
}

/** The kernel of one thread. KERNEL_MISSING. */
export function wasmRidge(memory: IalsMemory, thread: number): SolveRows {
  const { wasm, diagonal, scratch, shape } = memory
  const instance = new WebAssembly.Instance(ridgeModule(), { env: { memory: wasm } })
  const { bind, solveRows } = instance.exports as Exports
  bind(shape.dimensions, diagonal.byteOffset, scratch[thread]!.byteOffset)
  return (side, first, end) => {
    const { factors, offsets, indices, ridges } = memory[side]
    const from = memory[side === 'users' ? 'items' : 'users'].factors
    solveRows(
      first,
      end,
      offsets.byteOffset,
      indices.byteOffset,
      ridges.byteOffset,
      from.byteOffset,
      factors.byteOffset,
    )
  }
}

/** Rows that a thread claims at once. */
const CLAIM = 32

/** Solves rows of a side, as long as there are any that no thread has claimed. */
export function solveClaimed(memory: IalsMemory, solve: SolveRows, side: Side): void {
  const rows = memory.shape[side]
  for (;;) {
    const first = Atomics.add(memory.control, 0, CLAIM)
    if (first >= rows) return
    solve(side, first, Math.min(first + CLAIM, rows))
  }
}
