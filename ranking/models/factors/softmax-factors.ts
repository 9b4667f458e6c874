/**
 * Matrix factorisation for implicit feedback by sampled softmax: every pair of a user and an item
 * is told apart from items drawn at random. The score is the cosine of the user's and the item's
 * factors over a temperature; the loss is the cross-entropy of the item saved among itself and
 * `negatives` uniform draws. Wu et al., "On the effectiveness of sampled softmax loss for item
 * recommendation" (TOIS 2024).
 *
 * Settings are from the fold of Pinterest, one seed each. The learning rate stays as it is: falling
 * along a cosine over 40 epochs, from 3e-3, it did worse. A rate of 3e-3 takes more epochs to the
 * same; 64 negatives do a little worse in the same time, 256 about as well.
 *
 * Negatives are drawn with replacement and not looked at: one may be an item that the user saved.
 * Fitted by Adam in batches, on threads of its own over one memory (`fit-memory.ts` has the formula
 * of bytes); the caller's thread only waits. The same options and seed give the same bits for any
 * number of threads, on one kind of machine: where a machine multiplies and adds with one rounding,
 * the kernel does. Time: O(epochs × pairs × negatives × dimensions).
 */
import { Worker } from 'node:worker_threads'
import { assert, type Clock, pinwheelError } from '../../../base/index.ts'
import type { Rows } from '../../algebra/index.ts'
import { withinBounds } from '../bounds.ts'
import { factorsModule } from './fit-kernel.ts'
import type { FitPlan } from './fit-loop.ts'
import { type FitMemory, fitMemory, SLICE } from './fit-memory.ts'
import type { EpochEnd, FitSetup } from './fit-thread.ts'

export type SoftmaxFactorsOptions = {
  readonly dimensions: number
  readonly negatives: number
  readonly temperature: number
  readonly epochs: number
  readonly batch: number
  readonly learningRate: number
  readonly threads: number
  readonly seed: number
}

export const softmaxFactorsDefaults: SoftmaxFactorsOptions = Object.freeze({
  dimensions: 128,
  negatives: 128,
  temperature: 0.15,
  epochs: 50,
  batch: 8192,
  learningRate: 6e-3,
  threads: 2,
  seed: 1,
})

/** Normalised rows: the score is a dot product. A user without items has a row of zeros. */
export type Factors = {
  readonly dimensions: number
  readonly users: Float32Array
  readonly items: Float32Array
}

export type FitProgress = {
  /** Epochs done. */
  readonly epoch: number
  /** Mean of the epoch; ln(negatives + 1) is chance. */
  readonly loss: number
  /** Pairs. */
  readonly rowsPerSecond: number
  readonly remainingSeconds: number
}

export type FitContext = {
  readonly clock: Clock
  /** Its reason becomes the fit's. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: FitProgress) => void
  /** Starts a thread; tests start others. */
  readonly start?: (setup: FitSetup) => Worker
}

/** Tokens looked at before others get their turn. */
const TOKENS_AT_ONCE = 1 << 20

/**
 * Row r of `rows` holds items below `itemCount`; repeats count once. FACTORS_OPTIONS, FACTORS_DATA
 * where there is no pair, MODEL_TOO_LARGE, FACTORS_THREAD_LOST, KERNEL_MISSING, or the signal's
 * reason.
 */
export async function fitSoftmaxFactors(
  rows: Rows,
  itemCount: number,
  given: Partial<SoftmaxFactorsOptions>,
  context: FitContext,
): Promise<Factors> {
  const options = withinBounds({ ...softmaxFactorsDefaults, ...given }, bounds)
  context.signal?.throwIfAborted()
  if (rows.items.length === 0 || itemCount === 0) {
    throw pinwheelError('FACTORS_DATA', { reason: 'there is no pair of a user and an item' })
  }
  factorsModule()
  const users = rows.offsets.length - 1
  const { dimensions, negatives, batch, threads } = options
  const shape = { users, items: itemCount, pairs: rows.items.length, dimensions, negatives }
  const memory = fitMemory({ ...shape, batch: Math.min(batch, shape.pairs), threads })
  const pairs = await writePairs(rows, memory, context.clock)
  await fitted(memory, { ...options, pairs }, context)
  return factorsOf(rows, memory)
}

