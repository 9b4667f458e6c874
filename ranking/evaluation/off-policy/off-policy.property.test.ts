/** What each estimator is by its definition, on logs small enough to go through all of them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { userInterval } from '../labelled/index.ts'
import { downTheList, type LoggedRows, type TargetColumns } from './logged-rows.ts'
import { type Bias, type OffPolicy, offPolicy } from './off-policy.ts'

const unit = fc.double({ min: 0, max: 1, noNaN: true })
const reward = fc.double({ min: -5, max: 5, noNaN: true })
const some = (value: fc.Arbitrary<number>) =>
  fc.array(value, { minLength: 3, maxLength: 3 }).map((values) => Float64Array.from(values))
/** Three actions, none without a chance. */
const policy = some(fc.double({ min: 0.05, max: 1, noNaN: true })).map((weights) => {
  const total = weights[0]! + weights[1]! + weights[2]!
  return weights.map((weight) => weight / total)
})
const context = fc.record({
  logging: policy,
  target: policy,
  rewards: some(reward),
  q: some(reward),
})

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0)
const columns = (values: readonly number[]) => Float64Array.from(values)

const row = fc.record({
  propensity: fc.double({ min: 0.05, max: 1, noNaN: true }),
  probability: unit,
  reward,
  q: reward,
  qTarget: reward,
  cluster: fc.nat(4),
})
type Row = typeof row extends fc.Arbitrary<infer Value> ? Value : never
const rows = fc
  .array(row, { minLength: 2, maxLength: 30 })
  .filter((all) => new Set(all.map(({ cluster }) => cluster)).size > 1)
  .filter((all) => all.some(({ probability }) => probability > 0.01))

function askedOf(all: readonly Row[]): readonly [LoggedRows, TargetColumns] {
  const model = {
    logged: columns(all.map(({ q }) => q)),
    target: columns(all.map(({ qTarget }) => qTarget)),
  }
  return [
    {
      propensities: columns(all.map(({ propensity }) => propensity)),
      rewards: columns(all.map(({ reward }) => reward)),
      clusters: Uint32Array.from(all, ({ cluster }) => cluster),
    },
    { probabilities: columns(all.map(({ probability }) => probability)), model },
  ]
}
const names = ['logged', 'ips', 'snips', 'dm', 'dr'] as const
const figureOf = (found: OffPolicy, name: (typeof names)[number]) => found[name]!.value

