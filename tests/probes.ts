/**
 * How much a reader of rows finds of what is hidden in them: its answers on rows that it did not
 * learn from. Readers are networks of `ranking/training/engine`; the linear one is a softmax
 * regression.
 */
import { systemClock } from '../base/index.ts'
import {
  fitNetwork,
  type Layers,
  mean,
  softmaxCrossEntropy,
  Trainer,
  type Value,
} from '../ranking/training/engine/index.ts'

export type Rows = {
  readonly count: number
  readonly width: number
  /** Writes a row of `width` numbers into `to` from place `at`. */
  readonly write: (row: number, to: Float32Array, at: number) => void
  readonly classes: number
  readonly classOf: (row: number) => number
}

export type Reader = {
  /** From rows [layers.rows, width] to logits [layers.rows, classes]. */
  readonly logits: (layers: Layers, rows: Value) => Value
  readonly epochs: number
  readonly rate: number
  readonly decay: number
}

/** Softmax regression. */
export const linearReader = (classes: number): Reader => ({
  logits: (layers, rows) => layers.dense('answer', rows, classes),
  epochs: 30,
  rate: 0.003,
  decay: 0.01,
})

const BATCH = 50
const SEED = 1

/** Learns from the rows before `held`, answers the others: the share that it answers rightly. */
export async function shareFound(
  rows: Rows,
  { reader, held }: { readonly reader: Reader; readonly held: number },
): Promise<number> {
  const { rate, decay, epochs } = reader
  const network = (layers: Layers) => {
    const logits = reader.logits(layers, layers.input('rows', rows.width))
    const loss = mean(softmaxCrossEntropy(logits, layers.index('class', 1)))
    return { loss, outputs: { logits } }
  }
  const optimiser = { kind: 'adam', rate, decay } as const
  const trainer = await Trainer.open(network, { rows: BATCH, optimiser, seed: SEED, threads: 1 })
  const fill = (_: Trainer, numbers: Uint32Array) => {
    const [to, classes] = [trainer.input('rows'), trainer.index('class')]
    numbers.forEach((row, i) => {
      rows.write(row, to, i * rows.width)
      classes[i] = BigInt(rows.classOf(row))
    })
  }
  try {
    const train = { count: rows.count - held, fill }
    // Nothing is chosen by the held rows: the last epoch counts.
    let epoch = 0
    const validate = async () => -epoch++
    const how = {
      epochs,
      patience: epochs,
      schedule: 'cosine',
      validate,
      clock: systemClock,
    } as const
    await fitNetwork(trainer, train, how)
    return await answered(trainer, rows, held)
  } finally {
    await trainer.close()
  }

  async function answered(of: Trainer, { count, classes, classOf }: Rows, last: number) {
    let right = 0
    let all = 0
    for (let from = count - last; from + BATCH <= count; from += BATCH) {
      fill(
        of,
        Uint32Array.from({ length: BATCH }, (_, i) => from + i),
      )
      await of.answer()
      const logits = of.output('logits')
      for (let i = 0; i < BATCH; i++) {
        const mine = logits.subarray(i * classes, (i + 1) * classes)
        if (mine.indexOf(Math.max(...mine)) === classOf(from + i)) right++
        all++
      }
    }
    return right / all
  }
}

/**
 * How much of a number a linear reader explains (R²): ridge regression on the rows before `held`,
 * judged on the others.
 */
export function explained(
  rows: readonly Float32Array[],
  { numberOf, held }: { readonly numberOf: (row: number) => number; readonly held: number },
): number {
  const size = rows[0]!.length + 1
  const learned = rows.length - held
  const system = Array.from({ length: size }, () => new Float64Array(size + 1))
  const at = (row: number, i: number) => (i < size - 1 ? rows[row]![i]! : 1)
  for (let row = 0; row < learned; row++) {
    for (let i = 0; i < size; i++) {
      const x = at(row, i)
      for (let j = 0; j < size; j++) system[i]![j]! += x * at(row, j)
      system[i]![size]! += x * numberOf(row)
    }
  }
  for (let i = 0; i < size; i++) system[i]![i]! += RIDGE
  const weights = solved(system)
  let mean = 0
  for (let row = learned; row < rows.length; row++) mean += numberOf(row) / held
  let [left, all] = [0, 0]
  for (let row = learned; row < rows.length; row++) {
    let guess = 0
    for (let i = 0; i < size; i++) guess += weights[i]! * at(row, i)
    left += (numberOf(row) - guess) ** 2
    all += (numberOf(row) - mean) ** 2
  }
  return 1 - left / all
}

const RIDGE = 10

/** Gauss and Jordan; a positive matrix needs no pivots. */
function solved(system: Float64Array[]): Float64Array {
  const size = system.length
  for (let i = 0; i < size; i++) {
    const own = system[i]!
    for (const other of system) {
      const share = other[i]! / own[i]!
      if (other === own || share === 0) continue
      for (let j = i; j <= size; j++) other[j]! -= share * own[j]!
    }
  }
  return Float64Array.from(system, (row, i) => row[size]! / row[i]!)
}
