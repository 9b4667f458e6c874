/**
 * Who sees what in an experiment: a function of the experiment's salt and the user's id alone.
 *
 * Two numbers of 32 bits are drawn by Threefry under the salt, at a place that the id names: the
 * first says whether the user takes part, the second which arm. So nothing is stored, every host
 * and every visit agrees, arms of different salts have nothing to do with each other, and
 *   a greater share takes in more users and moves none of those who were in;
 *   arms hold users in the order they are listed, by the sums of their weights: between two arms a
 *   change of weights moves users one way only.
 * Whoever changes arms in mid-run compares users who saw both.
 */
import { hash32, pinwheelError, Random } from '../../base/index.ts'

export type Arm = {
  readonly name: string
  /** In proportion to the other arms'; above 0. */
  readonly weight: number
}

export type Experiment = {
  /** Another one deals the users anew. */
  readonly salt: string
  /** One or more. */
  readonly arms: readonly Arm[]
  /** Of the users that are not held out, how many take part: above 0, up to 1, all by default. */
  readonly share?: number
  /** Users who are in no experiment that names the same holdout: what all of them do together. */
  readonly holdout?: { readonly salt: string; readonly share: number }
}
export const experimentDefaults = Object.freeze({ share: 1 })

/** Why a user is in no arm. */
export type Outside = 'held out' | 'not taking part'
export type Assignment =
  | { readonly arm: string; readonly outside?: undefined }
  | { readonly arm?: undefined; readonly outside: Outside }

/** Deals users to the arms of one experiment. */
export class Assigner {
  readonly experiment: Experiment
  readonly #draws: Random
  readonly #holdout: { readonly draws: Random; readonly share: number } | undefined
  readonly #share: number
  /** Of each arm, the share of it and of those before it. */
  readonly #ends: readonly number[]

  /** EXPERIMENT_INVALID with everything that is wrong. */
  constructor(experiment: Experiment) {
    const problems = experimentProblems(experiment)
    if (problems.length > 0) {
      throw pinwheelError('EXPERIMENT_INVALID', { problems: problems.join('; ') })
    }
    const { salt, holdout, share } = { ...experimentDefaults, ...experiment }
    this.experiment = experiment
    this.#share = share
    this.#draws = drawsOf('experiment', salt)
    this.#holdout = holdout && { draws: drawsOf('holdout', holdout.salt), share: holdout.share }
    let sum = 0
    this.#ends = armShares(experiment).map((one) => {
      sum += one
      return sum
    })
  }

  /** O(arms), without a look at anything stored. */
  of(user: string): Assignment {
    if (this.#holdout && this.#holdout.draws.split(user).unit() < this.#holdout.share) {
      return { outside: 'held out' }
    }
    const draws = this.#draws.split(user)
    if (draws.unit() >= this.#share) return { outside: 'not taking part' }
    const at = draws.unit()
    const found = this.#ends.findIndex((end) => at < end)
    // The last sum may be a rounding below 1.
    const { arms } = this.experiment
    return { arm: arms.at(found)!.name }
  }
}

/** What each arm has of those who take part, in order; they sum to 1. */
export function armShares({ arms }: Experiment): number[] {
  const total = arms.reduce((sum, { weight }) => sum + weight, 0)
  return arms.map(({ weight }) => weight / total)
}

/** Two salts that share a 32-bit hash must not share their users. */
function drawsOf(purpose: string, salt: string): Random {
  return new Random(hash32(salt)).split(purpose).split(salt)
}

function experimentProblems({ salt, arms, share = 1, holdout }: Experiment): string[] {
  const names = arms.map(({ name }) => name)
  const isShare = (value: number) => value > 0 && value <= 1
  return [
    salt === '' && 'the salt is empty',
    arms.length === 0 && 'there is no arm',
    names.includes('') && 'an arm has no name',
    new Set(names).size < names.length && 'two arms have one name',
    ...arms.map(
      ({ name, weight }) =>
        !(weight > 0 && weight < Number.POSITIVE_INFINITY) &&
        `arm "${name}" has weight ${weight}, not above 0`,
    ),
    !isShare(share) && `the share is ${share}, not above 0 and up to 1`,
    holdout !== undefined && holdout.salt === '' && 'the salt of the holdout is empty',
    holdout !== undefined &&
      !(isShare(holdout.share) && holdout.share < 1) &&
      `the holdout’s share is ${holdout.share}, not between 0 and 1`,
  ].filter((problem) => problem !== false)
}
