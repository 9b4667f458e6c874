/**
 * What people of a stream do and when: the shape that named workloads vary. Chances are of an
 * action; of impressions, which have no answer, a stream logs some for each action.
 */
import { assert } from '../../../base/index.ts'
import { circleLaws } from '../../world/index.ts'

export type Mix = {
  readonly save: number
  readonly closeup: number
  readonly outbound: number
  readonly hide: number
  /** Takes back a save of the same visit; a close-up where there was none. */
  readonly unsave: number
  /** Logged before an action, a mean. */
  readonly impressions: number
}

export type StreamShape = {
  readonly mix: Mix
  /** How far the busiest hour is above the mean and the quietest below it, in [0, 1]. */
  readonly daySwing: number
  /** Share of events that fall into `BURSTS` minutes of the day. */
  readonly burst: number
  /** Share of events that are about pin 0 of their circle. */
  readonly hot: number
  /** Nobody and nothing is met again on another day. */
  readonly isCold: boolean
}

/**
 * Replay logs one impression of many: with all of them (`browse`), 1 event of 107 would be a save,
 * and what is measured were the cheapest event.
 */
const collecting: Mix = Object.freeze({
  save: circleLaws.savesOfActions,
  closeup: 0.45,
  outbound: 0.09,
  hide: 0.02,
  unsave: 0.02,
  impressions: 0.25,
})

const usual: StreamShape = Object.freeze({
  mix: collecting,
  daySwing: 0.6,
  burst: 0,
  hot: 0,
  isCold: false,
})

/** A log that keeps more of its impressions, five events of seven; one of eight is a save. */
const feeding: Mix = Object.freeze({ ...collecting, impressions: 2.5 })

/** Rates for a viewed impression: close-up 5 %, save 1 %, outbound .7 %, hide .1 %. */
const browsing: Mix = Object.freeze({
  save: 0.147,
  closeup: 0.735,
  outbound: 0.103,
  hide: 0.015,
  unsave: 0,
  impressions: 14.7,
})
const importing: Mix = Object.freeze({
  save: 1,
  closeup: 0,
  outbound: 0,
  hide: 0,
  unsave: 0,
  impressions: 0,
})

export const streamShapes = Object.freeze({
  collect: usual,
  feed: { ...usual, mix: feeding },
  browse: { ...usual, mix: browsing },
  burst: { ...usual, burst: 0.2 },
  'cold-start': { ...usual, isCold: true },
  'hot-pin': { ...usual, hot: 0.2 },
  diurnal: { ...usual, daySwing: 1 },
  import: { ...usual, mix: importing },
} satisfies Record<string, StreamShape>)

export type StreamName = keyof typeof streamShapes

for (const { mix } of Object.values(streamShapes)) {
  const sum = mix.save + mix.closeup + mix.outbound + mix.hide + mix.unsave
  assert(Math.abs(sum - 1) < 1e-9, 'an action is of one kind')
}
