/**
 * Graph filters: a user's history as a signal on the items, smoothed by the spectrum of the
 * normalised item graph G (`algebra/gram.ts`).
 *
 * - `lowPass`: the leading `rank` frequencies alone, each by its eigenvalue to a power: 0 is the
 *   ideal low-pass, between 0 and 1 a sharpened one, 1 the linear filter cut off.
 * - `gfCf`: the linear filter G plus `share` of the ideal low-pass (Shen et al., "How Powerful is
 *   Graph Convolution for Recommendation?", CIKM 2021).
 *
 * Both weigh what goes in by degree ** -inputPower and what comes out by its inverse.
 */
import type { LeadingEigen } from '../algebra/index.ts'
import type { Gemm, Matrix } from '../onnx/index.ts'
import { LinearModel } from './linear-model.ts'

export type Spectrum = {
  /** The spectrum's graph. */
  readonly gram: Matrix
  readonly eigen: LeadingEigen
  readonly degrees: Uint32Array
}

export type LowPassOptions = {
  /** At most as many as the spectrum has. */
  readonly rank: number
  readonly power: number
  readonly inputPower: number
}

export function lowPass(spectrum: Spectrum, gemm: Gemm, options: LowPassOptions): LinearModel {
  return new LinearModel({ items: spectrum.degrees.length, ...filter(spectrum, options, 1) }, gemm)
}

export type GfCfOptions = {
  readonly rank: number
  readonly share: number
  readonly inputPower: number
}

export function gfCf(
  spectrum: Spectrum,
  gemm: Gemm,
  { rank, share, inputPower }: GfCfOptions,
): LinearModel {
  const smooth = filter(spectrum, { rank, power: 0, inputPower }, share)
  const items = spectrum.degrees.length
  return new LinearModel({ items, dense: spectrum.gram, ...smooth }, gemm)
}

function filter(
  { eigen, degrees }: Spectrum,
  { rank, power, inputPower }: LowPassOptions,
  share: number,
): { readonly left: Matrix; readonly right: Matrix } {
  const { values, vectors } = eigen
  const items = degrees.length
  const columns = Math.min(rank, values.length)
  const left = new Float32Array(items * columns)
  const right = new Float32Array(columns * items)
  const greatest = values[0] || 1
  const gain = Float64Array.from({ length: columns }, (_, k) => {
    return share * Math.max(0, values[k]! / greatest) ** power
  })
  for (let i = 0; i < items; i++) {
    const weight = degrees[i] === 0 ? 0 : degrees[i]! ** -inputPower
    for (let k = 0; k < columns; k++) {
      const component = vectors.values[i * vectors.columns + k]!
      left[i * columns + k] = component * weight
      right[k * items + i] = weight === 0 ? 0 : (component / weight) * gain[k]!
    }
  }
  return {
    left: { rows: items, columns, values: left },
    right: { rows: columns, columns: items, values: right },
  }
}
