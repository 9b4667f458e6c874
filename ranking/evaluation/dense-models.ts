/**
 * Models over dense matrices, with their grids. The spectrum of a graph is dear and filters of it
 * are cheap, so all settings with the same graph share one.
 */
import {
  checkDense,
  degreesOf,
  distinct,
  gramOf,
  leadingEigen,
  type Rows,
} from '../algebra/index.ts'
import { type EaseOptions, fitEase } from '../models/ease.ts'
import { FactorsModel, fitSoftmaxFactors } from '../models/factors/index.ts'
import {
  type GfCfOptions,
  gfCf,
  type LowPassOptions,
  lowPass,
  type Spectrum,
} from '../models/graph-filter.ts'
import { fitIals, IalsModel } from '../models/ials/index.ts'
import type { Gemm } from '../onnx/index.ts'
import type { EvaluatedModel, Settings } from './models.ts'

const FOLD_USERS = 8_000
/** Frequencies of the greatest filter of the grids. */
const RANK_MAX = 512

const product = (...sides: readonly (readonly Settings[])[]): Settings[] =>
  sides.reduce<Settings[]>(
    (all, side) => all.flatMap((one) => side.map((other) => ({ ...one, ...other }))),
    [{}],
  )
const values = (name: string, ...all: number[]): Settings[] =>
  all.map((value) => ({ [name]: value }))

export const ease: EvaluatedModel = {
  grid: [
    ...product(values('lambda', 100, 300), values('userPower', 0), values('itemPower', 0)),
    ...product(values('lambda', 100, 200), values('userPower', 0), values('itemPower', 0.1)),
    { lambda: 20, userPower: 0.25, itemPower: 0.1 },
  ],
  foldUsers: FOLD_USERS,
  open: (train, items, { gemm }) => {
    const rows = distinct(train)
    return (settings) => fitEase(rows, items, gemm, settings as EaseOptions)
  },
}

export const graphFilter: EvaluatedModel = {
  grid: product(
    values('userPower', 0.5),
    values('itemPower', 0.4, 0.5),
    values('rank', 256, RANK_MAX),
    values('share', 0.1, 0.3, 1),
    values('inputPower', 0.5),
  ),
  foldUsers: FOLD_USERS,
  open: (train, items, { gemm }) => {
    const spectrumOf = spectra(train, items, gemm)
    return async (settings) => gfCf(await spectrumOf(settings), gemm, settings as GfCfOptions)
  },
}

export const lowPassFilter: EvaluatedModel = {
  grid: product(
    [0.5, 0.4, 0.3].map((userPower) => ({ userPower, itemPower: userPower === 0.5 ? 0.5 : 0.4 })),
    values('rank', 256, 400, RANK_MAX),
    values('power', 0.15, 0.3, 0.45),
    values('inputPower', 0.2, 0.3, 0.4),
  ),
  foldUsers: FOLD_USERS,
  open: (train, items, { gemm }) => {
    const spectrumOf = spectra(train, items, gemm)
    return async (settings) => lowPass(await spectrumOf(settings), gemm, settings as LowPassOptions)
  },
}

export const softmaxFactors: EvaluatedModel = {
  grid: [
    { epochs: 65, learningRate: 3e-3, negatives: 64 },
    { epochs: 50, learningRate: 6e-3, negatives: 128 },
  ],
  foldUsers: FOLD_USERS,
  open: (train, items, { gemm, clock, threads, seed }) => {
    return async (settings) => {
      const factors = await fitSoftmaxFactors(
        train,
        items,
        { ...settings, threads, seed },
        { clock },
      )
      return new FactorsModel(factors, gemm)
    }
  },
}

export const implicitAls: EvaluatedModel = {
  grid: product(values('dimensions', 256, 512), [
    { unobserved: 0.05, ridge: 0.006, sweeps: 8 },
    { unobserved: 0.1, ridge: 0.003, sweeps: 8 },
  ]),
  foldUsers: FOLD_USERS,
  open: (train, items, { gemm, clock, threads, seed }) => {
    // More than there are items or users would say nothing.
    const most = 8 * Math.ceil(Math.min(items, train.offsets.length - 1) / 8)
    return async ({ dimensions = most, ...settings }) => {
      const options = { ...settings, dimensions: Math.min(dimensions, most), threads, seed }
      return new IalsModel(await fitIals(train, items, options, { clock }), gemm)
    }
  },
}

/** The spectrum of the last graph asked for: those of a grid come one graph after the other. */
function spectra(train: Rows, items: number, gemm: Gemm) {
  const rows = distinct(train)
  const degrees = degreesOf(rows, items)
  let last: { readonly key: string; readonly spectrum: Spectrum } | undefined
  return async ({ userPower = 0, itemPower = 0 }: Settings): Promise<Spectrum> => {
    const key = `${userPower} ${itemPower}`
    if (last?.key === key) return last.spectrum
    last = undefined
    checkDense(items, 1)
    const gram = gramOf(rows, items, { userPower, itemPower })
    const eigen = await leadingEigen(gemm, gram, { count: RANK_MAX })
    last = { key, spectrum: { gram, eigen, degrees } }
    return last.spectrum
  }
}
