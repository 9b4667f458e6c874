/**
 * What an answer takes on a real server, beside what it is worth: from runs of `simulate live` that
 * asked for one generation each, on a world with pins enough. A recommendation costs what the host
 * costs in a second, over the most requests that it holds.
 */
import { type CostBook, readMeasured } from '../cluster/index.ts'
import type { ArmName } from './arms.ts'

/** Pins of a world below which latencies say little of a real one. */
export const COST_PINS_MIN = 1_000_000

export type LiveCost = {
  readonly arm: ArmName
  /** Of the world that was served; undefined where the run does not say. */
  readonly pins?: number
  /** Milliseconds of a feed at `rate` requests a second. */
  readonly rate?: number
  readonly p50?: number
  readonly p99?: number
  readonly kneePerSecond?: number
  /** US dollars a recommendation at the knee, by the hour's price on demand. */
  readonly dollars?: number
}

export type LiveFile = { readonly arm: ArmName; readonly file: string; readonly text: string }

/** One of each arm, of all its files together. MEASUREMENT_INVALID. */
export function liveCosts(files: readonly LiveFile[], perHour: number): LiveCost[] {
  const costs = new Map<ArmName, LiveCost>()
  for (const { arm, file, text } of files) {
    const { kneePerSecond, rate, p50, p99 } = readMeasured(text, file)
    const pins = pinsOf(text)
    const found: LiveCost =
      kneePerSecond === undefined
        ? { arm, ...(rate && { rate }), ...(p50 && { p50 }), ...(p99 && { p99 }) }
        : { arm, kneePerSecond, dollars: perHour / 3_600 / kneePerSecond }
    costs.set(arm, { ...costs.get(arm), ...found, ...(pins !== undefined && { pins }) })
  }
  return [...costs.values()]
}

/** The hour's price of the cheapest host with so many cores, on demand; undefined for none. */
export function hostPrice({ instances }: CostBook, cores: number): number | undefined {
  const prices = instances.filter((one) => one.cores === cores).map((one) => one.perHour.onDemand)
  return prices.length === 0 ? undefined : Math.min(...prices)
}

function pinsOf(text: string): number | undefined {
  const { options } = JSON.parse(text) as { options?: { world?: { pins?: unknown } } }
  const pins = options?.world?.pins
  return typeof pins === 'number' ? pins : undefined
}
