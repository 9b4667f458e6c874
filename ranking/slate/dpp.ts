/**
 * Greedy MAP of a determinantal point process (Chen, Zhang and Zhou, "Fast greedy MAP inference for
 * determinantal point process to improve recommendation diversity", NeurIPS 2018, algorithm 1 with
 * the trade-off of its section 4): the next item adds most to
 * lambda · sum of relevance + (1 - lambda) · log det of the similarities of those taken.
 *
 * The log-determinant of one more item is the log of what is left of its own 1 after projection on
 * the others; a row of the Cholesky factor a pick keeps that current. O(count · taken) a pick, 8
 * bytes an item and pick.
 *
 * Similarities of different items are scaled by `kinship`: two pins with the same tags are not the
 * same pin, so a determinant is never 0 and greedy never stops early.
 */
import { byGain, type Diversifier } from './diversifier.ts'

export const kinship = 0.99

export const dpp: Diversifier = {
  name: 'dpp',
  begin({ count, relevance, similarity }, lambda) {
    const rows: Float64Array[] = []
    /** Of each item's 1, what those taken leave unexplained. */
    const left = new Float64Array(count).fill(1)
    const row = new Float64Array(count)
    return byGain(
      count,
      (item) => lambda * relevance[item]! + (1 - lambda) * Math.log(Math.max(left[item]!, 1e-12)),
      (item) => {
        similarity.to(item, row)
        const next = new Float64Array(count)
        const scale = Math.sqrt(left[item]!)
        for (let i = 0; i < count; i++) next[i] = i === item ? 1 : kinship * row[i]!
        for (const before of rows) {
          const share = before[item]!
          for (let i = 0; i < count; i++) next[i]! -= share * before[i]!
        }
        for (let i = 0; i < count; i++) {
          next[i]! /= scale
          left[i]! -= next[i]! ** 2
        }
        rows.push(next)
      },
    )
  },
}
