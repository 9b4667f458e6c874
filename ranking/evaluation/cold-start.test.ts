import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ManualClock, Random, systemClock } from '../../base/index.ts'
import { type ColdStart, coldStart, coldStartMarkdown, strangerModel } from './cold-start.ts'
import { strangerNames } from './models.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-cold-start-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const USERS = 90
const GROUP = 24
/** Each user likes one of three groups of items. */
const random = new Random(7)
const rows = Array.from({ length: USERS }, (_, user) => {
  const liked = Array.from({ length: GROUP }, (_, n) => `i${3 * n + (user % 3)}`)
  return `u${user} ${random.shuffle(liked).slice(0, 14).join(' ')}`
})
writeFileSync(join(scratch, 'sequences.txt'), [...rows, 'loner a b c d'].join('\n'))

const options = {
  dataset: scratch,
  format: 'sequences',
  at: 10,
  clock: systemClock,
  heldUsers: 30,
}
async function run(names: readonly string[], more: object = {}): Promise<ColdStart[]> {
  const results: ColdStart[] = []
  for await (const one of coldStart(names.map(strangerModel), { ...options, ...more })) {
    results.push(one)
  }
  return results
}
const recallAt = ({ rows }: ColdStart, events: number | undefined) =>
  rows.find((row) => row.events === events)!.recall

describe('by how many events are known of strangers', () => {
  // The others of `strangerNames` are of the same classes, and take long to choose.
  const dear = ['walk', 'plain-walk', 'walk-limit', 'ease', 'gf-cf']
  const names = strangerNames.filter((name) => !dear.includes(name))
  test('nothing known is chance at best, one event tells the group', async () => {
    const results = await run(names)
    expect(results.map(({ model }) => model)).toEqual(names)
    for (const result of results) {
      const { model } = result
      expect(result).toMatchObject({ heldUsers: 30, fittedUsers: 61, seed: 1 })
      expect(result.rows.map(({ events }) => events)).toEqual([0, 1, 3, 10, 30, 100, undefined])
      expect(recallAt(result, 0), model).toBeLessThan(0.4)
      if (model !== 'popularity') {
        expect(recallAt(result, 1), model).toBeGreaterThan(recallAt(result, 0) + 0.2)
      }
      // Nobody has 30 events, so these rows are all alike.
      const [, , , , thirty, hundred, all] = result.rows
      expect({ ...hundred, events: 0, reached: 0 }).toEqual({ ...thirty, events: 0, reached: 0 })
      expect({ ...all, events: 0, reached: 0 }).toEqual({ ...thirty, events: 0, reached: 0 })
      expect([thirty!.reached, all!.reached]).toEqual([0, 30])
    }
    const popularity = results.find(({ model }) => model === 'popularity')!
    expect(new Set(popularity.rows.map(({ recall }) => recall)).size).toBe(1)
    const lines = coldStartMarkdown(results, 10).trimEnd().split('\n')
    expect(lines).toHaveLength(3 + results.length)
    expect(new Set(lines.map((line) => line.split('|').length)).size).toBe(1)
    expect(lines[0]).toContain('| 0 | 1 | 3 | 10 | 30 | 100 | all |')
  })
  test('the same seed holds out the same users; another does not', async () => {
    const figures = async (seed: number) => (await run(['rp3beta'], { seed }))[0]!.rows
    expect(await figures(1)).toEqual(await figures(1))
    expect(await figures(2)).not.toEqual(await figures(1))
  })
  test('at most half of the users are held out', async () => {
    const [result] = await run(['popularity'], { heldUsers: 2_000, clock: new ManualClock() })
    expect(result).toMatchObject({ heldUsers: 45, fittedUsers: 46 })
  })
})

describe('who is held out is a stranger to the fit', () => {
  const files = (train: readonly string[], test: readonly string[]) => {
    const dataset = mkdtempSync(join(scratch, 'rows-'))
    writeFileSync(join(dataset, 'train.txt'), train.join('\n'))
    writeFileSync(join(dataset, 'test.txt'), test.join('\n'))
    return { dataset, format: 'lightgcn', at: 1 }
  }
  test('what only they know is not found for one of them', async () => {
    // Users without a test are never held out: they are half, so all others are.
    const others = Array.from({ length: 8 }, (_, n) => `other${n} x y z`)
    const held = Array.from({ length: 7 }, (_, n) => `held${n} a b`)
    const place = files(
      [...others, ...held, 'asked a'],
      [...held.map((h) => h.replace('a b', 'x')), 'asked b'],
    )
    const [result] = await run(['rp3beta'], place)
    expect(result).toMatchObject({ heldUsers: 8, fittedUsers: 8 })
    expect(recallAt(result!, 1)).toBe(0)
  })
  test('their number is nobody of the fit', async () => {
    // Long enough for the fold to hold something out.
    const long = Array.from({ length: 40 }, (_, n) => `x${n}`).join(' ')
    const place = files(['first a b', `other ${long}`, 'asked a'], ['asked b'])
    const [result] = await run(['user-neighbours'], place)
    expect(result).toMatchObject({ heldUsers: 1, fittedUsers: 2 })
    expect(recallAt(result!, 1)).toBe(1)
  })
})

test('a model that knows only its own users is refused by name', () => {
  const refused = (name: string, text: string) =>
    expect(() => strangerModel(name)).toThrow(
      expect.objectContaining({
        code: 'EVALUATION_OPTIONS',
        message: expect.stringContaining(text),
      }),
    )
  refused('two-tower', 'users it was not fitted on')
  refused('magic', 'one of popularity')
})

test('nobody to hold out', async () => {
  const path = join(scratch, 'few.txt')
  writeFileSync(path, 'a 1 2 3 4\n')
  await expect(run(['popularity'], { dataset: path })).rejects.toMatchObject({
    code: 'EVALUATION_DATA',
  })
})
