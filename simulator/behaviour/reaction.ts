/**
 * What a user does with one pin of a feed: a pure function of the latent world, the rank and a
 * stream of random numbers. The stream is sought by rank, so the answer to one pin does not depend
 * on what else was shown.
 */
import type { Random } from '../../base/index.ts'
import type { World } from '../world/index.ts'
import { examination } from './attention.ts'
import { topicMatch, utility } from './liking.ts'

/** A user's answer to one pin. Seconds of close-up are 0 where there was none. */
export type Reaction = {
  viewed: boolean
  dwell: number
  save: boolean
  outbound: boolean
  hide: boolean
}

export const noReaction = (): Reaction => ({
  viewed: false,
  dwell: 0,
  save: false,
  outbound: false,
  hide: false,
})

/** Draws one reaction may use: `react` seeks its stream to rank times this. */
const DRAWS_PER_PIN = 8
const CURIOSITY = 0.08
const ANNOYANCE = 0.09

export type Shown = {
  readonly user: number
  readonly pin: number
  /** 0 = first. */
  readonly rank: number
  /** The user saved it before: it is looked at, not acted on. */
  readonly saved: boolean
}

/** The reaction of `shown.user`, written into `out`; `random` is the stream of their session. */
export function react(world: World, shown: Shown, random: Random, out: Reaction): Reaction {
  random.seek(shown.rank * DRAWS_PER_PIN)
  out.viewed = random.unit() < examination(shown.rank)
  out.dwell = 0
  out.save = false
  out.outbound = false
  out.hide = false
  const choice = random.unit()
  if (!out.viewed || shown.saved) return out
  const wants = sigmoid(utility(world, shown.user, shown.pin))
  if (choice < wants) {
    out.save = random.unit() < 0.72
    if (random.unit() < (out.save ? 0.62 : 0.95)) out.dwell = dwellSeconds(random, 12)
    out.outbound = out.dwell > 0 && random.unit() < 0.16
  } else if (choice > 1 - ANNOYANCE * (1 - topicMatch(world, shown.user, shown.pin))) {
    out.hide = true
  } else if (random.unit() < CURIOSITY) {
    out.dwell = dwellSeconds(random, 3)
  }
  return out
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** Log-normal around `median` seconds, in tenths, at most ten minutes. */
export function dwellSeconds(random: Random, median: number): number {
  return Math.min(
    600,
    Math.max(0.1, Math.round(10 * median * Math.exp(0.8 * random.normal())) / 10),
  )
}
