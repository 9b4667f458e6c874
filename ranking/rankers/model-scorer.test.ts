import { describe, expect, test } from 'vitest'
import { Interner, ManualClock, type PinIndex } from '../../base/index.ts'
import { viewOf } from '../../graph/testing.ts'
import { featureNames } from '../features/feature-matrix.ts'
import { FeatureTable } from '../features/feature-table.ts'
import { recommend } from '../generations/index.ts'
import type { RankRequest } from '../pipeline/request.ts'
import { type RankerModel, type RankingServices, ScratchPool } from '../pipeline/services.ts'
import { CatalogueIndex } from '../sources/catalogue-index.ts'

const PINS = 12
const AT = Date.UTC(2020, 0, 1)

/** Twelve pins on two boards; the user saved pin 0. */
function world(model: RankerModel | undefined) {
  const names = { pin: new Interner(), tag: new Interner() }
  for (let pin = 0; pin < PINS; pin++) names.pin.intern(`p${pin}`)
  const edges = Array.from({ length: PINS }, (_, pin) => [pin, pin % 2] as const)
  const view = viewOf([...edges, [2, 1], [3, 0]])
  const catalogue = new CatalogueIndex()
  const counted: string[] = []
  const services: RankingServices = {
    graph: () => view,
    features: FeatureTable.create(64),
    catalogue: () => catalogue,
    sequences: () => undefined,
    model: () => model,
    names,
    clock: new ManualClock(AT),
    scratch: new ScratchPool(64),
    count: (name) => counted.push(name),
  }
  return { services, counted }
}

const request: RankRequest = {
  user: {
    known: true,
    hash: 1,
    seeds: [{ pin: 0 as PinIndex, weight: 1, time: AT - 1_000 }],
    exclude: [0 as PinIndex],
    savedCount: 1,
    topics: [],
    boards: [],
    saves: 1,
    closeups: 0,
    impressions: 0,
    lastActive: AT - 1_000,
  },
  limit: 5,
  generation: 'mixed',
  exclude: [],
  at: AT,
  seed: 1,
  deadline: Number.POSITIVE_INFINITY,
  explain: false,
  off: [],
}

/** A model that gives each row what `score` says. */
function fake(score: (features: Float32Array, row: number) => number): RankerModel {
  return {
    version: 'v1',
    inputs: featureNames,
    score: async (matrix, rows) => {
      const width = featureNames.length
      return Float32Array.from({ length: rows }, (_, row) =>
        score(matrix.subarray(row * width, (row + 1) * width), row),
      )
    },
  }
}
const byWalk = fake((features) => features[featureNames.indexOf('walk_score')]!)
const isModel = ({ stage }: { readonly stage: string }) => stage === 'model'

test('a model orders the feed, and the reply names it and the full rung', async () => {
  const up = await recommend(request, world(byWalk).services)
  const down = await recommend(request, world(fake((f) => -f[0]!)).services)
  expect(up).toMatchObject({ rung: 'full', model: 'v1' })
  expect(up.pins).toHaveLength(5)
  expect(up.pins.map(({ pin }) => pin)).not.toEqual(down.pins.map(({ pin }) => pin))
  const scores = up.pins.map(({ score }) => score)
  expect(scores).toEqual(scores.toSorted((a, b) => b - a))
})

test('an explaining reply tells the very numbers that the model saw', async () => {
  const { pins } = await recommend({ ...request, explain: true }, world(byWalk).services)
  for (const { score, features } of pins) {
    expect(Object.keys(features ?? {})).toEqual(featureNames)
    expect(features?.['walk_score']).toBeCloseTo(score, 4)
  }
})

describe('the light rung answers, without a model’s name,', () => {
  test('while there is no model: that is no failure', async () => {
    const { services, counted } = world(undefined)
    const reply = await recommend(request, services)
    expect(reply.rung).toBe('light')
    expect(reply.model).toBeUndefined()
    expect(reply.trace.find(isModel)).toMatchObject({ outcome: 'off' })
    expect(counted).toEqual([])
  })

  test.each([
    ['one score is not a number', fake((_, row) => (row === 3 ? Number.NaN : 0.5))],
    ['one score is infinite', fake((_, row) => (row === 3 ? Number.POSITIVE_INFINITY : 0.5))],
    ['it throws', { ...byWalk, score: () => Promise.reject(new Error('v1 is out of order')) }],
  ])('when %s: dropped, counted, named', async (_, model) => {
    const { services, counted } = world(model)
    const reply = await recommend(request, services)
    expect(reply.rung).toBe('light')
    expect(reply.model).toBeUndefined()
    expect(reply.pins).toHaveLength(5)
    expect(reply.pins.every(({ score }) => Number.isFinite(score))).toBe(true)
    const failed = reply.trace.find(isModel)
    expect(failed?.outcome).toBe('failed')
    expect(failed?.reason).toContain('v1')
    expect(counted).toEqual(['model_failed'])
    // The same feed as without a model: nothing of the failed one is left behind.
    expect(reply.pins).toEqual((await recommend(request, world(undefined).services)).pins)
  })
})

test('every pin says why it is there', async () => {
  const { pins } = await recommend(request, world(byWalk).services)
  expect(pins.map(({ because }) => because)).toEqual([0, 0, 0, 0, 0])
})
