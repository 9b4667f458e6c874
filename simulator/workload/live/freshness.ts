/**
 * Freshness, measured from outside: how long after the 202 of a save that user's feed has changed.
 *
 * A probe asks a feed twice with one `at` and one `seed`, which are the whole of a server's chance,
 * and takes the first pin that stands in both answers: without a save it would stand there a third
 * time. It saves that pin and asks the same question again until the pin is gone; what is saved is
 * never recommended. The time told runs from the arrival of the 202 to the arrival of the first
 * answer without the pin, so it holds the latency of one feed and is never too good. Reads are
 * plain: with `after` the server would wait, and nothing would be seen.
 */
import type { Clock } from '../../../base/index.ts'
import { LatencyHistogram } from '../../report/latency-histogram.ts'
import type { Feed, FeedAsk, Target } from './target.ts'

export type FreshnessOptions = {
  readonly target: Target
  readonly clock: Clock
  /** The user of the n-th probe. */
  readonly userOf: (n: number) => string
  readonly run: string
  readonly seed: number
  /** A probe begins every so long, unless the one before still runs. */
  readonly everyMs: number
  /** How long, and how often at most, is asked until a save counts as not visible. */
  readonly patienceMs?: number
  readonly asksMax?: number
}

export const freshnessDefaults = Object.freeze({ patienceMs: 5_000, asksMax: 200 })
const LIMIT = 25

export type Freshness = {
  readonly visible: LatencyHistogram
  /** Saves that no answer showed in the time there was. */
  notVisible: number
  /** Probes without a save: the same question had no pin in common with itself. */
  unsteady: number
  /** Probes that a failure ended. */
  failed: number
}

/** Probes until the function that is returned is called; a probe under way then is dropped. */
export function watchFreshness(options: FreshnessOptions): () => Freshness {
  const full = { ...freshnessDefaults, ...options }
  const found = { visible: new LatencyHistogram(), notVisible: 0, unsteady: 0, failed: 0 }
  const stopped = new AbortController()
  let number = 0
  let isRunning = false
  const begin = async () => {
    if (isRunning) return
    isRunning = true
    const outcome = await probe(full, number++, stopped.signal)
    isRunning = false
    if (stopped.signal.aborted) return
    if (typeof outcome === 'number') found.visible.record(outcome)
    else found[outcome]++
  }
  const stop = options.clock.every(options.everyMs, () => void begin())
  return () => {
    stop()
    stopped.abort()
    return found
  }
}

type Full = FreshnessOptions & Required<Pick<FreshnessOptions, keyof typeof freshnessDefaults>>

/** Milliseconds until the save was visible, or why there are none. */
async function probe(
  { target, clock, userOf, run, seed, patienceMs, asksMax }: Full,
  n: number,
  signal: AbortSignal,
): Promise<number | 'notVisible' | 'unsteady' | 'failed'> {
  const user = userOf(n)
  const ask: FeedAsk = { user, limit: LIMIT, at: clock.now(), seed: n }
  const first = await target.feed(ask)
  const second = first.value ? await target.feed(ask) : first
  if (!first.value || !second.value) return 'failed'
  const pin = first.value.pins.find((shown) => has(second.value, shown.pin))?.pin
  if (pin === undefined) return 'unsteady'
  const id = `${run}-${seed}-probe${n}`
  const saved = await target.send([{ kind: 'save', id, time: clock.now(), user, pin }])
  if (!saved.value) return 'failed'
  const accepted = clock.monotonic()
  for (let asks = 0; asks < asksMax && !signal.aborted; asks++) {
    const answer = await target.feed(ask)
    const ms = clock.monotonic() - accepted
    if (answer.value && !has(answer.value, pin)) return ms
    if (ms >= patienceMs) break
  }
  return 'notVisible'
}

const has = (feed: Feed, pin: string) => feed.pins.some((shown) => shown.pin === pin)
