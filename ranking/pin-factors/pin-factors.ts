/**
 * Vectors of pins, and users folded in among them: what a deep ranker's file has of implicit ALS,
 * as threads share it.
 *
 * Bytes: 5 d + 28 a pin with a vector, 4 for each pin of the host up to the greatest of them.
 */
import { type Allocator, f32Array, NONE, sharedAllocator, u32Array } from '../../base/index.ts'
import { type ExactTableMemory, exactTableMemory } from '../ann/index.ts'

export type FactorNumbers = {
  readonly dimensions: number
  /** What a pair that was not saved weighs, a save 1 more; above 0. */
  readonly unobserved: number
  readonly ridge: number
  readonly frequency: number
}

/** As they are fitted and kept: rows are of pins, the most saved first. */
export type PinFactors<Pin = string> = {
  readonly numbers: FactorNumbers
  /** By row, each once. */
  readonly pins: readonly Pin[]
  /** [rows, dimensions], of a diagonal Gram matrix. */
  readonly vectors: Float32Array
  /** That diagonal, times `unobserved`. */
  readonly diagonal: Float32Array
}

/** The same on a host; plain data, so that it can be sent to threads. */
export type PinFactorsMemory = Omit<PinFactors, 'pins' | 'vectors'> & {
  /** Pins that they were fitted on, of which this host may know a part. */
  readonly fitted: number
  /** PinIndex by row: rows are of pins that this host knows, the most saved first. */
  readonly pinOf: Uint32Array
  readonly vectors: ExactTableMemory
  /** Row by PinIndex, NONE where it has none; pins beyond have none, too. */
  readonly rowOf: Uint32Array
  /** Of all vectors that were fitted. */
  readonly mean: Float32Array
}

/** `find` answers the number of a pin, or below 0. MODEL_TOO_LARGE. */
export function pinFactorsMemory<Pin>(
  { numbers, pins, vectors, diagonal }: PinFactors<Pin>,
  find: (pin: Pin) => number,
  allocate: Allocator = sharedAllocator,
): PinFactorsMemory {
  const { dimensions: d } = numbers
  const known = pins.map(find)
  const rows = Array.from(known.keys()).filter((row) => known[row]! >= 0)
  const pinOf = u32Array(allocate, rows.length)
  const here = new Float32Array(rows.length * d)
  rows.forEach((from, row) => {
    pinOf[row] = known[from]!
    here.set(vectors.subarray(from * d, (from + 1) * d), row * d)
  })
  const rowOf = u32Array(
    allocate,
    pinOf.reduce((most, pin) => Math.max(most, pin + 1), 0),
  )
  rowOf.fill(NONE)
  pinOf.forEach((pin, row) => {
    rowOf[pin] = row
  })
  const mean = f32Array(allocate, d)
  mean.set(meanOf(vectors, d))
  const table = exactTableMemory(here, d)
  return { numbers, fitted: pins.length, pinOf, rowOf, vectors: table, diagonal, mean }
}

function meanOf(vectors: Float32Array, d: number): Float64Array {
  const sum = new Float64Array(d)
  for (let at = 0; at < vectors.length; at += d) {
    for (let k = 0; k < d; k++) sum[k]! += vectors[at + k]!
  }
  return sum.map((value) => value / (vectors.length / d))
}