/** Returns how many there are. */
export async function writePairs(rows: Rows, memory: FitMemory, clock: Clock): Promise<number> {
  const { pairUser, pairItem } = memory.arrays
  const { users, items } = memory.shape
  // By item, 1 + the last user seen with it.
  const seenWith = new Uint32Array(items)
  let pairs = 0
  let looked = 0
  for (let user = 0; user < users; user++) {
    const end = rows.offsets[user + 1]!
    for (let i = rows.offsets[user]!; i < end; i++) {
      const item = rows.items[i]!
      assert(item < items, 'items are numbered below the count')
      if (seenWith[item] === user + 1) continue
      seenWith[item] = user + 1
      pairUser[pairs] = user
      pairItem[pairs++] = item
    }
    if (end - looked < TOKENS_AT_ONCE) continue
    looked = end
    await clock.yield()
  }
  return pairs
}

/** Of a thread: all that grows lies outside of it. */
const HEAP_MB = 128

function startThread(setup: FitSetup): Worker {
  return new Worker(new URL('./fit-thread.ts', import.meta.url), {
    workerData: setup,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
}

/** Resolves when all threads have ended as they should; otherwise none is left running. */
async function fitted(memory: FitMemory, plan: FitPlan, context: FitContext): Promise<void> {
  const { clock, signal, onProgress, start = startThread } = context
  const { shape, wasm } = memory
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // Where a thread cannot be started, the others' ends are nobody's to hear of.
  promise.catch(() => {})
  const began = clock.monotonic()
  const report = ({ epoch, loss }: EpochEnd) => {
    const seconds = (clock.monotonic() - began) / 1000
    const remainingSeconds = (seconds / epoch) * (plan.epochs - epoch)
    onProgress?.({ epoch, loss, rowsPerSecond: (epoch * plan.pairs) / seconds, remainingSeconds })
  }
  const stop = () => reject(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  const workers: Worker[] = []
  let left = shape.threads
  try {
    for (let thread = 0; thread < shape.threads; thread++) {
      const worker = start({ shape, wasm, thread, plan })
      workers.push(worker)
      worker.on('message', (message: EpochEnd) => {
        try {
          report(message)
        } catch (error) {
          reject(error)
        }
      })
      worker.once('error', (error) => reject(lost(error.message, error)))
      worker.once('exit', (code) => {
        if (code !== 0) reject(lost(`it ended with ${code}`))
        else if (--left === 0) resolve()
      })
    }
    await promise
  } finally {
    signal?.removeEventListener('abort', stop)
    // Those that wait for a lost one would wait for ever.
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function lost(reason: string, cause?: unknown) {
  return pinwheelError('FACTORS_THREAD_LOST', { reason }, cause)
}

function factorsOf(rows: Rows, { shape, arrays }: FitMemory): Factors {
  const { dimensions } = shape
  const users = normalised(arrays.users, dimensions)
  for (let user = 0; user < shape.users; user++) {
    if (rows.offsets[user] !== rows.offsets[user + 1]) continue
    users.fill(0, user * dimensions, (user + 1) * dimensions)
  }
  return { dimensions, users, items: normalised(arrays.items, dimensions) }
}

function normalised(from: Float32Array, dimensions: number): Float32Array {
  const rows = from.slice()
  for (let row = 0; row < rows.length; row += dimensions) {
    let square = 0
    for (let i = row; i < row + dimensions; i++) square += rows[i]! * rows[i]!
    const scale = 1 / Math.max(Math.sqrt(square), 1e-12)
    for (let i = row; i < row + dimensions; i++) rows[i]! *= scale
  }
  return rows
}

/** What options may be. */
const bounds = {
  dimensions: { from: SLICE, to: 1024, multipleOf: SLICE },
  negatives: { from: 4, to: 4096, multipleOf: 4 },
  temperature: { from: 0.02, to: 10 },
  epochs: { from: 1, to: 10_000, multipleOf: 1 },
  batch: { from: 1, to: 1 << 20, multipleOf: 1 },
  learningRate: { from: 1e-9, to: 1 },
  threads: { from: 1, to: 64, multipleOf: 1 },
  seed: { from: 0, to: Number.MAX_SAFE_INTEGER, multipleOf: 1 },
} as const
