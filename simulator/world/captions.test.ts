import { describe, expect, test } from 'vitest'
import { shareFound } from '../../tests/probes.ts'
import { bagRows, foundByCounts, pairsOf, wordReader, wordsIn } from '../../tests/word-readers.ts'
import { boardTitle, families, LatentWorld, pinEntry, topics } from './index.ts'
import { everySwitch } from './latent/index.ts'

const count = 4_000
const held = 500
const size = { seed: 4, users: 1, pins: count }
const world = new LatentWorld(size)
const entries = Array.from({ length: count }, (_, pin) => pinEntry(world, pin))
const topicOf = (pin: number) => world.pins.topic[pin]!

describe('what a text tells of its topic', { timeout: 60_000 }, () => {
  const titles = entries.map(({ title }) => wordsIn(title))
  const counted = (bags: readonly (readonly string[])[]) =>
    foundByCounts(bags, { classes: topics.length, classOf: topicOf, held })

  test('a softmax regression on words finds few: those where a thing is named, and a guess', async () => {
    const rows = { count, classes: topics.length, classOf: topicOf, ...bagRows(titles) }
    const share = await shareFound(rows, { reader: wordReader(topics.length), held })
    expect(share).toBeGreaterThan(0.15)
    expect(share).toBeLessThan(0.4)
  })

  test('so does counting words, with descriptions too; counting pairs of words finds most', () => {
    const texts = entries.map(({ title, description }) => wordsIn(title, description))
    expect(counted(titles)).toBeLessThan(0.4)
    expect(counted(texts)).toBeLessThan(0.4)
    expect(counted(titles.map(pairsOf))).toBeGreaterThan(0.6)
  })
})

test('titles and descriptions start with a capital or a number, end in a word or stop, and vary', () => {
  for (const { title, description } of entries) {
    expect(title).toMatch(/^[A-Z0-9][^\n]{3,90}[\p{L}\d²]$/u)
    if (description !== undefined) expect(description).toMatch(/^[A-Z][^\n]{20,200}\.$/)
  }
  expect(new Set(entries.map(({ title }) => title)).size).toBeGreaterThan(2_200)
  const described = entries.filter(({ description }) => description !== undefined).length
  // 4,000 draws of three in four deviate by less than .007.
  expect(Math.abs(described / count - 0.75)).toBeLessThan(0.02)
})

test('the same whenever asked; in a world without pictures there is neither', () => {
  expect(pinEntry(world, 17)).toEqual(entries[17])
  const blank = new LatentWorld({ ...size, switches: { ...everySwitch, pictures: false } })
  const pin = entries.findIndex(({ description }) => description !== undefined)
  const { title, description, ...rest } = entries[pin]!
  expect(title).toMatch(/\w/)
  expect(pinEntry(blank, pin)).toEqual(rest)
})

test('topics and families have names of their own; a title of a board names its topic', () => {
  expect(new Set(topics.map(({ name }) => name)).size).toBe(192)
  expect(new Set(families.map(({ name }) => name)).size).toBe(16)
  for (const [topic, { name }] of topics.entries()) {
    const title = boardTitle(topic, world.random.split('a title').split(topic))
    expect(title.toLowerCase()).toContain(name)
  }
})
