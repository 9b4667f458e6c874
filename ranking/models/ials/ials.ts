/**
 * Matrix factorisation for implicit feedback by alternating least squares (Hu, Koren and Volinsky,
 * "Collaborative filtering for implicit feedback datasets", ICDM 2008), with the ridge scaled by
 * frequency (Rendle, Krichene, Zhang and Koren, "Revisiting the performance of iALS on item
 * recommendation benchmarks", RecSys 2022). It minimises, over saves (u, i) and over all pairs,
 *
 *   Σ_saves (1 - w_u·h_i)² + unobserved Σ_all (w_u·h_i)²
 *     + ridge Σ_rows (n + unobserved N)^frequency |row|²
 *
 * where n is how many saves a row has and N how many rows the other side has: one side in closed
 * form, then the other.
 *
 * Before each half the other side is turned into the eigenvectors of its Gram matrix; scores do not
 * change by a turn of both sides. What all rows share is then diagonal, so that a row with few
 * saves n is solved in n³ / 6 + n² d / 2 instead of d³ / 6 + n d² / 2 steps.
 *
 * Settings are from the fold of Pinterest. The scale of the ridge by the first power of frequency
 * does better there than by .5, .6, .75 or 1.2; 512 dimensions better than 256, at four times the
 * time.
 *
 * The same seed gives the same bits for any number of threads, on one kind of machine. Time of a
 * sweep: what rows take, d³ for the eigenvectors, and (users + items) d² for turns and Gram
 * matrices, whose products are of one thread so that their sums have one order.
 */
import type { Worker } from 'node:worker_threads'
import { assert, type Clock, pinwheelError, Random } from '../../../base/index.ts'
import { distinct, eigenOf, type Rows, transposed } from '../../algebra/index.ts'
import { Gemm, type Matrix } from '../../onnx/index.ts'
import { withinBounds } from '../bounds.ts'
import { type IalsMemory, type IalsShape, ialsMemory, type Side } from './ials-memory.ts'
import type { IalsSetup } from './ials-thread.ts'
import { IalsThreads, startIalsThread } from './ials-threads.ts'
import { ridgeModule } from './ridge-kernel.ts'

export type IalsOptions = {
  readonly dimensions: number
  /** What a pair that was not saved weighs, a save 1 more. */
  readonly unobserved: number
  readonly ridge: number
  /** 0: all rows are held back alike; 1: as their data weigh. */
  readonly frequency: number
  readonly sweeps: number
  readonly threads: number
  readonly seed: number
}

export const ialsDefaults: IalsOptions = Object.freeze({
  dimensions: 256,
  unobserved: 0.05,
  ridge: 0.006,
  frequency: 1,
  sweeps: 8,
  threads: 2,
  seed: 1,
})

/** All that a user is folded in by. */
export type Ials = {
  readonly options: IalsOptions
  /** Items by dimensions, of a diagonal Gram matrix. */
  readonly items: Matrix
  /** That diagonal, times what an unobserved pair weighs. */
  readonly diagonal: Float32Array
}

export type IalsProgress = { readonly sweep: number; readonly remainingSeconds: number }

export type IalsContext = {
  readonly clock: Clock
  /** Its reason becomes the fit's. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: IalsProgress) => void
  /** Looks at the factors after each half-sweep. */
  readonly onHalf?: (side: Side, memory: IalsMemory) => void
  /** Starts a thread; tests start others. */
  readonly start?: (setup: IalsSetup) => Worker
}

/** Of the first factors, the length of a row as it is expected. */
const START = 0.1

/**
 * Row r of `rows` holds items below `itemCount`; repeats count once. FACTORS_OPTIONS, FACTORS_DATA
 * where there is no pair, MODEL_TOO_LARGE, FACTORS_THREAD_LOST, KERNEL_MISSING, or the signal's
 * reason.
 */
