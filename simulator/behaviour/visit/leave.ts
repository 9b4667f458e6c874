/** How far people look: a pin after the other, until they leave; what they like keeps them. */

export const leaveDefaults = Object.freeze({
  /** Chance to leave after a pin that was seen, for one who is neither pleased nor bored. */
  base: 0.035,
  /** By how much being pleased lowers its logarithm, and boredom raises it. */
  pleased: 0.5,
  /** Pins a visit sees at most. */
  pinsMax: 200,
})

/** Columns of a feed, and the chance to see a pin of each that one scrolls past. */
export const columnFactors = [1, 0.97, 0.94, 0.9] as const

/** Chance that the pin at `rank` is seen by one who scrolls past. */
export const columnFactor = (rank: number) => columnFactors[rank % columnFactors.length]!

/** What a response does to the mood of a visit, which fades with every pin. */
const moodOf = Object.freeze({ none: -0.02, hide: -0.6, closeup: 0.5, save: 1, outbound: 0.8 })
const MOOD_FADES = 0.97

export const moodAfter = (mood: number, response: keyof typeof moodOf) =>
  MOOD_FADES * mood + moodOf[response]

/** Chance to leave now. */
export function leaveChance(mood: number): number {
  return Math.min(1, leaveDefaults.base * Math.exp(-leaveDefaults.pleased * mood))
}
