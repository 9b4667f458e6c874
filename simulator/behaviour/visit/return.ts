/** When people come back, if they do: sooner and more surely the better their visits were. */
import { DAY_MS } from '../../world/index.ts'

export const returnDefaults = Object.freeze({
  /** Days between visits of the least active, who are neither satisfied nor not. */
  gapDays: 3,
  /** Of the logarithm of the gap, for each unit of satisfaction. */
  sooner: 0.5,
  /** Chance not to come back after a visit. */
  churn: 0.02,
  churnLess: 1,
  /** Weight of the last visit in satisfaction. */
  memory: 0.3,
})

/** Satisfaction after a visit in which responses came to `mood`: bounded, and older visits fade. */
export function satisfactionAfter(satisfaction: number, mood: number): number {
  const { memory } = returnDefaults
  return (1 - memory) * satisfaction + memory * Math.tanh(mood)
}

export const churnChance = (satisfaction: number) =>
  returnDefaults.churn * Math.exp(-returnDefaults.churnLess * satisfaction)

/** Milliseconds until the next visit: exponential; `unit` in [0, 1). */
export function returnGap(
  { activity, satisfaction }: { readonly activity: number; readonly satisfaction: number },
  unit: number,
): number {
  const { gapDays, sooner } = returnDefaults
  const mean = (gapDays / activity) * Math.exp(-sooner * satisfaction)
  return -Math.log(1 - unit) * mean * DAY_MS
}
