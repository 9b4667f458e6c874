/**
 * What is known of real boards and visits, with the tolerance that a world is held to. The core's
 * figures were read from the pin-board data of He et al. ("Neural collaborative filtering", WWW
 * 2017), which a test reads again where the data are at hand.
 */
import type { BoardStatistics } from './statistics.ts'

export type Target = {
  readonly figure: string
  readonly target: number
  /** Largest distance from the target that passes. */
  readonly tolerance: number
}

const within = (figure: string, target: number, share: number): Target => ({
  figure,
  target,
  tolerance: Math.abs(target) * share,
})

export const boardTargets: Readonly<Partial<Record<keyof BoardStatistics, Target>>> = {
  pinsPerBoardMedian: within('pins per board, median', 24, 0.1),
  pinsPerBoardP99: within('pins per board, p99', 52, 0.1),
  savesPerPinMedian: within('saves per pin, median', 78, 0.1),
  savesPerPinP99: within('saves per pin, p99', 471, 0.15),
  savesGini: within('saves per pin, Gini', 0.466, 0.05),
  topTenthShare: within('saves of the top tenth of pins', 0.317, 0.07),
  tailExponent: within('saves per pin, tail exponent', 3.7, 0.1),
  unfilteredGini: within('all pins, Gini', 0.73, 0.04),
  zipfSlope: within('all pins, slope of ln saves over ln rank', -1, 0.1),
  clustering: within('clustering 4 C4 / L3', 0.046, 0.1),
  clusteringOverShuffled: within('clustering over shuffled', 8.7, 0.1),
  boardCoherence: within('board coherence', 0.61, 0.06),
  boardCoherenceByChance: { figure: 'board coherence by chance', target: 0.01, tolerance: 0.006 },
  topicsPerBoard: within('topics per board', 5.6, 0.1),
}

/** A world with fewer boards is not held to them. */
export const BOARDS_MIN = 40_000

export type Verdict = Target & {
  readonly value: number
  readonly verdict: 'pass' | 'fail' | 'too small'
}

export function judgeBoards(statistics: BoardStatistics): Verdict[] {
  return Object.entries(boardTargets).map(([name, target]) => {
    const value = statistics[name as keyof BoardStatistics]
    const isNear = Math.abs(value - target.target) <= target.tolerance
    const verdict = statistics.boards < BOARDS_MIN ? 'too small' : isNear ? 'pass' : 'fail'
    return { ...target, value, verdict }
  })
}
