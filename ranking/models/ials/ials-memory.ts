/**
 * The one memory in which implicit ALS is fitted, or users are folded in: what lies where, for the
 * kernel and all threads.
 *
 * Bytes, with d dimensions and T threads: (users + items) × (4 d + 8) + pairs × 8 + T × (8 d² +
 * 16 d), in one WASM memory of at most 4 GiB: with d = 256 some 2 M users and 1 M items.
 */
import { assert, pinwheelError } from '../../../base/index.ts'

const PAGE = 65_536
const BYTES_MAX = 65_536 * PAGE
const FIRST = 64

export type IalsShape = {
  readonly users: number
  readonly items: number
  /** Saves there is room for. */
  readonly pairs: number
  /** A multiple of eight. */
  readonly dimensions: number
  readonly threads: number
}

export const sides = ['users', 'items'] as const
export type Side = (typeof sides)[number]

/** Of one side: its rows of factors, whom each is saved with, and its ridge. */
export type SideArrays = {
  readonly factors: Float32Array
  readonly offsets: Uint32Array
  readonly indices: Uint32Array
  readonly ridges: Float32Array
}

export type IalsMemory = {
  readonly shape: IalsShape
  readonly wasm: WebAssembly.Memory
  readonly users: SideArrays
  readonly items: SideArrays
  /** What the matrices of all rows have on their diagonal, beside the row's own ridge. */
  readonly diagonal: Float32Array
  /** Scratch of each thread. */
  readonly scratch: readonly Float32Array[]
  /** One word: rows that are claimed. */
  readonly control: Int32Array
}

/** Cache lines apart. */
const padded = (words: number) => Math.ceil(words / 16) * 64
const scratchWords = (d: number) => 2 * d * d + 4 * d
const sideWords = (rows: number, { dimensions, pairs }: IalsShape) => [
  rows * dimensions,
  rows + 1,
  pairs,
  rows,
]

export function ialsBytes(shape: IalsShape): number {
  const { users, items, dimensions: d, threads } = shape
  const words = [...sideWords(users, shape), ...sideWords(items, shape), d]
  const scratch = threads * padded(scratchWords(d))
  return FIRST + words.reduce((sum, count) => sum + padded(count), 0) + scratch
}

/** MODEL_TOO_LARGE where it is more than WASM can address, or than the machine gives. */
export function ialsMemory(shape: IalsShape): IalsMemory {
  const bytes = ialsBytes(shape)
  if (bytes > BYTES_MAX) {
    throw pinwheelError('MODEL_TOO_LARGE', { bytes, reason: `the most is ${BYTES_MAX}` })
  }
  const pages = Math.ceil(bytes / PAGE)
  try {
    const wasm = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    return ialsViewed(shape, wasm)
  } catch (error) {
    throw pinwheelError('MODEL_TOO_LARGE', { bytes, reason: 'the machine has less' }, error)
  }
}

/** The same memory on another thread. */
export function ialsViewed(shape: IalsShape, wasm: WebAssembly.Memory): IalsMemory {
  const { users, items, dimensions: d, threads } = shape
  assert(d % 8 === 0, 'rows of factors are whole vectors, two and two')
  let at = FIRST
  const next = <A>(View: new (b: ArrayBufferLike, at: number, n: number) => A, words: number) => {
    const array = new View(wasm.buffer, at, words)
    at += padded(words)
    return array
  }
  const side = (rows: number): SideArrays => {
    const [factors, offsets, indices, ridges] = sideWords(rows, shape)
    return {
      factors: next(Float32Array, factors!),
      offsets: next(Uint32Array, offsets!),
      indices: next(Uint32Array, indices!),
      ridges: next(Float32Array, ridges!),
    }
  }
  return {
    shape,
    wasm,
    users: side(users),
    items: side(items),
    diagonal: next(Float32Array, d),
    scratch: Array.from({ length: threads }, () => next(Float32Array, scratchWords(d))),
    control: new Int32Array(wasm.buffer, 0, 1),
  }
}
