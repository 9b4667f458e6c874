/** What early stop saves and costs: steps made, and overlap with a walk that makes them all. */
import { walk } from '../../graph/index.ts'
import { type Mean, meanOf } from './pruning-curve.ts'
import { overlap, walkRanking } from './walk-overlap.ts'
import type { Checked, SampledBoard } from './walk-sample.ts'

export type Stopped = { readonly steps: Mean; readonly overlap: Mean }
export type EarlyStopRow = {
  /** n_p and n_v of the paper; the first row never stops. */
  readonly earlyStopPins: number
  readonly earlyStopVisits: number
  readonly boards: Stopped
  readonly pins: Stopped
}

const settings = [
  [0, 0],
  [2_000, 4],
  [500, 4],
  [100, 4],
  [20, 4],
  [100, 10],
  [20, 10],
  [20, 40],
] as const

/** The full walk has other random numbers, so its own row tells the noise. */
export async function earlyStopRows(checked: Checked): Promise<EarlyStopRow[]> {
  const ofBoards = await columns(checked, ({ pins }) => pins)
  const ofPins = await columns(checked, ({ alone }) => [alone])
  return settings.map(([earlyStopPins, earlyStopVisits], i) => ({
    earlyStopPins,
    earlyStopVisits,
    boards: ofBoards[i]!,
    pins: ofPins[i]!,
  }))
}

async function columns(
  checked: Checked,
  pinsOf: (board: SampledBoard) => readonly number[],
): Promise<Stopped[]> {
  const { sample, scratch, walkOptions, seedOf, top } = checked
  const steps: number[][] = settings.map(() => [])
  const shares: number[][] = settings.map(() => [])
  for (const board of sample.boards) {
    const seeds = pinsOf(board).map((pin) => ({ pin, weight: 1 }))
    const full = walkRanking(checked, seeds, seedOf(board, 1))
    if (full.best.length === 0) continue
    for (const [i, [earlyStopPins, earlyStopVisits]] of settings.entries()) {
      const stop = { earlyStopPins, earlyStopVisits, seed: seedOf(board) }
      const found = walk(sample.view, seeds, [], scratch, { ...walkOptions, ...stop })
      steps[i]!.push(found.steps)
      shares[i]!.push(overlap(found.pins, full, top))
    }
    await checked.pause()
  }
  return settings.map((_, i) => ({ steps: meanOf(steps[i]!), overlap: meanOf(shares[i]!) }))
}
