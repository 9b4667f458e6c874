/** Factors come with the deep ranker and with nothing else, and find what its user likes. */
import { expect, test } from 'vitest'
import { Interner, ManualClock, type PinIndex } from '../../base/index.ts'
import { viewOf } from '../../graph/testing.ts'
import { FeatureTable } from '../features/feature-table.ts'
import { recommend } from '../generations/index.ts'
import { FactorReader, fitPinFactors, pinFactorsMemory } from '../pin-factors/index.ts'
import type { RankRequest, UserContext } from '../pipeline/request.ts'
import { startRanking } from '../pipeline/run.ts'
import {
  type DeepRanker,
  type RankingServices,
  RankScratch,
  ScratchPool,
} from '../pipeline/services.ts'
import { CatalogueIndex } from './catalogue-index.ts'

const PINS = 40
const clock = new ManualClock()
/** Two tastes; pins from 30 on are new. */
const histories = Array.from({ length: 30 }, (_, user) =>
  Array.from({ length: 10 }, (_, n) => 2 * ((user + n) % 15) + (user % 2)),
)
const fitted = await fitPinFactors(histories, { dimensions: 8, ridge: 0.05 }, { clock })
if (!fitted) throw new Error('there were saves')
const memory = pinFactorsMemory(fitted, (pin) => pin)

/** Scores by the one feature that it knows. */
function ranker(version: string, factors?: FactorReader): DeepRanker {
  const score = async (_user: number, pins: Uint32Array, matrix: Float32Array) => {
    const width = matrix.length / pins.length
    return Float32Array.from(pins, (_, row) => matrix[(row + 1) * width - 1]!)
  }
  return { version, inputs: [], score, ...(factors && { factors }) }
}

function services(deep?: DeepRanker): RankingServices {
  const pin = new Interner()
  const features = FeatureTable.create(PINS)
  for (let p = 0; p < PINS; p++) {
    pin.intern(`p${p}`)
    features.applyPin(p as PinIndex, 1, { created: 1, tags: [] })
  }
  const view = viewOf([[0, 0]])
  return {
    graph: () => view,
    features,
    catalogue: () => new CatalogueIndex(),
    sequences: () => undefined,
    model: () => undefined,
    deep: () => deep,
    names: { pin, tag: new Interner() },
    clock,
    scratch: new ScratchPool(PINS),
    count: () => {},
  }
}

function asking(saved: readonly number[], more: Partial<RankRequest> = {}): RankRequest {
  const nobody = { seeds: [], topics: [], boards: [], closeups: 0, impressions: 0, lastActive: 9 }
  const exclude = saved as PinIndex[]
  const own: Pick<UserContext, 'exclude' | 'savedCount'> = { exclude, savedCount: saved.length }
  return {
    user: { known: true, hash: 7, saves: saved.length, ...nobody, ...own },
    limit: PINS,
    generation: 'deep',
    exclude: [],
    at: 99,
    seed: 1,
    deadline: Number.POSITIVE_INFINITY,
    explain: false,
    off: ['slate'],
    ...more,
  }
}

const stage = async (request: RankRequest, host: RankingServices) => {
  const reply = await recommend(request, host)
  return { ...reply, factors: reply.trace.find(({ stage }) => stage === 'factors') }
}

test('finds pins of the user’s taste, in the order of their scores, and none that was saved', async () => {
  const host = services(ranker('one', new FactorReader(memory)))
  const saved = [1, 3, 5, 7]
  const { pins, factors } = await stage(asking(saved), host)
  expect(factors).toMatchObject({ outcome: 'ok' })
  expect(pins.length).toBeGreaterThan(5)
  const user = new FactorReader(memory).fold(saved)
  for (const { pin, sources, score } of pins) {
    expect(sources).toEqual(['factors'])
    expect(saved).not.toContain(pin)
    expect(pin % 2).toBe(1)
    expect(score).toBeCloseTo(user?.scoresOf([pin])[0] ?? Number.NaN, 4)
  }
  const scores = pins.map(({ score }) => score)
  expect(scores).toEqual(scores.toSorted((a, b) => b - a))
})

test('pins related to others are of their taste, whoever asks', async () => {
  const host = services(ranker('one', new FactorReader(memory)))
  const relatedTo = [2, 4] as PinIndex[]
  const { pins } = await stage(asking([1, 3, 5], { relatedTo, exclude: relatedTo }), host)
  expect(pins.length).toBeGreaterThan(5)
  expect(pins.every(({ pin }) => pin % 2 === 0)).toBe(true)
})

test('declines by name without a ranker, without its factors, and for whom they do not know', async () => {
  const reader = new FactorReader(memory)
  for (const [host, saved] of [
    [services(), [1, 3]],
    [services(ranker('none')), [1, 3]],
    [services(ranker('one', reader)), [33]],
    [services(ranker('one', reader)), []],
  ] as const) {
    const { factors } = await stage(asking(saved), host)
    expect(factors).toMatchObject({ outcome: 'off', candidatesOut: 0 })
  }
})

test('a request has the factors of the ranker that it began with', () => {
  let deep = ranker('one', new FactorReader(memory))
  const host = { ...services(), deep: () => deep }
  const ranking = startRanking(asking([1, 3]), host, new RankScratch(PINS))
  deep = ranker('two')
  expect(ranking.services.deep?.()?.version).toBe('one')
  expect(ranking.folded()?.scoresOf([5])[0]).toBeGreaterThan(0)
  expect(ranking.folded()).toBe(ranking.folded())
  const next = startRanking(asking([1, 3]), host, new RankScratch(PINS))
  expect(next.folded()).toBeUndefined()
})
