/** How far a deep ranker's scores in whole numbers are from those in single precision. */
import type { IdentifiedRows } from '../../training/train-ranker.ts'
import { type DeepWeights, deepBytes } from './deep-file.ts'
import { DeepModel, deepMemory } from './deep-model.ts'

/** Rows that tell it. */
const COMPARED = 256

/**
 * Root of the mean squared difference over some of the rows `of`, in deviations of the scores in
 * single precision; `weights` have ranges.
 */
export async function int8Error(
  weights: DeepWeights,
  rows: IdentifiedRows,
  of: Uint32Array,
): Promise<number> {
  const every = Math.max(1, Math.floor(of.length / COMPARED))
  const some = of.filter((_, i) => i % every === 0)
  const memory = await deepMemory(deepBytes(withRowsOf(weights, rows, some)), rows.names)
  const models = [
    await DeepModel.open(memory),
    await DeepModel.open(memory, { precision: 'float32' }),
  ] as const
  const width = rows.names.length
  const scores = models.map(() => new Float64Array(some.length))
  for (const [i, row] of some.entries()) {
    const features = rows.features.subarray(row * width, (row + 1) * width)
    for (const [m, model] of models.entries()) {
      scores[m]![i] = (await model.score(i, Uint32Array.of(i), features))[0]!
    }
  }
  for (const model of models) await model.close()
  const [whole, single] = scores as [Float64Array, Float64Array]
  const mean = single.reduce((sum, x) => sum + x, 0) / single.length
  const sum = (of: (x: number, i: number) => number) =>
    single.reduce((total, x, i) => total + of(x, i) ** 2, 0)
  return Math.sqrt(
    sum((x, i) => whole[i]! - x) /
      Math.max(
        sum((x) => x - mean),
        Number.MIN_VALUE,
      ),
  )
}

/** With tables of these rows' users and pins alone, the i-th of both by the hash i. */
function withRowsOf(weights: DeepWeights, rows: IdentifiedRows, some: Uint32Array): DeepWeights {
  const { width, userRows, pinRows } = weights.head
  const size = 2 ** Math.ceil(Math.log2(some.length))
  const picked = (table: Float32Array, hashes: Uint32Array, tableRows: number) => {
    const own = new Float32Array(size * width)
    some.forEach((row, i) => {
      const at = (hashes[row]! & (tableRows - 1)) * width
      own.set(table.subarray(at, at + width), i * width)
    })
    return own
  }
  return {
    ...weights,
    head: { ...weights.head, userRows: size, pinRows: size },
    users: picked(weights.users, rows.users, userRows),
    pins: picked(weights.pins, rows.pins, pinRows),
  }
}
