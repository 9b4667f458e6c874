/** What fits a part of a batch, as `fit-loop.ts` calls it; and the WASM one. */
import { kernelModule } from '../../../graph/index.ts'
import type { FitMemory } from './fit-memory.ts'

/** Of Adam: the learning rate and the square root's factor, with the moments' bias corrected. */
export type Step = { readonly rate: number; readonly spread: number }

/**
 * Ranges are of examples of the batch, or of items, from `first` up to `end`. The calls of a batch
 * come in this order, `scatter` when all threads have drawn and the last two when all have
 * scattered.
 */
export interface FitKernel {
  /** Makes the normalised rows of items. */
  unitItems(first: number, end: number): void
  /** Draws negatives, and counts all items of the range by item. */
  draw(first: number, end: number, from: number, salt: number): void
  dots(first: number, end: number): void
  /** From cosines to coefficients: sharpness is 1 / temperature, share 1 / the batch's examples. */
  softmax(first: number, end: number, sharpness: number, share: number): void
  scatter(first: number, end: number): void
  userGradients(first: number, end: number): void
  usersStep(first: number, end: number, from: number, step: Step): void
  itemGradients(first: number, end: number): void
  itemsStep(first: number, end: number, step: Step): void
}

/** As `kernel/factors/kernel.ts` exports them. */
type Exports = Omit<FitKernel, 'usersStep' | 'itemsStep'> & {
  bind(table: number, thread: number): void
  usersStep(first: number, end: number, from: number, rate: number, spread: number): void
  itemsStep(first: number, end: number, rate: number, spread: number): void
  exponentials(at: number, count: number): void
}

/** KERNEL_MISSING when it was not built. */
export function factorsModule(): WebAssembly.Module {
  return kernelModule('ranking/factors-kernel.wasm')
}

export function factorsExports(memory: WebAssembly.Memory): Exports {
  return new WebAssembly.Instance(factorsModule(), { env: { memory } }).exports as Exports
}

/** KERNEL_MISSING. */
export function wasmFitKernel({ wasm }: FitMemory, thread: number): FitKernel {
  const exports = factorsExports(wasm)
  exports.bind(0, thread)
  return {
    ...exports,
    usersStep: (first, end, from, { rate, spread }) =>
      exports.usersStep(first, end, from, rate, spread),
    itemsStep: (first, end, { rate, spread }) => exports.itemsStep(first, end, rate, spread),
  }
}
