import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Random, systemClock } from '../../base/index.ts'
import { type ColdPins, coldPinNames, coldPins, coldPinsMarkdown } from './cold-pins.ts'
import { evaluate } from './evaluate.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-cold-pins-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const USERS = 90
const ITEMS = 200
const TASTES = 5

/** Each user saves items of one taste; an item has a tag of its taste or, at random, of any. */
function files(name: string, isTold: (item: number) => boolean, dealt = false): string {
  const random = new Random(7)
  const rows = Array.from({ length: USERS }, (_, user) => {
    const liked = Array.from({ length: ITEMS / TASTES }, (_, n) => TASTES * n + (user % TASTES))
    return `u${user} ${random.shuffle(liked).slice(0, 16).join(' ')}`
  })
  const attributes = Array.from({ length: ITEMS }, (_, item) => {
    const taste = dealt ? random.below(TASTES) : item % TASTES
    return [item, isTold(item) ? [taste, `word ${random.below(4)}`] : []]
  })
  const folder = join(scratch, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'sequences.txt'), rows.join('\n'))
  writeFileSync(
    join(folder, 'item-attributes.json'),
    JSON.stringify(Object.fromEntries(attributes)),
  )
  return folder
}
const small = { width: 16, epochs: 5, batch: 64, historyPins: 2, learningRate: 0.01 }
const grid = [
  { ...small, idDropout: 1, epochs: 1 },
  { ...small, idDropout: 0.5 },
]
const options = { format: 'sequences', at: 5, clock: systemClock, grid }
async function run(dataset: string, seed = 1): Promise<Record<string, ColdPins>> {
  const results: ColdPins[] = []
  for await (const one of coldPins({ ...options, dataset, seed })) results.push(one)
  expect(results.map(({ model }) => model)).toEqual([...coldPinNames])
  return Object.fromEntries(results.map((result) => [result.model, result]))
}

describe('where tags decide', () => {
  const folder = files('told', (item) => item % 7 !== 3)
  let results: Record<string, ColdPins>
  beforeAll(async () => {
    results = await run(folder)
  })
  test('tags find who saves what, popularity of tags and chance do not', () => {
    const recall = (name: string) => results[name]!.alone.recall
    // Four of twenty held-out items are of a user's taste.
    expect(recall('random')).toBeLessThan(0.4)
    expect(recall('tag-popularity')).toBeLessThan(0.5)
    expect(recall('tag-cosine')).toBeGreaterThan(0.75)
    expect(recall('two-tower')).toBeGreaterThan(0.75)
    for (const { alone, all } of Object.values(results)) {
      expect(all.recall).toBeLessThanOrEqual(alone.recall)
      expect(alone.ndcgInterval[0]).toBeLessThanOrEqual(alone.ndcg)
      expect(alone.ndcgInterval[1]).toBeGreaterThanOrEqual(alone.ndcg)
    }
  })
  test('a tenth of the items is held out; those without tags are counted', () => {
    expect(results['two-tower']!.settings).toEqual(grid[1])
    expect(results['two-tower']).toMatchObject({ heldPins: ITEMS / 10, items: ITEMS, seed: 1 })
    const { untagged, users } = results['random']!
    expect(untagged).toBeGreaterThan(0)
    expect(untagged).toBeLessThan(ITEMS / 10)
    expect(users).toBeGreaterThan(USERS / 2)
  })
  test('the same seed asks the same and answers the same; another does not', async () => {
    const figures = (of: Record<string, ColdPins>) =>
      Object.values(of).map(({ fitSeconds: _, ...rest }) => rest)
    expect(figures(await run(folder))).toEqual(figures(results))
    expect(figures(await run(folder, 2))).not.toEqual(figures(results))
  })
  test('the table has a row a model', () => {
    const lines = coldPinsMarkdown(Object.values(results), 5).trimEnd().split('\n')
    expect(lines[0]).toMatch(/^20 of 200 pins held out, \d without tags; \d+ users$/)
    expect(lines).toHaveLength(2 + 2 + coldPinNames.length)
    expect(new Set(lines.slice(2).map((line) => line.split('|').length)).size).toBe(1)
  })
  test('the model is one of evaluate’s where there are tags, and finds the taste', async () => {
    const { raw } = await evaluate({ ...options, dataset: folder, model: 'two-tower' })
    // Of 40 items of the taste 26 are new to a user: five of them hold the one with .19.
    expect(Number(raw['recall@5'])).toBeGreaterThan(0.1)
  })
})

test('where tags are dealt at random, nothing finds cold items', async () => {
  const results = await run(files('dealt', () => true, true))
  for (const name of ['tag-cosine', 'two-tower']) {
    expect(results[name]!.alone.recall).toBeLessThan(0.45)
  }
})

test('data without tags, or with none that can be read, is refused', async () => {
  const folder = files('silent', () => true)
  rmSync(join(folder, 'item-attributes.json'))
  const asked = () => run(folder)
  await expect(asked()).rejects.toMatchObject({ code: 'EVALUATION_DATA' })
  for (const text of ['{"1": [1', '{"1": 7}', '{"1": [null]}', '{"1": [["a"]]}']) {
    writeFileSync(join(folder, 'item-attributes.json'), text)
    await expect(asked()).rejects.toMatchObject({ code: 'DATASET_MISSING' })
  }
})
