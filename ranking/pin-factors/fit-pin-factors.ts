/**
 * Fits vectors of pins on what users saved, within bounds of memory and time whatever the
 * catalogue: the most saved pins, and saves of users in the order in which they are given until
 * there are enough.
 */
import { NONE } from '../../base/index.ts'
import { rowsFrom } from '../algebra/index.ts'
import { fitIals, type IalsContext } from '../models/ials/index.ts'
import type { PinFactors } from './pin-factors.ts'

/** As the fold of MovieLens 100k chose them. */
export const factorDefaults = Object.freeze({
  dimensions: 64,
  unobserved: 0.1,
  ridge: 0.01,
  frequency: 1,
  sweeps: 8,
  threads: 1,
  seed: 1,
})
export type FactorOptions = { readonly [K in keyof typeof factorDefaults]: number }

export const factorBounds = Object.freeze({
  pinsMax: 262_144,
  savesMax: 4_000_000,
  /** Of one user, the newest. */
  userSavesMax: 256,
})
export type FactorBounds = { readonly [K in keyof typeof factorBounds]: number }

/**
 * `histories`: PinIndex of what each user saved, newest first, without repeats. Undefined where
 * nobody saved anything; as `fitIals` besides.
 */
export async function fitPinFactors(
  histories: Iterable<readonly number[]>,
  given: Partial<FactorOptions & FactorBounds>,
  context: IalsContext,
): Promise<PinFactors<number> | undefined> {
  const { pinsMax, savesMax, userSavesMax, ...options } = {
    ...factorBounds,
    ...factorDefaults,
    ...given,
  }
  const taken: Uint32Array[] = []
  let saves = 0
  for (const history of histories) {
    if (saves >= savesMax) break
    if (history.length === 0) continue
    // Oldest first.
    const own = Uint32Array.from(history.slice(0, userSavesMax)).reverse()
    taken.push(own)
    saves += own.length
  }
  const pins = mostSaved(taken, pinsMax)
  if (pins.length === 0) return undefined
  const rowOf = new Map(Array.from(pins, (pin, row) => [pin, row]))
  const rows = taken.map((own) =>
    Array.from(own, (pin) => rowOf.get(pin) ?? NONE).filter((row) => row !== NONE),
  )
  const fitted = await fitIals(rowsFrom(rows), pins.length, options, context)
  const { dimensions, unobserved, ridge, frequency } = options
  const numbers = { dimensions, unobserved, ridge, frequency }
  return { numbers, pins, vectors: fitted.items.values, diagonal: fitted.diagonal }
}

/** The most saved first, equal ones as they are numbered. */
function mostSaved(histories: readonly Uint32Array[], pinsMax: number): number[] {
  const counts = new Map<number, number>()
  for (const history of histories) {
    for (const pin of history) counts.set(pin, (counts.get(pin) ?? 0) + 1)
  }
  const pins = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || a - b)
  return pins.slice(0, pinsMax)
}