export async function fitIals(
  rows: Rows,
  itemCount: number,
  given: Partial<IalsOptions>,
  context: IalsContext,
): Promise<Ials> {
  const options = withinBounds({ ...ialsDefaults, ...given }, bounds)
  const { clock, signal, onProgress, onHalf, start = startIalsThread } = context
  signal?.throwIfAborted()
  if (rows.items.length === 0 || itemCount === 0) {
    throw pinwheelError('FACTORS_DATA', { reason: 'there is no pair of a user and an item' })
  }
  ridgeModule()
  const memory = filled(distinct(rows), itemCount, options)
  const gemm = new Gemm(1)
  const threads = new IalsThreads(memory, start)
  const stop = () => threads.fail(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  const began = clock.monotonic()
  try {
    for (let sweep = 1; sweep <= options.sweeps; sweep++) {
      for (const [side, other] of halves) {
        await turn(memory, gemm, other, options)
        await threads.solve(side)
        onHalf?.(side, memory)
      }
      const seconds = (clock.monotonic() - began) / 1000
      onProgress?.({ sweep, remainingSeconds: (seconds / sweep) * (options.sweeps - sweep) })
    }
    await turn(memory, gemm, 'items', options)
  } finally {
    signal?.removeEventListener('abort', stop)
    await threads.close()
  }
  const values = memory.items.factors.slice()
  const items = { rows: itemCount, columns: options.dimensions, values }
  return { options, items, diagonal: memory.diagonal.slice() }
}

const halves = [
  ['users', 'items'],
  ['items', 'users'],
] as const

/** The ridge of a row with `saves`, where the other side has `others` rows. */
export function ridgeOf(
  saves: number,
  others: number,
  options: Pick<IalsOptions, 'unobserved' | 'ridge' | 'frequency'>,
): number {
  return options.ridge * (saves + options.unobserved * others) ** options.frequency
}

function filled(rows: Rows, itemCount: number, options: IalsOptions): IalsMemory {
  const users = rows.offsets.length - 1
  const { dimensions, threads } = options
  const shape: IalsShape = {
    users,
    items: itemCount,
    pairs: rows.items.length,
    dimensions,
    threads,
  }
  for (const item of rows.items) assert(item < itemCount, 'items are numbered below the count')
  const memory = ialsMemory(shape)
  for (const [side, own, others] of [
    ['users', rows, itemCount],
    ['items', transposed(rows, itemCount), users],
  ] as const) {
    const { offsets, indices, ridges } = memory[side]
    offsets.set(own.offsets)
    indices.set(own.items)
    ridges.forEach((_, r) => {
      ridges[r] = ridgeOf(offsets[r + 1]! - offsets[r]!, others, options)
    })
  }
  const random = new Random(options.seed).split('ials')
  const { factors } = memory.items
  const scale = START / Math.sqrt(dimensions)
  for (let i = 0; i < factors.length; i++) factors[i] = scale * random.normal()
  return memory
}

/** Turns a side so that its Gram matrix is diagonal, which goes to the diagonal that rows share. */
async function turn(
  { shape, diagonal, ...memory }: IalsMemory,
  gemm: Gemm,
  side: Side,
  { unobserved }: IalsOptions,
): Promise<void> {
  const { factors } = memory[side]
  const a = { rows: shape[side], columns: shape.dimensions, values: factors }
  const { values, vectors } = eigenOf(await gemm.multiply({ a, b: a, transposeA: true }))
  factors.set((await gemm.multiply({ a, b: vectors })).values)
  // Rounding makes a little less than nothing of nothing.
  values.forEach((value, k) => {
    diagonal[k] = unobserved * Math.max(0, value)
  })
}

/** What options may be. */
const bounds = {
  dimensions: { from: 8, to: 1024, multipleOf: 8 },
  unobserved: { from: 0, to: 1e3 },
  ridge: { from: 1e-6, to: 1e6 },
  frequency: { from: 0, to: 2 },
  sweeps: { from: 1, to: 1_000, multipleOf: 1 },
  threads: { from: 1, to: 64, multipleOf: 1 },
  seed: { from: 0, to: Number.MAX_SAFE_INTEGER, multipleOf: 1 },
} as const
