/**
 * How far down a feed people look: the examination hypothesis. Whether a pin is seen depends on
 * its rank alone, and a pin that is not seen is not chosen (Craswell et al., "An experimental
 * comparison of click position-bias models", WSDM 2008). Recommenders are told `viewed`, or have
 * to undo the bias by rank.
 */

export const ATTENTION_DECAY = 0.3

/** P(the pin at `rank`, 0 = first, is seen) = (1 + rank)^-0.3. */
export function examination(rank: number): number {
  return (1 + rank) ** -ATTENTION_DECAY
}
