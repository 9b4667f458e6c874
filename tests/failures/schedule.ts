/** What goes wrong and when, from a seed alone. */
import { Random } from '../../base/index.ts'

/**
 * `kill`: SIGKILL, and started again after a while, as whoever supervises it does. `pause`: SIGSTOP
 * for longer than anybody waits for it. `roll`: every host of shards is ended by SIGTERM and
 * replaced, one after the other. `cut`: packets to and from its machine vanish, for as long; what
 * runs there runs on. `disk`: no byte more fits on its disk for a while.
 *
 * One more kind gives every seed another meaning: a table says of how many kinds it is.
 */
export const faults = [
  'kill shards',
  'kill sidecar',
  'kill shards and sidecar',
  'kill ranker',
  'kill api',
  'kill placement',
  'kill nats',
  'kill postgres',
  'kill redis',
  'pause shards',
  'pause ranker',
  'pause nats',
  'roll shards',
  'cut shards',
  'cut nats',
  'cut postgres',
  'disk nats',
] as const
export type Fault = (typeof faults)[number]

export type Step = {
  readonly fault: Fault
  /** Of those of its kind, the one that is hit. */
  readonly which: number
  readonly atMs: number
  /** Until it is started again or goes on. */
  readonly forMs: number
}

export const scheduleDefaults = Object.freeze({
  /** Of schedules with two faults that overlap. */
  pairs: 0.4,
  earliestMs: 1_500,
  killMs: [200, 2_500],
  /** Beyond the time-outs of turns, of health checks and of placement. */
  pauseMs: [6_000, 9_000],
})

const isLong = (fault: Fault) => /^(pause|cut)/.test(fault)

/** The n-th schedule: the kinds go round, so that a hundred of them have each five times. */
export function scheduleOf(seed: number): Step[] {
  const random = new Random(seed)
  const { pairs, earliestMs, killMs, pauseMs } = scheduleDefaults
  const between = ([least = 0, most = 0]: readonly number[]) =>
    Math.round(least + random.unit() * (most - least))
  const step = (fault: Fault): Step => ({
    fault,
    which: random.below(2),
    atMs: earliestMs + random.below(1_500),
    forMs: between(isLong(fault) ? pauseMs : killMs),
  })
  const first = step(faults[seed % faults.length]!)
  if (random.unit() >= pairs) return [first]
  const others = faults.filter((fault) => fault !== first.fault)
  return [first, step(others[random.below(others.length)]!)]
}
