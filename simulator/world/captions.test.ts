import { describe, expect, test } from 'vitest'
import { linearReader, shareFound } from '../../tests/probes.ts'
import { LatentWorld, pinEntry, topics } from './index.ts'
import { everySwitch } from './latent/index.ts'

const count = 4_000
const held = 500
const size = { seed: 4, users: 1, pins: count }
const world = new LatentWorld(size)
const entries = Array.from({ length: count }, (_, pin) => pinEntry(world, pin))
const wordsOf = (text = '') => text.toLowerCase().match(/\p{L}[\p{L}-]*/gu) ?? []

const wordsIn = (...texts: readonly (string | undefined)[]) => [...new Set(texts.flatMap(wordsOf))]
const pairsOf = (words: readonly string[]) =>
  words.flatMap((a, i) => words.slice(i + 1).map((b) => `${a} ${b}`))
const topicOf = (pin: number) => world.pins.topic[pin]!

describe('what a text tells of its topic', { timeout: 60_000 }, () => {
  const titles = entries.map(({ title }) => wordsIn(title))

  test('a softmax regression on words finds few: those where a thing is named, and a guess', async () => {
    const numbers = new Map<string, number>()
    for (const word of titles.flat()) numbers.set(word, numbers.get(word) ?? numbers.size)
    const write = (row: number, to: Float32Array, at: number) => {
      to.fill(0, at, at + numbers.size)
      for (const word of titles[row]!) to[at + numbers.get(word)!] = 1
    }
    const rows = { count, width: numbers.size, write, classes: topics.length, classOf: topicOf }
    const reader = { ...linearReader(topics.length), rate: 0.02, decay: 1e-4, epochs: 6 }
    const share = await shareFound(rows, { reader, held })
    expect(share).toBeGreaterThan(0.15)
    expect(share).toBeLessThan(0.4)
  })

  test('so does counting words, with descriptions too; counting pairs of words finds most', () => {
    const texts = entries.map(({ title, description }) => wordsIn(title, description))
    expect(foundByCounts(titles)).toBeLessThan(0.4)
    expect(foundByCounts(texts)).toBeLessThan(0.4)
    expect(foundByCounts(titles.map(pairsOf))).toBeGreaterThan(0.6)
  })
})

/** Share of topics found by naive Bayes on bags of tokens. */
function foundByCounts(bags: readonly (readonly string[])[]): number {
  const counts = new Map<string, Float64Array>()
  const common = new Float64Array(topics.length).fill(0.1)
  for (const [pin, bag] of bags.slice(0, count - held).entries()) {
    common[topicOf(pin)]!++
    for (const token of bag) {
      const mine = counts.get(token) ?? new Float64Array(topics.length)
      mine[topicOf(pin)]!++
      counts.set(token, mine)
    }
  }
  let right = 0
  for (let pin = count - held; pin < count; pin++) {
    const chances = common.map(Math.log)
    for (const token of bags[pin]!) {
      const mine = counts.get(token)
      if (mine)
        for (let t = 0; t < chances.length; t++)
          chances[t]! += Math.log((mine[t]! + 0.02) / common[t]!)
    }
    if (chances.indexOf(Math.max(...chances)) === topicOf(pin)) right++
  }
  return right / held
}

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
