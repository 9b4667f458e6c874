import { describe, expect, test } from 'vitest'
import { errorCode, ManualClock, Random } from '../../base/index.ts'
import {
  evaluateRanker,
  InteractionsBuilder,
  parseSplitRule,
  splitDataset,
} from '../../ranking/index.ts'
import { teachings } from './deep-teaching.ts'
import { TaughtGenerations } from './taught-generations.ts'

const USERS = 60
const PINS = 60
const VISITS = 240
const clock = new ManualClock()

/** People of two tastes see pins of both; they save those of theirs, and good ones more often. */
function planted(labelled = true) {
  const random = new Random(5)
  const builder = new InteractionsBuilder()
  for (let visit = 0; visit < VISITS; visit++) {
    const user = random.below(USERS)
    for (let n = 0; n < 8; n++) {
      const pin = random.below(PINS)
      const chance = (user % 2 === pin % 2 ? 0.8 : 0.1) * (pin % 3 === 0 ? 1 : 0.5)
      const isSaved = random.unit() < chance
      const time = 1e9 + 60_000 * visit
      if (isSaved || labelled) builder.meet(`u${user}`, `p${pin}`, time, isSaved)
    }
  }
  const rule = parseSplitRule('last-fraction:0.2')
  return splitDataset(builder.build('times', labelled), { rule, seed: 1, format: 'log' })
}

const options = { ...teachings.catalogue, recentShare: 1, negatives: 2, seed: 1 }
const deep = {
  width: 8,
  drawnShare: 0.2,
  hidden: [32, 16],
  batchRows: 32,
  epochs: 8,
  learningRate: 5e-3,
  seed: 1,
}

test('generations are taught by what lies before the test and asked as they serve', async () => {
  const data = planted()
  const taught = await TaughtGenerations.teach(data, options, clock)
  const measured = { at: 10, seed: 1, clock }
  const two = await evaluateRanker(taught.collaborative(), data, measured)
  const { ranker, trained } = await taught.deep(deep, { clock })
  const three = await evaluateRanker(ranker, data, measured)
  const auc = (of: typeof two) => of.figures.labels?.auc ?? 0
  // A coin has .5; some hundred rows teach a little.
  expect(auc(two)).toBeGreaterThan(0.55)
  expect(auc(three)).toBeGreaterThan(0.55)
  expect(trained.metrics.shown).toBeGreaterThan(200)
  // Whoever is asked twice, or with others, answers the same.
  const [question] = data.split ? [{ user: 3, pins: Uint32Array.of(1, 2, 9) }] : []
  const times = new Float64Array(3).fill(2e9)
  const past = { items: new Uint32Array(0), times: new Float64Array(0), saved: new Uint8Array(0) }
  const asked = { ...question!, times, past }
  const [first, again] = await ranker.score([asked, asked])
  expect(again).toEqual(first)
})

describe('refused by name:', () => {
  test('data that does not tell saves from what was only seen', async () => {
    await expect(TaughtGenerations.teach(planted(false), options, clock)).rejects.toThrow(
      expect.toSatisfy((error: unknown) => errorCode(error) === 'EVALUATION_DATA'),
    )
  })
})
