/**
 * A thousand experiments over one log in which nothing differs: how often a difference is found.
 *
 * Right tests at 5 % find one in X of 1,000 salts, X binomial: 36 to 64 (5 % ± 1.4) hold it with
 * probability .9647, exactly. The salts are fixed, so what passes once passes always.
 */
import { expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { welchT } from '../../ranking/index.ts'
import { Assigner } from './assignment.ts'
import { sampleRatio } from './sample-ratio.ts'

const SALTS = 1_000
const USERS = 500

/** Saves a visit, by user: people differ a lot, their own visits less. */
const random = new Random(12)
const log = Array.from({ length: USERS }, (_, n) => {
  const rate = Math.exp(0.8 * random.normal())
  return { user: `u${n}`, visits: Array.from({ length: 6 }, () => random.poisson(rate)) }
})
const values = log.map(({ visits }) => visits.reduce((sum, saves) => sum + saves) / visits.length)
const arms = ['control', 'treated'].map((name) => ({ name, weight: 1 }))

type Found = { readonly byUser: number; readonly byVisit: number; readonly ratios: number }

/** Of all salts, in how many a difference was found: between users, visits, numbers of users. */
function found(saltOf: (n: number) => string): Found {
  let [byUser, byVisit, ratios] = [0, 0, 0]
  for (let n = 0; n < SALTS; n++) {
    const experiment = { salt: saltOf(n), arms }
    const assigner = new Assigner(experiment)
    const isTreated = log.map(({ user }) => assigner.of(user).arm === 'treated')
    const users = (side: boolean) => values.filter((_, u) => isTreated[u] === side)
    const visits = (side: boolean) =>
      log.filter((_, u) => isTreated[u] === side).flatMap(({ visits }) => visits)
    const [treated, control] = [users(true), users(false)]
    if (welchT({ treated, control }).p < 0.05) byUser++
    if (welchT({ treated: visits(true), control: visits(false) }).p < 0.05) byVisit++
    const counts = new Map([
      ['treated', treated.length],
      ['control', control.length],
    ])
    if (sampleRatio(experiment, counts).p < 0.05) ratios++
  }
  return { byUser, byVisit, ratios }
}

/** P(from ≤ X ≤ to) of a binomial, term by term. */
function binomial(n: number, p: number, [from, to]: readonly [number, number]): number {
  let term = (1 - p) ** n
  let sum = 0
  for (let k = 0; k <= to; k++) {
    if (k >= from) sum += term
    term *= ((n - k) * p) / ((k + 1) * (1 - p))
  }
  return sum
}

const [least, most] = [36, 64]
const isRight = (count: number) => count >= least && count <= most

test('the tolerance is what is said of it', () => {
  expect(binomial(SALTS, 0.05, [least, most])).toBeCloseTo(0.9647, 3)
})

test('a difference is found in 5 % ± 1.4 of the salts', () => {
  const { byUser, byVisit, ratios } = found((n) => `salt ${n}`)
  expect(byUser).toSatisfy(isRight)
  expect(ratios).toSatisfy(isRight)
  // The check can fail: visits of one user are no independent values.
  expect(byVisit).toBeGreaterThan(2 * most)
})

test('salts that are forgotten are found out: all of them deal alike', () => {
  expect(found(() => 'one for all').byUser).not.toSatisfy(isRight)
})
