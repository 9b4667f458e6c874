/**
 * Every constant of how a circle of people grows its boards. They were found by a search over
 * growths against what is measured of real boards (`targets.ts`), and are frozen: their hash is
 * printed beside every comparison, so that nobody tunes a world to a recommender.
 *
 * A circle is people who come across the same pins, as a language or a scene does. A world is one
 * circle or many alike, so that its statistics do not depend on its size (compare the fractal
 * expansions of Belletti et al., "Scalable realistic recommendation datasets through fractal
 * expansions", 2019).
 */
import { hash32 } from '../../../base/index.ts'

export type CircleLaws = {
  /** People of a circle. */
  readonly users: number
  /** Saves until it is grown. */
  readonly saves: number
  /** Chance that an action of a visit is a save: that of the stream that replays the growth. */
  readonly savesOfActions: number
  /** Topic of rank r (0 = first) has weight (r + shift)^-exponent. */
  readonly topicShift: number
  readonly topicExponent: number
  /**
   * Interests number 1 + Poisson(mean); the j-th weighs decay^j, and is near the one before by
   * chance.
   */
  readonly interestMean: number
  readonly interestDecay: number
  readonly interestNear: number
  /** Activity is u^-power, at most cap. */
  readonly activityPower: number
  readonly activityCap: number
  /** Boards of a person: Pitman-Yor with this strength and discount (Pitman and Yor, 1997). */
  readonly boardStrength: number
  readonly boardDiscount: number
  /** A board is full with so many pins. */
  readonly boardPinsMax: number
  /** Chance that the next save of a visit goes to the board of the one before. */
  readonly stay: number
  /** Saves to a wrong board. */
  readonly misfiled: number
  /** Of the saves to a board: about a topic near the board's, another interest, anything. */
  readonly nearTopic: number
  readonly ownInterest: number
  readonly anyTopic: number
  /**
   * Where a pin is found, as weights: another board of the topic, a feed, a search, one's own
   * upload.
   */
  readonly copy: number
  readonly feed: number
  readonly search: number
  readonly upload: number
  /** The share of a topic's latest saves that a feed shows. */
  readonly feedWindow: number
  /** A pin with so many saves to boards is passed over half of the time: who wants it has it. */
  readonly satiation: number
  /** Pins that are looked at until one is taken anyway. */
  readonly looks: number
  /** Visits whose saves go to no board, and the share of them that follows what others so save. */
  readonly quick: number
  readonly quickFeed: number
  readonly quickWindow: number
  readonly quickOwn: number
}

export const circleLaws: CircleLaws = Object.freeze({
  users: 42_000,
  saves: 3_313_810,
  savesOfActions: 0.42,
  topicShift: 4.07,
  topicExponent: 0.744,
  interestMean: 4,
  interestDecay: 0.614,
  interestNear: 0.35,
  activityPower: 0.244,
  activityCap: 8.88,
  boardStrength: 0.0795,
  boardDiscount: 0.05,
  boardPinsMax: 110,
  stay: 0.899,
  misfiled: 0.05,
  nearTopic: 0.0397,
  ownInterest: 0.1,
  anyTopic: 0.178,
  copy: 0.319,
  feed: 0.552,
  search: 0.0972,
  upload: 0.0895,
  feedWindow: 0.449,
  satiation: 2350,
  looks: 3,
  quick: 0.212,
  quickFeed: 0.909,
  quickWindow: 0.306,
  quickOwn: 0.9,
})

/** A hash of laws, as eight hexadecimal digits. */
export function lawsHash(laws: object): string {
  const text = JSON.stringify(Object.entries(laws).sort(([a], [b]) => (a < b ? -1 : 1)))
  return hash32(text, 7).toString(16).padStart(8, '0')
}
