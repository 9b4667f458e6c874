/**
 * Whether an experiment has the users that its weights say. Where it has not, something keeps users
 * of one arm from being counted (a slow arm, a redirect, a filter), and its comparison is void
 * whatever it shows (Fabijan et al., KDD 2019).
 */
import { pinwheelError } from '../../base/index.ts'
import { goodnessOfFit } from '../../ranking/index.ts'
import { armShares, type Experiment } from './assignment.ts'

/** So unlikely by chance that chance is not the reason: one healthy experiment in 2,000. */
export const sampleRatioAlarm = 0.0005

export type SampleRatio = {
  readonly arms: readonly {
    readonly name: string
    readonly users: number
    readonly expected: number
  }[]
  readonly chiSquare: number
  /** Of counts so far from the weights, by chance. Of large counts: five and more expected. */
  readonly p: number
  readonly isMismatch: boolean
}

/** Of users counted by the name of their arm, each once; EXPERIMENT_INVALID for one of no arm. */
export function sampleRatio(
  experiment: Experiment,
  counts: ReadonlyMap<string, number>,
): SampleRatio {
  const known = new Set(experiment.arms.map(({ name }) => name))
  const strangers = [...counts.keys()].filter((name) => !known.has(name))
  if (strangers.length > 0 || known.size < 2) {
    const problems =
      known.size < 2 ? 'one arm has no ratio' : `no arm is "${strangers.join('", "')}"`
    throw pinwheelError('EXPERIMENT_INVALID', { problems })
  }
  const shares = armShares(experiment)
  const users = experiment.arms.map(({ name }) => counts.get(name) ?? 0)
  const total = users.reduce((sum, count) => sum + count, 0)
  const { chiSquare, p } = goodnessOfFit(users, shares)
  const arms = experiment.arms.map(({ name }, i) => {
    return { name, users: users[i]!, expected: total * shares[i]! }
  })
  return { arms, chiSquare, p, isMismatch: p < sampleRatioAlarm }
}
