/**
 * How generation 3 is taught: which pins are drawn beside what was shown, how many rows that gives,
 * and how the network follows them. `evaluate` chooses one; the server has one of fewer rows.
 */
import {
  type DeepTrainingOptions,
  type DeepTrainingPorts,
  type IdentifiedRows,
  type TrainedDeep,
  trainDeep,
} from '../../ranking/index.ts'
import { recentRows } from './recent-rows.ts'

export type DeepTeaching = {
  /** Share of the log that is only folded. */
  readonly warmUp: number
  /** Rows that were shown and drawn, together; users are left out until there are so many. */
  readonly rowsMax: number
  /** Pins drawn of the whole catalogue beside each that was shown. */
  readonly negatives: number
  /** Pins drawn among the first `rivalsAmong` of what sources found, by similarity. */
  readonly rivals: number
  readonly rivalsAmong: number
  /** Fits of factors along the log. */
  readonly factorFits: number
  /** Rows from the end of what each user was shown that teach. */
  readonly recentShare: number
  /** Beside `deepTrainingDefaults`. */
  readonly network: Partial<DeepTrainingOptions>
}

const common = { warmUp: 0.4, rivalsAmong: 200, factorFits: 4 } as const

export const teachings = Object.freeze({
  /** Where much was shown and not saved, as ratings are: those are the rivals already. */
  catalogue: {
    ...common,
    rowsMax: 200_000,
    negatives: 8,
    rivals: 0,
    recentShare: 0.5,
    network: {
      width: 64,
      learningRate: 3e-4,
      drawnShare: 2,
      deviation: 0.05,
      idDropout: 0,
      idSpeed: 1,
    },
  },
  /** Where what was shown was mostly saved, or was shown by chance. */
  rivals: {
    ...common,
    rowsMax: 400_000,
    negatives: 4,
    rivals: 4,
    recentShare: 1,
    network: {},
  },
} as const satisfies Record<string, DeepTeaching>)
export type TeachingName = keyof typeof teachings

/** Of fewer rows, so that a server has its ranker within minutes. */
export const servedTeaching: DeepTeaching = Object.freeze({
  ...teachings.rivals,
  rowsMax: 200_000,
})

/** What the rows of a teaching teach; `given` beside its own options. As `trainDeep`. */
export function trainBy(
  { recentShare, network }: DeepTeaching,
  rows: IdentifiedRows,
  given: Partial<DeepTrainingOptions>,
  ports: DeepTrainingPorts,
): Promise<TrainedDeep> {
  return trainDeep(recentRows(rows, recentShare), { ...network, ...given }, ports)
}
