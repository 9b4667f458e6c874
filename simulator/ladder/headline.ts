/**
 * What a ladder says: for each step the paired difference between two arms over seeds, by Student's
 * t, with Holm's correction over the steps (Holm 1979); and how much of the way from popularity to
 * the oracle each arm goes. Arms of a seed share their chance, so pairs are what is compared.
 */
import { holm, type MeanDifference, pairedT } from '../../ranking/index.ts'
import type { ArmName } from './arms.ts'
import type { LadderStep } from './ladder.ts'
import type { SeedResult } from './run-seed.ts'
import type { Metrics } from './tally.ts'

export type StepVerdict = LadderStep & {
  readonly seeds: number
  /** In units of the metric. */
  readonly difference: MeanDifference
  /** Of the mean of the arm below. */
  readonly relative: number
  readonly correctedP: number
  readonly isAbove: boolean
}

/** Steps of which both arms ran in two seeds and more. */
export function judgeSteps(
  results: readonly SeedResult[],
  steps: readonly LadderStep[],
): StepVerdict[] {
  const judged = steps.flatMap((step) => {
    const pairs = results.flatMap(({ arms }) => {
      const [arm, over] = [arms[step.arm], arms[step.over]]
      return arm && over ? [[arm[step.metric], over[step.metric]] as const] : []
    })
    if (pairs.length < 2) return []
    const difference = pairedT(pairs.map(([a, b]) => a - b))
    const base = pairs.reduce((sum, [, b]) => sum + b, 0) / pairs.length
    return [{ ...step, seeds: pairs.length, difference, relative: difference.mean / base }]
  })
  const corrected = holm(judged.map(({ difference }) => difference.p))
  return judged.map((step, i) => ({
    ...step,
    correctedP: corrected[i]!,
    isAbove: step.difference.interval[0] > 0 && corrected[i]! < 0.05,
  }))
}

/**
 * Arms whose pins were truly better than those of the oracle, which knows the truth: a sign that
 * something leaks. By the true chance of a save, 95 %, paired over seeds.
 */
export function leaks(results: readonly SeedResult[]): ArmName[] {
  const names = new Set(results.flatMap(({ arms }) => Object.keys(arms) as ArmName[]))
  return [...names].filter((arm) => {
    const over = results.flatMap(({ arms }) => {
      const [one, oracle] = [arms[arm], arms.oracle]
      return arm !== 'oracle' && one && oracle ? [one.wantedPerView - oracle.wantedPerView] : []
    })
    return over.length > 1 && pairedT(over).interval[0] > 0
  })
}

/**
 * Means over seeds of an arm's figures, and (arm - popularity) / (oracle - popularity) of the
 * metric.
 */
export type ArmSummary = {
  readonly arm: ArmName
  readonly seeds: number
  readonly means: Metrics & { readonly cpuSeconds: number }
  readonly regretClosed: number | undefined
  /** Of the metric, 95 % by Student's t over worlds; undefined of one world. */
  readonly interval: readonly [number, number] | undefined
}

export function summarise(results: readonly SeedResult[], metric: keyof Metrics): ArmSummary[] {
  const names = [...new Set(results.flatMap(({ arms }) => Object.keys(arms) as ArmName[]))]
  const meanOf = (arm: ArmName, figure: keyof Metrics | 'cpuSeconds') => {
    const values = results.flatMap(({ arms }) => (arms[arm] ? [arms[arm][figure] ?? 0] : []))
    return values.reduce((a, b) => a + b, 0) / values.length
  }
  const [low, high] = [meanOf('popularity', metric), meanOf('oracle', metric)]
  return names.map((arm) => {
    const ran = results.flatMap(({ arms }) => arms[arm] ?? [])
    const figures = Object.keys(ran[0]!) as (keyof Metrics)[]
    // Of what one world does not say there is no mean.
    const meanOr = (figure: keyof Metrics) =>
      ran.some((one) => one[figure] === null) ? null : meanOf(arm, figure)
    const means = Object.fromEntries(figures.map((figure) => [figure, meanOr(figure)]))
    const closed = (meanOf(arm, metric) - low) / (high - low)
    return {
      arm,
      seeds: ran.length,
      means: means as ArmSummary['means'],
      regretClosed: Number.isFinite(closed) ? closed : undefined,
      interval: ran.length > 1 ? pairedT(ran.map((one) => one[metric]!)).interval : undefined,
    }
  })
}
