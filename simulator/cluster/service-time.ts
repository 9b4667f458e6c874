/** How long a core is at one piece of work: milliseconds, drawn anew for each. */
import { assert } from '../../base/index.ts'
import type { Chance } from './chance.ts'

/** The standard normal's 99th percentile. */
const NORMAL_P99 = 2.3263

export interface ServiceTime {
  readonly meanMs: number
  /** Of the square of a time over the square of the mean, less 1: 0 where all are equal. */
  readonly spread: number
  draw(chance: Chance): number
}

export function fixedTime(ms: number): ServiceTime {
  return { meanMs: ms, spread: 0, draw: () => ms }
}

export function exponentialTime(meanMs: number): ServiceTime {
  return { meanMs, spread: 1, draw: (chance) => meanMs * chance.exponential() }
}

/**
 * As measured: between quantiles at even shares from 0 to 1 it is a straight line. What is beyond
 * the greatest that was seen does not come.
 */
export function measuredTime(quantilesMs: readonly number[]): ServiceTime {
  assert(quantilesMs.length >= 2, 'a distribution has two quantiles or more')
  const points = Float64Array.from(quantilesMs)
  const steps = points.length - 1
  let [sum, squares] = [0, 0]
  for (let i = 0; i < steps; i++) {
    const [low, high] = [points[i]!, points[i + 1]!]
    sum += (low + high) / 2
    squares += (low * low + low * high + high * high) / 3
  }
  const meanMs = sum / steps
  const draw = (chance: Chance) => {
    const at = chance.unit() * steps
    const low = Math.floor(at)
    return points[low]! + (at - low) * (points[low + 1]! - points[low]!)
  }
  return { meanMs, spread: meanMs > 0 ? squares / steps / meanMs ** 2 - 1 : 0, draw }
}

/** Log-normal, through its median and its 99th percentile. */
export function logNormalTime({ p50, p99 }: { p50: number; p99: number }): ServiceTime {
  const sigma = Math.max(0, Math.log(p99 / p50)) / NORMAL_P99
  return {
    meanMs: p50 * Math.exp(sigma ** 2 / 2),
    spread: Math.exp(sigma ** 2) - 1,
    draw: (chance) => p50 * Math.exp(sigma * chance.normal()),
  }
}

/** The same, `factor` times as long. */
export function scaledTime(time: ServiceTime, factor: number): ServiceTime {
  const { meanMs, spread } = time
  return { meanMs: meanMs * factor, spread, draw: (chance) => factor * time.draw(chance) }
}

/** One after the other, drawn apart. */
export function sumOfTimes(...times: readonly ServiceTime[]): ServiceTime {
  const meanMs = times.reduce((sum, time) => sum + time.meanMs, 0)
  const variance = times.reduce((sum, time) => sum + time.spread * time.meanMs ** 2, 0)
  return {
    meanMs,
    spread: meanMs > 0 ? variance / meanMs ** 2 : 0,
    draw: (chance) => times.reduce((sum, time) => sum + time.draw(chance), 0),
  }
}