describe('estimators', () => {
  test('IPS and DR expect the truth exactly: over all logs of two rows', () => {
    fc.assert(
      fc.property(fc.array(context, { minLength: 1, maxLength: 2 }), (contexts) => {
        const outcomes = contexts.flatMap(({ logging, target, rewards, q }) =>
          [0, 1, 2].map((a) => ({
            chance: logging[a]! / contexts.length,
            propensity: logging[a]!,
            probability: target[a]!,
            reward: rewards[a]!,
            q: q[a]!,
            qTarget: sum(target.map((p, b) => p * q[b]!)),
          })),
        )
        const truth = sum(
          contexts.map(({ target, rewards }) => sum(target.map((p, a) => p * rewards[a]!))),
        )
        const expected = { ips: 0, dr: 0 }
        for (const one of outcomes) {
          for (const other of outcomes) {
            const log = [one, other].map((outcome, cluster) => ({ ...outcome, cluster }))
            const found = offPolicy(...askedOf(log))
            expected.ips += one.chance * other.chance * found.ips.value
            expected.dr += one.chance * other.chance * figureOf(found, 'dr')
          }
        }
        expect(expected.ips).toBeCloseTo(truth / contexts.length, 9)
        expect(expected.dr).toBeCloseTo(truth / contexts.length, 9)
      }),
      { numRuns: 50 },
    )
  })
  test('SNIPS moves with a constant that is added to rewards', () => {
    fc.assert(
      fc.property(rows, reward, (all, more) => {
        const before = offPolicy(...askedOf(all)).snips
        const raised = all.map((one) => ({ ...one, reward: one.reward + more }))
        const after = offPolicy(...askedOf(raised)).snips
        expect(after.value - before.value).toBeCloseTo(more, 8)
        expect(after.standardError).toBeCloseTo(before.standardError, 8)
      }),
    )
  })
  test('DR is IPS by a model of nothing, and DM by one that is right of every row', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const nothing = offPolicy(...askedOf(all.map((one) => ({ ...one, q: 0, qTarget: 0 }))))
        expect(nothing.dr).toEqual(nothing.ips)
        const right = offPolicy(...askedOf(all.map((one) => ({ ...one, q: one.reward }))))
        expect(right.dr).toEqual({ ...right.dm, biases: right.dr?.biases })
      }),
    )
  })
  test('the logging policy itself has the mean of its rewards', () => {
    fc.assert(
      fc.property(rows, (all) => {
        // The model knows no items: what it expects of the policy is what it does of the row.
        const same = all.map((one) => ({ ...one, probability: one.propensity, qTarget: one.q }))
        const found = offPolicy(...askedOf(same))
        const mean = sum(all.map((one) => one.reward)) / all.length
        for (const name of ['logged', 'ips', 'snips', 'dr'] as const) {
          expect(figureOf(found, name)).toBeCloseTo(mean, 9)
          expect(found[name]?.biases).toEqual([])
        }
        expect(found.weights).toMatchObject({ p: 1, largest: 1 })
      }),
    )
  })
  test('the order of rows changes nothing', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (all, seed) => {
        const found = offPolicy(...askedOf(all))
        const other = offPolicy(...askedOf(new Random(seed).shuffle([...all])))
        for (const name of names) {
          expect(figureOf(other, name)).toBeCloseTo(figureOf(found, name), 9)
          expect(other[name]?.standardError).toBeCloseTo(found[name]?.standardError ?? 0, 9)
        }
      }),
    )
  })
})

describe('intervals', () => {
  test('a user’s rows said twice are not twice the evidence', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const [once, twice] = [all, [...all, ...all]].map((log) => offPolicy(...askedOf(log)))
        for (const name of names) {
          const [error, same] = [once?.[name]?.standardError, twice?.[name]?.standardError]
          expect(same).toBeCloseTo(error ?? 0, 9)
        }
      }),
    )
  })
  test('of rows alone are those of a mean; by the delta method near a bootstrap’s', () => {
    const random = new Random(3)
    const log = Array.from({ length: 400 }, (_, cluster): Row => {
      const probability = [0.1, 0.7, 0.2][random.below(3)]!
      const reward = random.unit() < probability ? 1 : 0
      return { propensity: 1 / 3, probability, reward, q: 0, qTarget: 0, cluster }
    })
    const found = offPolicy(...askedOf(log))
    const products = log.map((one) => (one.reward * one.probability) / one.propensity)
    const mean = sum(products) / log.length
    const variance = sum(products.map((x) => (x - mean) ** 2)) / (log.length - 1)
    expect(found.ips.standardError).toBeCloseTo(Math.sqrt(variance / log.length), 12)
    const [low, high] = userInterval(log.length, 5, (drawn) => {
      const weight = (i: number) => drawn[i]! * log[i]!.probability
      const of = (value: (one: Row) => number) => sum(log.map((one, i) => weight(i) * value(one)))
      return of((one) => one.reward) / of(() => 1)
    })
    // A bound of 1,000 resamples is off by some 5 %.
    const [first, last] = found.snips.interval
    expect((last - first) / (high - low)).toBeGreaterThan(0.85)
    expect((last - first) / (high - low)).toBeLessThan(1.15)
  })
})

