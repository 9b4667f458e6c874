/**
 * A memory that the training kernel and onnxruntime both work in: lists are reserved once, one
 * after the other, and are never moved, so a tensor can be bound to them for good.
 */
import { assert, pinwheelError } from '../../../base/index.ts'
import { kernelModule } from '../../../graph/index.ts'

const LINE_FLOATS = 16
const PAGE_BYTES = 65_536
/** What a 32-bit kernel can address. */
const BYTES_MAX = 2 ** 32

/** As `kernel/training/kernel.ts` exports them; places are byte offsets. */
export type TrainingKernel = {
  adam(
    weight: number,
    mean: number,
    square: number,
    gradient: number,
    length: number,
    rate: number,
    spread: number,
    keep: number,
  ): void
  sgd(
    weight: number,
    mean: number,
    gradient: number,
    length: number,
    rate: number,
    momentum: number,
    keep: number,
  ): void
  gather(table: number, width: number, rows: number, count: number, to: number): void
  sumRows(gradients: number, width: number, firsts: number, count: number): void
  adamRows(
    table: number,
    means: number,
    squares: number,
    gradients: number,
    width: number,
    rows: number,
    firsts: number,
    count: number,
    rate: number,
    spread: number,
    keep: number,
  ): void
  sgdRows(
    table: number,
    means: number,
    gradients: number,
    width: number,
    rows: number,
    firsts: number,
    count: number,
    rate: number,
    momentum: number,
    keep: number,
  ): void
  dropout(to: number, length: number, key: number, threshold: number, scale: number): void
}

export class KernelMemory {
  readonly kernel: TrainingKernel
  readonly #memory: WebAssembly.Memory
  #used = 0

  /** Room for lists of these lengths, in numbers of 4 bytes. MODEL_TOO_LARGE beyond 4 GiB. */
  constructor(what: string, lengths: readonly number[]) {
    const bytes = 4 * lengths.reduce((sum, length) => sum + padded(length), 0)
    if (bytes > BYTES_MAX) {
      throw pinwheelError('MODEL_TOO_LARGE', {
        bytes,
        reason: `${what} have ${BYTES_MAX} in all; use fewer rows or narrower ones`,
      })
    }
    const pages = Math.max(1, Math.ceil(bytes / PAGE_BYTES))
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    const module = kernelModule('ranking/training-kernel.wasm')
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } })
    this.kernel = instance.exports as TrainingKernel
  }

  /** Zeros; `values.byteOffset` is the place that the kernel knows. */
  floats(length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#reserve(length), length)
  }

  words(length: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#reserve(length), length)
  }

  #reserve(length: number): number {
    const at = this.#used
    this.#used += 4 * padded(length)
    assert(this.#used <= this.#memory.buffer.byteLength, 'lists are as long as was said')
    return at
  }
}

/** Whole lines of the cache. */
export function padded(length: number): number {
  return Math.ceil(length / LINE_FLOATS) * LINE_FLOATS
}
