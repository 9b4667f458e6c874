import { expect, test } from 'vitest'
import { ManualClock, Random } from '../../base/index.ts'
import { InteractionsBuilder, parseSplitRule, splitDataset } from '../../ranking/index.ts'
import { chooseTeaching } from './choose-teaching.ts'
import { teachings } from './deep-teaching.ts'

const USERS = 60
const PINS = 60
const clock = new ManualClock()

/** People of two tastes see pins of both, and save those of theirs. */
function planted() {
  const random = new Random(5)
  const builder = new InteractionsBuilder()
  for (let visit = 0; visit < 300; visit++) {
    const user = random.below(USERS)
    for (let n = 0; n < 8; n++) {
      const pin = random.below(PINS)
      const isSaved = random.unit() < (user % 2 === pin % 2 ? 0.6 : 0.1)
      builder.meet(`u${user}`, `p${pin}`, 1e9 + 60_000 * visit, isSaved)
    }
  }
  const rule = parseSplitRule('last-fraction:0.2')
  return splitDataset(builder.build('times', true), { rule, seed: 1, format: 'log' })
}

test('every teaching is tried on the fold, and the one that is worth the most is chosen', async () => {
  const data = planted()
  const { chosen, fold } = await chooseTeaching(data, { at: 10, seed: 1 }, clock)
  const names = fold.map(({ teaching }) => teaching)
  expect(names).toEqual(Object.keys(teachings))
  const worth = fold.map(({ auc, ndcg }) => (auc - 0.5) * ndcg)
  expect(worth.every(Number.isFinite)).toBe(true)
  expect(new Set(worth).size).toBe(names.length)
  expect(chosen).toBe(names[worth.indexOf(Math.max(...worth))])
  // What the test holds does not matter: it is not read.
  const { split, test: asked } = data
  const future = { ...split!.future, saved: split!.future.saved.map((label) => 1 - label) }
  const other = { ...data, test: { ...asked, items: asked.items.toReversed() } }
  const again = await chooseTeaching(
    { ...other, split: { ...split!, future } },
    { at: 10, seed: 1 },
    clock,
  )
  expect(again).toEqual({ chosen, fold })
}, 60_000)
