/** Edges with the outside ids of their ends: what a log, a data file or a database gives. */
import type { PinTopics } from './board-topics.ts'
import type { EdgeList } from './edge-source.ts'

/** Gives the outside id of a dense number; a base Interner is one. */
export interface IdReader {
  readonly size: number
  id(index: number): string
}

export type NamedEdges = {
  readonly edges: EdgeList
  readonly pins: IdReader
  readonly boards: IdReader
  /** Topics that the source gave its pins; absent where it gave none. */
  readonly topics?: PinTopics
}
