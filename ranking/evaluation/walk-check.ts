/**
 * What the walk does on a graph, measured: against the exact distributions it samples, against
 * itself with other random numbers, and with its parts switched on and off.
 *
 * Queries are the pins of sampled boards, and one pin of each alone. Overlap is the share of a list
 * of the best K whose score in the other ranking is at least that of its K-th: pins of equal score
 * count as either. Whether a part helps is asked of the pin that was held out of each board.
 */
import { type Clock, pinwheelError, Random } from '../../base/index.ts'
import {
  type EdgeList,
  type PinBoardGraph,
  type PinTopics,
  WalkScratch,
  walkDefaults,
} from '../../graph/index.ts'
import { type EarlyStopRow, earlyStopRows } from './walk-early-stop.ts'
import { type HoldOutRow, holdOutRows } from './walk-hold-out.ts'
import { type OverlapRow, overlapRows } from './walk-overlap.ts'
import { walkReading } from './walk-reading.ts'
import { type Checked, walkSample } from './walk-sample.ts'

export type WalkCheckOptions = {
  readonly edges: EdgeList
  readonly topicsFor: (graph: PinBoardGraph) => PinTopics
  readonly clock: Clock
  readonly users?: number
  readonly steps?: number
  readonly top?: number
  readonly seed?: number
  /** Queries asked so far. */
  readonly onProgress?: (done: number) => void
}
export const walkCheckDefaults = Object.freeze({
  users: 1_000,
  steps: walkDefaults.steps,
  top: 20,
  seed: 1,
})
/** Of the boards, those held against exact distributions, which read the whole graph. */
const EXACT_USERS_MAX = 100

export type WalkCheck = {
  readonly overlap: readonly OverlapRow[]
  readonly earlyStop: readonly EarlyStopRow[]
  readonly holdOut: readonly HoldOutRow[]
  readonly reading: readonly string[]
  readonly boards: number
  /** Of those, held against exact distributions. */
  readonly boardsExact: number
  readonly steps: number
  readonly top: number
  readonly seed: number
  readonly options: { readonly restart: number; readonly degreeExponent: number }
}

/** GRAPH_OPTIONS when the graph has no board to ask about. */
export async function walkCheck(given: WalkCheckOptions): Promise<WalkCheck> {
  const { edges, topicsFor, clock, onProgress, ...options } = { ...walkCheckDefaults, ...given }
  const { users, steps, top, seed } = options
  const sample = walkSample(edges, { users, seed, topicsFor })
  if (sample.boards.length === 0) {
    const expected = '1 or more, of boards with three pins, one of them on another board too'
    throw pinwheelError('GRAPH_OPTIONS', { option: 'users', value: users, expected })
  }
  const random = new Random(seed).split('walk check')
  let done = 0
  const checked: Checked = {
    sample,
    scratch: new WalkScratch(edges.pinCount),
    walkOptions: { ...walkDefaults, steps, top },
    top,
    seedOf: ({ board }, salt = 0) => random.split(board).split(salt).u32(),
    pause: async () => {
      if (++done % 64 !== 0) return
      onProgress?.(done)
      await clock.yield()
    },
  }
  const boardsExact = Math.min(EXACT_USERS_MAX, sample.boards.length)
  const rows = {
    overlap: await overlapRows(checked, boardsExact),
    earlyStop: await earlyStopRows(checked),
    holdOut: await holdOutRows(checked),
  }
  const { restart, degreeExponent } = walkDefaults
  return {
    ...rows,
    reading: walkReading(rows, { steps, top }),
    boards: sample.boards.length,
    boardsExact,
    steps,
    top,
    seed,
    options: { restart, degreeExponent },
  }
}