describe('weights', () => {
  test('clipping says what it takes away', () => {
    fc.assert(
      fc.property(rows, fc.double({ min: 0.1, max: 5, noNaN: true }), (all, weightMax) => {
        const free = offPolicy(...askedOf(all))
        const found = offPolicy(...askedOf(all), { weightMax })
        const { clippedRows, clippedReward, largest } = found.weights
        expect(found.ips.value + clippedReward).toBeCloseTo(free.ips.value, 9)
        expect(largest).toBe(free.weights.largest)
        expect(found.ips.biases.includes('clipping')).toBe(clippedRows > 0)
        expect(found.dm?.biases).toEqual(['model'])
      }),
    )
  })
  test('as many rows count as weigh alike', () => {
    const alike = { propensity: 0.5, reward: 1, q: 0, qTarget: 0 }
    const log = [1, 1, 0, 0].map((probability, cluster) => ({ ...alike, probability, cluster }))
    const { weights } = offPolicy(...askedOf(log))
    expect(weights).toMatchObject({ effectiveRows: 2, largest: 2, mean: 1, rewardedRows: 2 })
  })
})

describe('what logging could not show', () => {
  /** Logging takes two of three actions alike, the target the third as well. */
  const log = Array.from({ length: 2_000 }, (_, cluster): Row => {
    const reward = cluster % 3 === 0 ? 1 : 0
    return { propensity: 0.5, probability: 0.3, reward, q: 0, qTarget: 0, cluster }
  })
  const [logged, target] = askedOf(
    log.map((one, i) => ({ ...one, probability: i % 2 ? 0.3 : 0.4 })),
  )
  const biasesOf = (found: OffPolicy): readonly Bias[] => found.ips.biases
  test('is reported with its share, in every estimate but the model’s', () => {
    const unsupported = new Float64Array(log.length).fill(0.3)
    const found = offPolicy(logged, { ...target, unsupported })
    expect(found.unsupported).toBeCloseTo(0.3, 12)
    expect(found.weights.expected).toBeCloseTo(0.7, 12)
    expect(found.weights.p).toBeGreaterThan(0.001)
    expect(biasesOf(found)).toEqual(['support'])
    expect(found.snips.biases).toEqual(['support'])
    expect(found.dr?.biases).toEqual(['support'])
  })
  test('is seen in the weights where nobody told of it', () => {
    const found = offPolicy(logged, target)
    expect(found.weights.p).toBeLessThan(1e-9)
    expect(biasesOf(found)).toEqual(['weights'])
  })
})

describe('refused', () => {
  const good = { propensity: 0.5, probability: 0.5, reward: 1, q: 0, qTarget: 0 }
  const log = [0, 1, 2].map((cluster) => ({ ...good, cluster }))
  test.each([
    ['propensity', { propensity: 0 }],
    ['propensity', { propensity: -0.1 }],
    ['propensity', { propensity: 1.01 }],
    ['propensity', { propensity: Number.NaN }],
    ['probability', { probability: 1.5 }],
    ['probability', { probability: Number.NaN }],
    ['reward', { reward: Number.POSITIVE_INFINITY }],
    ['model of the logged item', { q: Number.NaN }],
    ['model of the target', { qTarget: Number.NaN }],
  ])('a %s as in %o, by its row', (column, wrong) => {
    const broken = [log[0]!, { ...log[1]!, ...wrong }, log[2]!]
    const details = { row: 1, column, value: Object.values(wrong)[0] }
    expect(() => offPolicy(...askedOf(broken))).toThrow(
      expect.objectContaining({
        code: 'LOGGED_ROW_INVALID',
        details: expect.objectContaining(details),
      }),
    )
  })
  test('one user alone, no rows, a target that was never shown', () => {
    const data = expect.objectContaining({ code: 'EVALUATION_DATA' })
    expect(() => offPolicy(...askedOf(log.map((one) => ({ ...one, cluster: 9 }))))).toThrow(data)
    expect(() => offPolicy(...askedOf([]))).toThrow(data)
    const never = log.map((one) => ({ ...one, probability: 0 }))
    expect(() => offPolicy(...askedOf(never))).toThrow(data)
  })
})

test('down a list probabilities multiply, and begin anew with the next', () => {
  const slates = Uint32Array.of(7, 7, 7, 4, 4)
  const down = downTheList(slates, Float64Array.of(0.5, 0.5, 0.1, 0.2, 1))
  for (const [row, p] of [0.5, 0.25, 0.025, 0.2, 0.2].entries())
    expect(down[row]).toBeCloseTo(p, 15)
})
