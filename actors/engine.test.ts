import { expect, test } from 'vitest'
import { type Entry, ManualClock } from '../base/index.ts'
import { FeatureTable, featureNames, type RankerModel } from '../ranking/index.ts'
import { Engine } from './engine.ts'
import type { RecommendAsk } from './recommend-ask.ts'
import { newNames, recordsOf } from './testing.ts'

function engineWithSaves() {
  const names = newNames()
  const clock = new ManualClock(1_000)
  const features = FeatureTable.create(100)
  const engine = new Engine({ names, features, clock, boardCapacity: 100, writesGraph: true })
  const entries = Array.from({ length: 60 }, (_, n): Entry => {
    return { kind: 'save', id: `e${n}`, time: n, user: `u${n % 6}`, pin: `p${(n * 7) % 20}` }
  })
  engine.deliver(recordsOf(entries, names))
  engine.buildNow()
  return { engine, clock }
}
const ask: RecommendAsk = {
  user: 0,
  limit: 5,
  generation: 'mixed',
  exclude: [],
  explain: false,
  at: 1_000,
  seed: 1,
  deadlineMs: 100,
  off: [],
}

test('a model is in charge after it has been rehearsed, not before', async () => {
  const { engine } = engineWithSaves()
  const rungs: string[] = []
  let rehearsed = 0
  const model: RankerModel = {
    version: 'new',
    inputs: featureNames,
    score: async (_matrix, rows) => {
      if (engine.services.model() === undefined) rehearsed++
      return new Float32Array(rows).fill(0.5)
    },
  }
  const swapped = engine.useModel(model)
  rungs.push((await engine.recommend(ask)).rung)
  await swapped
  rungs.push((await engine.recommend(ask)).rung)
  expect(rungs).toEqual(['light', 'full'])
  expect(rehearsed).toBe(24)
})

test('the deadline of a recommendation runs while it waits for those before it', async () => {
  const { engine, clock } = engineWithSaves()
  const slow: RankerModel = {
    version: 'slow',
    inputs: featureNames,
    score: async (_matrix, rows) => {
      clock.advance(90)
      return new Float32Array(rows)
    },
  }
  await engine.useModel(slow)
  const [first, second] = await Promise.all([engine.recommend(ask), engine.recommend(ask)])
  expect([first?.rung, second?.rung]).toEqual(['full', 'full'])
  const [third, fourth] = await Promise.all([
    engine.recommend({ ...ask, deadlineMs: 92 }),
    engine.recommend({ ...ask, deadlineMs: 92 }),
  ])
  expect([third?.rung, fourth?.rung]).toEqual(['full', 'light'])
  const late = fourth?.trace.filter(({ outcome }) => outcome === 'late').map(({ stage }) => stage)
  expect(late).toContain('model')
})
