/**
 * The knee: the highest rate that still holds. Rates are doubled until one does not hold, then the
 * gap is halved (by ratio) until it is narrow. Each rate is a run of its own that begins as the
 * others do.
 *
 * A run is noisy, so near the knee the answer is as well: of the rates that were tried, the one
 * that is told held, and the next above it did not.
 */
import { assert } from '../../../base/index.ts'

export type KneeOptions = {
  /** The first rate, a second. */
  readonly from: number
  readonly rateMax: number
  /** The gap between what held and what did not, as a share of the former. */
  readonly gap?: number
  readonly stepsMax?: number
}
export const kneeDefaults = Object.freeze({ gap: 0.08, stepsMax: 16 })

/** Why a rate did not hold; `client` and `ended` say nothing of the server, and end the search. */
export type Verdict = 'holds' | 'latency' | 'errors' | 'client' | 'ended'
export type Step = { readonly rate: number; readonly verdict: Verdict }
/** `found`: the gap is narrow. `floor`: not even one a second holds. */
export type End = 'found' | 'rate-max' | 'floor' | 'steps' | 'client' | 'ended'
export type Knee<S extends Step> = {
  readonly end: End
  /** The highest rate that held; absent when none did. */
  readonly rate?: number
  readonly held?: S
  /** The lowest rate that did not hold. */
  readonly broke?: S
  /** In the order in which they were tried. */
  readonly steps: readonly S[]
}

/** Tries rates by `run` until the knee is known, the steps are spent, or one says to end. */
export async function findKnee<S extends Step>(
  options: KneeOptions,
  run: (rate: number) => Promise<S>,
): Promise<Knee<S>> {
  const { from, rateMax, gap, stepsMax } = { ...kneeDefaults, ...options }
  assert(from > 0 && rateMax >= from && gap > 0, 'rates are above 0, and the last is the highest')
  const steps: S[] = []
  let held: S | undefined
  let broke: S | undefined
  let next: number | End = from
  while (typeof next === 'number') {
    const step: S = await run(next)
    steps.push(step)
    const { verdict } = step
    if (verdict === 'ended' || verdict === 'client') {
      next = verdict
      break
    }
    if (verdict === 'holds') held = step
    else broke = step
    next = nextRate({ held: held?.rate, broke: broke?.rate, rateMax, gap })
    if (steps.length >= stepsMax && typeof next === 'number') next = 'steps'
  }
  return { end: next, steps, ...(held && { held, rate: held.rate }), ...(broke && { broke }) }
}

type Known = {
  readonly held: number | undefined
  readonly broke: number | undefined
  readonly rateMax: number
  readonly gap: number
}

/** The rate to try next, or why there is none. */
function nextRate({ held, broke, rateMax, gap }: Known): number | End {
  if (broke === undefined) return held! < rateMax ? Math.min(rateMax, 2 * held!) : 'rate-max'
  // Below one request a second there is nothing to find.
  if (held === undefined) return broke > 1 ? Math.max(1, broke / 2) : 'floor'
  return broke > held * (1 + gap) ? Math.sqrt(held * broke) : 'found'
}
