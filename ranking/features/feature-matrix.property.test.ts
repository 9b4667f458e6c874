/** What every feature promises, whatever the world. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Interner, kindCode, ManualClock, type PinIndex, type TagIndex } from '../../base/index.ts'
import { viewOf } from '../../graph/testing.ts'
import { FactorReader, fitPinFactors, pinFactorsMemory } from '../pin-factors/index.ts'
import type { RankRequest } from '../pipeline/request.ts'
import { devices, surfaces } from '../pipeline/request-place.ts'
import { startRanking } from '../pipeline/run.ts'
import { type RankingServices, RankScratch, ScratchPool } from '../pipeline/services.ts'
import type { Ranking } from '../pipeline/stage.ts'
import { CatalogueIndex } from '../sources/catalogue-index.ts'
import { featureMatrix, deepFeatures as features } from './feature-matrix.ts'
import { FeatureTable } from './feature-table.ts'

const PINS = 6
const DAY_MS = 86_400_000

const instant = fc.integer({ min: 0, max: 40 * DAY_MS })
const kinds = [kindCode.save, kindCode.impression, kindCode.closeup, kindCode.hide]
const world = fc.record({
  events: fc.array(
    fc.record({ kind: fc.constantFrom(...kinds), pin: fc.nat(PINS - 1), time: instant }),
    { maxLength: 40 },
  ),
  told: fc.array(
    fc.record({
      pin: fc.nat(PINS - 1),
      created: instant,
      topic: fc.nat(3),
      tags: fc.array(fc.nat(5), { maxLength: 8 }),
    }),
    { maxLength: 6 },
  ),
  said: fc.array(
    fc.record({
      source: fc.constantFrom('walk', 'neighbours', 'sequences', 'tags'),
      // One pin beyond those of the table: the newest may not have arrived there yet.
      pin: fc.nat(PINS),
      score: fc.double({ min: 0, max: 1e3, noNaN: true }),
    }),
    { minLength: 1, maxLength: 10 },
  ),
})
const person = fc.record({
  saved: fc.uniqueArray(fc.nat(PINS), { maxLength: 4 }),
  saves: fc.nat(1e6),
  impressions: fc.nat(1e6),
  lastActive: fc.oneof(fc.constant(0), instant),
  topics: fc.array(fc.nat(3), { maxLength: 2 }),
  at: instant,
  device: fc.constantFrom(...devices),
  surface: fc.constantFrom(...surfaces),
})
type World = typeof world extends fc.Arbitrary<infer T> ? T : never
type Person = typeof person extends fc.Arbitrary<infer T> ? T : never

/** Of all pins but the last. */
const factors = await fitPinFactors(
  [[0, 1], [1, 2, 3], [0, 4], [2, 4], [3]],
  { dimensions: 8, sweeps: 2 },
  { clock: new ManualClock() },
)
const reader = factors && new FactorReader(pinFactorsMemory(factors, (pin) => pin))

function rankingOf(
  { events, told, said }: World,
  { at, topics, device, surface, saved, ...user }: Person,
) {
  const table = FeatureTable.create(2 * PINS)
  for (const { kind, pin, time } of events) table.applyEvent(kind, pin as PinIndex, time)
  for (const { pin, created, topic, tags } of told) {
    const about = { created, topic: topic as TagIndex, tags: tags as TagIndex[] }
    table.applyPin(pin as PinIndex, created, about)
  }
  const view = viewOf([[0, 0]])
  const services: RankingServices = {
    graph: () => view,
    features: table,
    catalogue: () => new CatalogueIndex(),
    sequences: () => undefined,
    model: () => undefined,
    factors: () => reader,
    names: { pin: new Interner(), tag: new Interner() },
    clock: new ManualClock(),
    scratch: new ScratchPool(2 * PINS),
    count: () => undefined,
  }
  const request: RankRequest = {
    user: {
      known: true,
      hash: 1,
      seeds: [{ pin: 0 as PinIndex, weight: 1, time: 0 }],
      exclude: saved as PinIndex[],
      savedCount: saved.length,
      boards: [],
      closeups: 0,
      topics: topics as TagIndex[],
      ...user,
    },
    limit: 5,
    generation: 'mixed',
    exclude: [],
    device,
    surface,
    at,
    seed: 1,
    deadline: Number.POSITIVE_INFINITY,
    explain: false,
    off: [],
  }
  const ranking = startRanking(request, services, new RankScratch(2 * PINS))
  for (const { source, pin, score } of said) ranking.candidates.add(source as 'walk', pin, score)
  return ranking
}

const width = features.length
const rowsOf = (ranking: Ranking, indices: ArrayLike<number>) =>
  featureMatrix(ranking, indices, features)
const all = (count: number) => Uint32Array.from({ length: count }, (_, index) => index)

test('names are told apart, and what is said of a feature is whole', () => {
  expect(new Set(features.map(({ name }) => name)).size).toBe(width)
  for (const { range, default: unknown, ttlMs } of features) {
    expect(range[0]).toBeLessThan(range[1])
    expect(unknown).toBeGreaterThanOrEqual(range[0])
    expect(unknown).toBeLessThanOrEqual(range[1])
    expect(ttlMs).toBeGreaterThanOrEqual(0)
  }
})

describe('for every world,', () => {
  test('values lie in their range', () => {
    fc.assert(
      fc.property(world, person, (given, someone) => {
        const ranking = rankingOf(given, someone)
        const matrix = rowsOf(ranking, all(ranking.candidates.count))
        matrix.forEach((value, i) => {
          const { name, range } = features[i % width]!
          expect(value, name).toBeGreaterThanOrEqual(range[0])
          expect(value, name).toBeLessThanOrEqual(range[1])
        })
      }),
      { numRuns: 60 },
    )
  })

  test('a row does not depend on which others are filled with it, nor on their order', () => {
    fc.assert(
      fc.property(world, person, (given, someone) => {
        const ranking = rankingOf(given, someone)
        const { count } = ranking.candidates
        const whole = rowsOf(ranking, all(count))
        const backwards = rowsOf(ranking, all(count).reverse())
        for (let index = 0; index < count; index++) {
          const row = whole.subarray(index * width, (index + 1) * width)
          const last = count - 1 - index
          expect(rowsOf(ranking, [index])).toEqual(row)
          expect(backwards.subarray(last * width, (last + 1) * width)).toEqual(row)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('what is of the pin is the same for everybody, what is of the user for every pin', () => {
    fc.assert(
      fc.property(world, person, person, (given, one, other) => {
        const [mine, theirs] = [one, { ...other, at: one.at }].map((someone) => {
          const ranking = rankingOf(given, someone)
          return rowsOf(ranking, all(ranking.candidates.count))
        })
        features.forEach(({ name, of }, column) => {
          const values = mine!.filter((_, i) => i % width === column)
          if (of === 'pin') {
            expect(
              theirs!.filter((_, i) => i % width === column),
              name,
            ).toEqual(values)
          } else if (of !== 'cross') expect(new Set(values).size, name).toBe(1)
        })
      }),
      { numRuns: 40 },
    )
  })
})
