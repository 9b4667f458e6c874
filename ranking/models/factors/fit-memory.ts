/**
 * The one memory in which factors are fitted: what lies where, for the kernel, its twin and all
 * threads.
 *
 * Bytes, with d dimensions, K negatives, a batch of B and T threads: users × 12 d + items × (20 d +
 * 8 T) + pairs × 12 + B × (16 (K + 1) + 8 d + 8). It is one WASM memory of at most 4 GiB: with
 * d = 128 some 2 M users and 200,000 items.
 */
import { assert, pinwheelError } from '../../../base/index.ts'

/** Dimensions of a slice: of normalised rows and gradients, a slice of all rows lies together. */
export const SLICE = 32
const PAGE = 65_536
const BYTES_MAX = 65_536 * PAGE
const TABLE_WORDS = 25
/** Behind the table, 64 bytes apart from it. */
const CONTROL_AT = 128
const FIRST = 192

export type FitShape = {
  readonly users: number
  readonly items: number
  /** Pairs of a user and an item, at most. */
  readonly pairs: number
  readonly dimensions: number
  readonly negatives: number
  readonly batch: number
  readonly threads: number
}

/** Words that threads meet at. */
export const control = { arrived: 0, round: 1 } as const

/** In the order of the table that `kernel/factors/places.ts` reads, from word 5 on. */
const sections = [
  ['users', 'f32', (s: FitShape) => s.users * s.dimensions],
  ['userMean', 'f32', (s: FitShape) => s.users * s.dimensions],
  ['userSquare', 'f32', (s: FitShape) => s.users * s.dimensions],
  ['items', 'f32', (s: FitShape) => s.items * s.dimensions],
  ['itemMean', 'f32', (s: FitShape) => s.items * s.dimensions],
  ['itemSquare', 'f32', (s: FitShape) => s.items * s.dimensions],
  ['itemUnits', 'f32', (s: FitShape) => s.items * s.dimensions],
  ['itemGradient', 'f32', (s: FitShape) => s.items * s.dimensions],
  ['pairUser', 'u32', (s: FitShape) => s.pairs],
  ['pairItem', 'u32', (s: FitShape) => s.pairs],
  ['order', 'u32', (s: FitShape) => s.pairs],
  ['drawn', 'u32', (s: FitShape) => s.batch * (s.negatives + 1)],
  ['weights', 'f32', (s: FitShape) => s.batch * (s.negatives + 1)],
  ['exampleUnits', 'f32', (s: FitShape) => s.batch * s.dimensions],
  ['exampleGradient', 'f32', (s: FitShape) => s.batch * s.dimensions],
  ['sums', 'f32', (s: FitShape) => s.batch],
  ['margins', 'f32', (s: FitShape) => s.batch],
  ['counts', 'u32', (s: FitShape) => s.items * s.threads],
  ['cursors', 'u32', (s: FitShape) => s.items * s.threads],
  ['entries', 'u32', (s: FitShape) => s.batch * (s.negatives + 1) * 2],
] as const

type Section = (typeof sections)[number]
export type FitArrays = {
  readonly [S in Section as S[0]]: S[1] extends 'f32' ? Float32Array : Uint32Array
}

export type FitMemory = {
  readonly shape: FitShape
  readonly wasm: WebAssembly.Memory
  readonly arrays: FitArrays
  readonly control: Int32Array
}

/** Cache lines apart. */
const padded = (words: number) => Math.ceil(words / 16) * 64

export function fitBytes(shape: FitShape): number {
  return FIRST + sections.reduce((sum, [, , words]) => sum + padded(words(shape)), 0)
}

/** MODEL_TOO_LARGE where it is more than WASM can address, or than the machine gives. */
export function fitMemory(shape: FitShape): FitMemory {
  const bytes = fitBytes(shape)
  if (bytes > BYTES_MAX) {
    throw pinwheelError('MODEL_TOO_LARGE', { bytes, reason: `the most is ${BYTES_MAX}` })
  }
  const pages = Math.ceil(bytes / PAGE)
  try {
    const wasm = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    return viewed(shape, wasm)
  } catch (error) {
    throw pinwheelError('MODEL_TOO_LARGE', { bytes, reason: 'the machine has less' }, error)
  }
}

/** The same memory on another thread. */
export function viewed(shape: FitShape, wasm: WebAssembly.Memory): FitMemory {
  const { buffer } = wasm
  const { dimensions, negatives, items, batch, threads } = shape
  assert(dimensions % SLICE === 0 && negatives % 4 === 0, 'rows are whole slices and vectors')
  const arrays: Record<string, Float32Array | Uint32Array> = {}
  const table = [dimensions, negatives, items, batch, threads]
  let at = FIRST
  for (const [name, kind, words] of sections) {
    const length = words(shape)
    table.push(at)
    arrays[name] =
      kind === 'f32' ? new Float32Array(buffer, at, length) : new Uint32Array(buffer, at, length)
    at += padded(length)
  }
  assert(table.length === TABLE_WORDS, 'the kernel reads so many words')
  new Uint32Array(buffer, 0, TABLE_WORDS).set(table)
  return {
    shape,
    wasm,
    arrays: arrays as FitArrays,
    control: new Int32Array(buffer, CONTROL_AT, 2),
  }
}
