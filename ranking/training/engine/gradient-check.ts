/**
 * Gradients against central differences, both in float64 on onnxruntime: what the differentiator
 * writes, run, against what the function does when an input is moved a little.
 */
import type { Random } from '../../../base/index.ts'
import { type Numbers, OnnxProgram } from '../../onnx/index.ts'
import { multiply } from './arithmetic.ts'
import { gradients } from './gradients.ts'
import { onnxGraph } from './onnx-graph.ts'
import { mean } from './reductions.ts'
import { sizeOf, Tape, type Value } from './tape.ts'

export type GradientCase = {
  readonly name: string
  /** Any result; its numbers are weighed at random and averaged before the gradient is taken. */
  readonly build: (tape: Tape) => Value
  /** Start of an input, by name; standard normal where none is said. */
  readonly start?: Readonly<Record<string, (random: Random) => number>>
  /** Inputs that have no gradient: labels, masks. */
  readonly fixed?: readonly string[]
}

export type GradientReport = {
  readonly name: string
  /** Numbers moved, over all inputs. */
  readonly checked: number
  /**
   * The greatest difference, as a share of the greatest gradient of that input, at least of 1e-3.
   */
  readonly worst: number
}

/** 1e-5: differences err by its square, and rounding by 1e-16 over it. */
const STEP = 1e-5

/** Throws MODEL_UNFIT when onnxruntime refuses the graph. */
export async function checkGradient(
  { name, build, start = {}, fixed = [] }: GradientCase,
  random: Random,
): Promise<GradientReport> {
  const tape = new Tape()
  const result = build(tape)
  const weights = Array.from({ length: sizeOf(result.dims) }, () => 0.5 + random.unit())
  const loss = mean(multiply(result, tape.constant('weights', result.dims, weights)))
  const inputs = tape.values.filter(({ origin }) => origin.kind === 'input')
  const wanted = inputs.filter((input) => !fixed.includes(input.name))
  const slopes = gradients(loss, wanted)
  const memory = memoryOf(tape.values, start, random)
  const outputs: Record<string, Value> = { loss }
  memory['loss'] = new Float64Array(1)
  wanted.forEach((input, i) => {
    outputs[`by ${input.name}`] = slopes[i]!
    memory[`by ${input.name}`] = new Float64Array(sizeOf(input.dims))
  })
  const program = await OnnxProgram.open(onnxGraph(outputs, { name, type: 'float64' }), memory, 1)
  try {
    await program.run()
    const claimed = wanted.map((input) => memory[`by ${input.name}`]!.slice() as Float64Array)
    let checked = 0
    let worst = 0
    for (const [i, input] of wanted.entries()) {
      const values = memory[input.name] as Float64Array
      const greatest = claimed[i]!.reduce((most, slope) => Math.max(most, Math.abs(slope)), 1e-3)
      for (let at = 0; at < values.length; at++) {
        const slope = await difference(program, values, at, memory['loss'] as Float64Array)
        const off = Math.abs(slope - claimed[i]![at]!) / greatest
        // A result that is not a number is as wrong as can be.
        worst = Number.isFinite(off) ? Math.max(worst, off) : Number.POSITIVE_INFINITY
        checked++
      }
    }
    return { name, checked, worst }
  } finally {
    await program.close()
  }
}

async function difference(
  program: OnnxProgram,
  values: Float64Array,
  at: number,
  loss: Float64Array,
): Promise<number> {
  const here = values[at]!
  values[at] = here + STEP
  await program.run()
  const above = loss[0]!
  values[at] = here - STEP
  await program.run()
  const below = loss[0]!
  values[at] = here
  return (above - below) / (2 * STEP)
}

function memoryOf(
  values: readonly Value[],
  start: NonNullable<GradientCase['start']>,
  random: Random,
): Record<string, Numbers> {
  const memory: Record<string, Numbers> = {}
  for (const { name, dims, origin } of values) {
    const length = sizeOf(dims)
    const draw = start[name] ?? (() => random.normal())
    if (origin.kind === 'input') memory[name] = Float64Array.from({ length }, () => draw(random))
    if (origin.kind !== 'index') continue
    memory[name] = BigInt64Array.from({ length }, () => BigInt(draw(random)))
  }
  return memory
}
