import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Interner, type PinIndex, type TagIndex } from '../../base/index.ts'
import { FeatureTable } from '../features/feature-table.ts'
import { ActiveRules } from './active-rules.ts'
import { qualityOf } from './quality.ts'
import { readRules } from './read-rules.ts'
import { roomOf, rulesDefaults } from './rules.ts'
import { rankingOf, rulesWith } from './testing.ts'

describe('a document of rules', () => {
  test('what it leaves out is as ever', () => {
    expect(readRules('{}', 'r.json')).toEqual(rulesDefaults)
    const rules = readRules('{"explore": {"slots": 2}, "caps": {"soft": {}}}', 'r.json')
    expect(rules.explore).toEqual({ ...rulesDefaults.explore, slots: 2 })
    expect(rules.caps).toEqual({ hard: {}, soft: {} })
    expect(rules.diversity).toEqual(rulesDefaults.diversity)
  })
  test('every rule can be said', () => {
    const text = JSON.stringify({
      caps: { hard: { board: { count: 2 }, creator: { count: 1, share: 0.5 } }, soft: {} },
      block: { tags: ['spam'] },
      languages: { allow: ['en', 'de'], unknown: false },
      quality: { min: 0.01 },
      served: { requests: 5, hours: 12.5 },
      duplicates: { allow: true },
      diversity: { method: 'dpp', lambda: 0.5, pool: 100 },
      explore: { slots: 1, chance: 0.2, from: 'fresh', pool: 20 },
    })
    expect(readRules(text, 'r.json')).toEqual(JSON.parse(text))
  })
  test('the one of the README is read', () => {
    const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
    const [, text = ''] = /```json\n([\s\S]+?)```/.exec(readme) ?? []
    expect(readRules(text, 'README.md')).toEqual(JSON.parse(text))
  })
  test('all problems are told at once, each by name', () => {
    const text = JSON.stringify({
      caps: { hard: { board: { count: 0, share: 2 }, colour: {} } },
      block: { tags: 'spam' },
      languages: { unknown: 'no' },
      diversity: { method: 'ssd', lambda: '0.5' },
      explore: 7,
      extra: 1,
    })
    const message = (() => {
      try {
        readRules(text, 'r.json')
      } catch (error) {
        expect(error).toMatchObject({ code: 'RULES_INVALID', details: { file: 'r.json' } })
        return String(error)
      }
      throw new Error('it was taken')
    })()
    for (const name of [
      '"caps.hard.board.count" is 0; expected a whole number from 1 to 100.',
      '"caps.hard.board.share" is 2; expected a number from 0 to 1.',
      '"caps.hard.colour" is no rule; known here: topic, board, creator.',
      '"block.tags" is "spam"; expected a list',
      '"languages.unknown" is "no"; expected true or false.',
      '"diversity.method" is "ssd"; expected one of off, mmr, dpp.',
      '"diversity.lambda" is "0.5"; expected a number from 0 to 1.',
      '"explore" is 7; expected an object.',
      '"extra" is no rule',
    ]) {
      expect(message).toContain(name)
    }
  })
  test.each(['', '[1', '[]', 'null', '7', '{"__proto__": {}}', '{"caps": {"constructor": {}}}'])(
    'refuses %j',
    (text) => {
      expect(() => readRules(text, 'r.json')).toThrow(
        expect.objectContaining({ code: 'RULES_INVALID' }),
      )
    },
  )
})

test('the room of a cap: its count, its share rounded up and at least 2, the lesser of both', () => {
  expect(roomOf(undefined, 20)).toBe(Number.POSITIVE_INFINITY)
  expect(roomOf({ count: 1 }, 20)).toBe(1)
  expect(roomOf({ share: 0.31 }, 10)).toBe(4)
  expect(roomOf({ share: 0 }, 10)).toBe(2)
  expect(roomOf({ count: 3, share: 0.5 }, 20)).toBe(3)
})

test('a name that nobody has used yet is blocked from its first pin on, whichever tag it is', () => {
  const tags = new Interner()
  const features = FeatureTable.create(4)
  const active = new ActiveRules(rulesWith({ block: { tags: ['late'] } }), tags)
  const many = Array.from({ length: 15 }, (_, i) => tags.intern(`t${i}`) as TagIndex)
  features.applyPin(0 as PinIndex, 1, { tags: many })
  expect(active.refusals(features)?.(0)).toBeUndefined()
  const late = tags.intern('late') as TagIndex
  features.applyPin(1 as PinIndex, 1, { tags: [...many, late] })
  features.applyPin(2 as PinIndex, 1, { topic: late })
  const refusal = active.refusals(features)
  expect([0, 1, 2].map((pin) => refusal?.(pin))).toEqual([undefined, 'blocked tag', 'blocked tag'])
})

test('quality: the weights of what people did a showing, drawn to one in twenty', () => {
  const pins = [
    { score: 1 },
    { score: 1, impressions: 200 },
    { score: 1, impressions: 10, saves: 2 },
    { score: 1, saves: 5 },
  ]
  const { features } = rankingOf(pins, rulesDefaults).services
  const qualities = pins.map((_, pin) => qualityOf(features, pin))
  expect(qualities).toEqual([1 / 20, 1 / 220, 3 / 30, 6 / 25])
})
