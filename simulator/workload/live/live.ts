/** One live run: a schedule, people, probes of freshness, and the result of all of it. */
import { type Clock, Random } from '../../../base/index.ts'
import { type ArrivalLaw, Arrivals } from './arrivals.ts'
import { drive, driveDefaults, type Second } from './drive.ts'
import { watchFreshness } from './freshness.ts'
import { findKnee, type Knee, type KneeOptions, type Step, type Verdict } from './knee.ts'
import { type LiveResult, liveResult } from './live-result.ts'
import type { Target } from './target.ts'
import type { People } from './visit.ts'

export type LiveOptions = {
  /** Requests a second. */
  readonly rate: number
  /** At the end; the same as `rate` where absent. */
  readonly toRate?: number
  /** Counted; the warm-up, at the first rate, comes before. */
  readonly seconds: number
  readonly warmUpSeconds?: number
  /** At most so many arrivals are counted. */
  readonly requestsMax?: number
  readonly arrivals?: ArrivalLaw
  readonly seed: number
  /** Makes the ids of this run's events its own. */
  readonly run: string
  readonly pace?: number
  readonly outstandingMax?: number
  /** Probes of freshness a second; 0 for none. */
  readonly probesPerSecond?: number
}

export const liveDefaults = Object.freeze({
  seconds: 30,
  /** After so long as many visits end as begin, at a pace of 1. */
  warmUpSeconds: 15,
  arrivals: 'poisson' as ArrivalLaw,
  pace: driveDefaults.pace,
  outstandingMax: driveDefaults.outstandingMax,
  probesPerSecond: 1,
})

export type LivePorts = {
  readonly target: Target
  readonly people: People
  readonly clock: Clock
  readonly signal?: AbortSignal
  readonly cpuMs?: () => number
  readonly onSecond?: (second: Second) => void
}

/** Runs; whatever the target does is in the result. */
export async function runLive(options: LiveOptions, ports: LivePorts): Promise<LiveResult> {
  const merged = { ...liveDefaults, ...options }
  // A ramp from nothing has nothing to warm up with.
  const full = options.rate > 0 ? merged : { ...merged, warmUpSeconds: 0 }
  const { seed, run, pace, outstandingMax, probesPerSecond } = full
  const { target, people, clock } = ports
  const pinsUnknownBefore = people.pinsUnknown
  const probes =
    probesPerSecond > 0
      ? watchFreshness({
          target,
          clock,
          userOf: (n) => people.open(people.visitor(PROBES + n), PROBES + n).user,
          run,
          seed,
          everyMs: 1_000 / probesPerSecond,
        })
      : undefined
  const warmUpMs = full.warmUpSeconds * 1_000
  const driven = await drive({
    ...ports,
    arrivals: new TwoStages(full),
    seed,
    run,
    pace,
    outstandingMax,
    warmUpMs,
  })
  const freshness = probes?.()
  return liveResult({
    driven,
    plannedMs: full.seconds * 1_000,
    pinsUnknown: people.pinsUnknown - pinsUnknownBefore,
    ...(freshness && { freshness }),
  })
}

/** Visits of probes are numbered from here, above those of people. */
const PROBES = 2 ** 31

type Full = LiveOptions & Required<Pick<LiveOptions, 'warmUpSeconds' | 'arrivals'>>

/** The warm-up, then what is counted. */
class TwoStages {
  readonly #warmUp: Arrivals | undefined
  readonly #counted: Arrivals
  readonly #warmUpMs: number
  #isWarm = false

  constructor({ rate, toRate = rate, seconds, warmUpSeconds, requestsMax, arrivals, seed }: Full) {
    const random = new Random(seed).split('arrivals')
    const law = arrivals
    this.#warmUpMs = warmUpSeconds * 1_000
    if (warmUpSeconds > 0) {
      const warm = { law, from: rate, to: rate, seconds: warmUpSeconds }
      this.#warmUp = new Arrivals({ ...warm, random: random.split('warm-up') })
    }
    const counted = { law, from: rate, to: toRate, seconds, random: random.split('counted') }
    this.#counted = new Arrivals({
      ...counted,
      ...(requestsMax !== undefined && { countMax: requestsMax }),
    })
  }

  next(): number | undefined {
    if (!this.#isWarm) {
      const at = this.#warmUp?.next()
      if (at !== undefined) return at
      this.#isWarm = true
    }
    const at = this.#counted.next()
    return at === undefined ? undefined : this.#warmUpMs + at
  }
}

export type KneeStep = Step & { readonly result: LiveResult }
export type KneeAsk = KneeOptions & {
  /** The p99 of all requests that is still good, in ms. */
  readonly sloMs: number
  /** The share of requests that may fail. */
  readonly errorBudget: number
  readonly onStep?: (step: KneeStep) => void
}

/** The highest rate at which the p99 is at most `sloMs` and the errors are in their budget. */
export async function runKnee(
  ask: KneeAsk,
  options: Omit<LiveOptions, 'rate' | 'toRate'>,
  ports: LivePorts,
): Promise<Knee<KneeStep>> {
  return findKnee(ask, async (rate) => {
    // The same people at every rate; under one name their events would be duplicates.
    const own = { ...options, rate, run: `${options.run}-${rate.toFixed(1)}` }
    const result = await runLive(own, ports)
    const step = { rate, verdict: verdictOf(result, ask), result }
    ask.onStep?.(step)
    return step
  })
}

function verdictOf(result: LiveResult, { sloMs, errorBudget }: KneeAsk): Verdict {
  const { partial, latencyMs, errorShare, errors, arrivals, client } = result
  if (partial) return 'ended'
  const ownShare = (errors['CLIENT_BOUND'] ?? 0) / Math.max(1, arrivals.scheduled)
  if (errorShare > errorBudget) return errorShare - ownShare > errorBudget ? 'errors' : 'client'
  if (latencyMs.p99 <= sloMs) return 'holds'
  // What the lateness of the client explains says nothing of the server.
  const isOwn = !client.trusted && latencyMs.p99 - client.latenessMs.p99 <= sloMs
  return isOwn ? 'client' : 'latency'
}
