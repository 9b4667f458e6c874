/** The port: a way to find the vectors nearest to the query at a desk. */
import type { Ranked } from './desk.ts'

/**
 * Law: what is answered is held and allowed, scored by the floats alone, the best first, equal
 * scores by id; at most k. An index that is exact answers the best k but for what `scan-index.ts`
 * says of bytes.
 */
export interface VectorIndex {
  readonly name: IndexName
  /** `ef`: how far a graph looks around, at least k. */
  search(k: number, ef: number): Ranked
}

export type IndexName = 'graph' | 'scan'
