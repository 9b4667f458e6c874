/**
 * Load for benches, open loop: arrivals are a Poisson process drawn from the seed beforehand, and
 * latency counts from the scheduled instant, so a stall is seen by every request that it delays.
 * Timers are a millisecond late at times; that counts as well.
 */
import { type Clock, Random } from '../base/index.ts'

export type Load = {
  /** Arrivals a second. */
  readonly rate: number
  readonly seconds: number
  readonly seed: number
  readonly clock: Clock
}

/** Asks n = 0, 1, ... each at its instant, whatever waits. Gives milliseconds by n. */
export async function openLoop(load: Load, ask: (n: number) => Promise<void>): Promise<number[]> {
  const { clock } = load
  const instants = arrivals(load)
  const latencies: number[] = []
  const asked: Promise<void>[] = []
  const start = clock.monotonic()
  for (const [n, after] of instants.entries()) {
    const at = start + after
    // Whoever came while this slept is asked at once; nobody is asked early.
    while (clock.monotonic() < at) await clock.sleep(Math.max(1, at - clock.monotonic()))
    const told = ask(n).then(() => {
      latencies[n] = clock.monotonic() - at
    })
    asked.push(told)
  }
  await Promise.all(asked)
  return latencies
}

/** Milliseconds from the start. */
function arrivals({ rate, seconds, seed }: Load): number[] {
  const random = new Random(seed).split('arrivals')
  const instants: number[] = []
  for (let at = 0; at < seconds * 1000; at += (-Math.log(1 - random.unit()) * 1000) / rate) {
    instants.push(at)
  }
  return instants
}

/** How values are spread: each percentile is one of them. */
export function summary(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    return Math.round(value * 100) / 100
  }
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}
