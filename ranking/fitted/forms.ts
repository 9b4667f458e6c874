/**
 * The forms of models that can be served: of each its numbers, its arrays with their sizes, how a
 * fitted model is taken apart into them and how it is opened again. A model that is no form (a
 * walk, which has a graph and no arrays) is refused.
 */
import { pinwheelError } from '../../base/index.ts'
import type { BatchModel } from '../models/batch-model.ts'
import { Blend } from '../models/blend.ts'
import { Cooccurrence } from '../models/cooccurrence.ts'
import { FactorsModel } from '../models/factors/index.ts'
import { IalsModel } from '../models/ials/index.ts'
import { ItemNeighbours } from '../models/item-neighbours.ts'
import { LinearModel } from '../models/linear-model.ts'
import { neighboursModel, ScorerModel, sequencesModel } from '../models/scorer-model.ts'
import type { Gemm, Matrix } from '../onnx/index.ts'
import type { FittedPart, FormName, PartArray } from './fitted.ts'

/** What a part is opened among. */
export type Sizes = { readonly items: number; readonly users: number }

type Arrays = FittedPart['arrays']
type Numbers = FittedPart['numbers']
/** `below`: what every number of it is less than. */
type ArrayRule = {
  readonly type: 'f32' | 'f64' | 'u32'
  readonly length: number
  readonly below?: number
  readonly optional?: true
}
type Form = {
  readonly numbers: readonly string[]
  /** What must be there for these numbers; `rows` is the last offset of a sparse part. */
  readonly rules: (numbers: Numbers, sizes: Sizes) => Readonly<Record<string, ArrayRule>>
  readonly open: (part: FittedPart, sizes: Sizes, gemm: Gemm) => BatchModel
}

const matrix = (rows: number, columns: number, values: PartArray): Matrix => {
  return { rows, columns, values: values as Float32Array }
}
const f32 = (length: number): ArrayRule => ({ type: 'f32', length })

const linear: Form = {
  numbers: ['rank'],
  rules: ({ rank = 0 }, { items }) => ({
    left: f32(items * rank),
    right: f32(rank * items),
    dense: { ...f32(items * items), optional: true },
  }),
  open: ({ numbers: { rank = 0 }, arrays }, { items }, gemm) => {
    const { left, right, dense } = arrays
    const low = rank > 0 && {
      left: matrix(items, rank, left!),
      right: matrix(rank, items, right!),
    }
    return new LinearModel(
      { items, ...low, ...(dense && { dense: matrix(items, items, dense) }) },
      gemm,
    )
  },
}

const factors: Form = {
  numbers: ['dimensions'],
  rules: ({ dimensions = 0 }, { items, users }) => ({
    items: f32(items * dimensions),
    users: f32(users * dimensions),
  }),
  open: ({ numbers: { dimensions = 0 }, arrays }, _sizes, gemm) => {
    const { items, users } = arrays as { items: Float32Array; users: Float32Array }
    return new FactorsModel({ dimensions, items, users }, gemm)
  },
}

const ialsNumbers = [
  'dimensions',
  'unobserved',
  'ridge',
  'frequency',
  'sweeps',
  'threads',
  'seed',
] as const
const ials: Form = {
  numbers: ialsNumbers,
  rules: ({ dimensions = 0 }, { items }) => ({
    items: f32(items * dimensions),
    diagonal: f32(dimensions),
  }),
  open: ({ numbers, arrays }, { items }, gemm) => {
    const options = numbers as Record<(typeof ialsNumbers)[number], number>
    const all = matrix(items, options.dimensions, arrays['items']!)
    return new IalsModel(
      { options, items: all, diagonal: arrays['diagonal'] as Float32Array },
      gemm,
    )
  },
}

const sparse = (type: 'f32' | 'f64') => {
  return ({ pairs = 0 }: Numbers, { items }: Sizes): Record<string, ArrayRule> => ({
    offsets: { type: 'u32', length: items + 1, below: pairs + 1 },
    targets: { type: 'u32', length: pairs, below: items },
    weights: { type, length: pairs },
  })
}
const neighbours: Form = {
  numbers: ['pairs'],
  rules: sparse('f64'),
  open: ({ arrays }, { items }) => {
    const memory = arrays as unknown as ItemNeighbours['memory']
    return neighboursModel(new ItemNeighbours(memory), items)
  },
}
const sequences: Form = {
  numbers: ['pairs', 'recency'],
  rules: sparse('f32'),
  open: ({ numbers: { recency = 1 }, arrays }, { items }) => {
    const memory = arrays as unknown as Omit<Cooccurrence['memory'], 'recency'>
    return sequencesModel(new Cooccurrence({ ...memory, recency }), items)
  },
}

export const forms: Readonly<Record<FormName, Form>> = {
  linear,
  factors,
  ials,
  neighbours,
  sequences,
}

/** The parts of a fitted model. MODEL_UNFIT for one of another kind. */
export function partsOf(model: BatchModel, name: string): FittedPart[] {
  if (model instanceof Blend) {
    return model.parts.map(({ model, weight }) => ({ ...partOf(model, name), weight }))
  }
  return [{ ...partOf(model, name), weight: 1 }]
}

function partOf(model: BatchModel, name: string): Omit<FittedPart, 'weight'> {
  if (model instanceof LinearModel) {
    const { left, right, dense } = model.weights
    const arrays: Arrays = {
      left: left?.values ?? new Float32Array(0),
      right: right?.values ?? new Float32Array(0),
      ...(dense && { dense: dense.values }),
    }
    return { form: 'linear', numbers: { rank: left?.columns ?? 0 }, arrays }
  }
  if (model instanceof FactorsModel) {
    const { dimensions, items, users } = model.factors
    return { form: 'factors', numbers: { dimensions }, arrays: { items, users } }
  }
  if (model instanceof IalsModel) {
    const { options, items, diagonal } = model.ials
    return { form: 'ials', numbers: { ...options }, arrays: { items: items.values, diagonal } }
  }
  const source = model instanceof ScorerModel ? model.source : undefined
  if (source instanceof ItemNeighbours) {
    const arrays = { ...source.memory }
    return { form: 'neighbours', numbers: { pairs: arrays.targets.length }, arrays }
  }
  if (source instanceof Cooccurrence) {
    const { recency, ...arrays } = source.memory
    return { form: 'sequences', numbers: { pairs: arrays.targets.length, recency }, arrays }
  }
  throw pinwheelError('MODEL_UNFIT', { name, reason: 'it has no form that can be kept and served' })
}
