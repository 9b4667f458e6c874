import { expect, test } from 'vitest'
import { entryProblem } from '../../base/index.ts'
import { boardTitle, createWorld, families, pinText, topics } from './index.ts'

const world = createWorld({
  seed: 3,
  users: 100,
  pins: 4_000,
  boards: 150,
  until: Date.UTC(2026, 0, 31),
})
const texts = Array.from({ length: 4_000 }, (_, pin) => pinText(world, pin))
const share = (holds: (pin: number) => boolean) =>
  texts.filter((_, pin) => holds(pin)).length / texts.length
const topicOf = (pin: number) => topics[world.pins.topic[pin]!]!

test('topics have names of their own', () => {
  expect(new Set(topics.map((topic) => topic.name)).size).toBe(192)
  expect(new Set(families.map((family) => family.name)).size).toBe(16)
})

test('the same pin reads the same whenever asked', () => {
  expect(pinText(world, 17)).toEqual(texts[17])
})

test('titles start with a capital or a number, end in a word, and vary', () => {
  for (const { title } of texts) expect(title).toMatch(/^[A-Z0-9][^\n]{3,90}[\p{L}\d²]$/u)
  expect(new Set(texts.map((text) => text.title)).size).toBeGreaterThan(2_000)
})

// Shares of 4,000 draws deviate by less than 0.008; the tolerance is three times that.
test('tags: the topic is named for 0.77 of pins, some pins have none, some a wrong one', () => {
  expect(share((pin) => texts[pin]!.tags.includes(topicOf(pin).name))).toBeCloseTo(0.82 * 0.94, 1)
  // No tags at all by chance 0.06, or because no draw gave one.
  const bare = share((pin) => texts[pin]!.tags.length === 0)
  expect(bare).toBeGreaterThan(0.05)
  expect(bare).toBeLessThan(0.12)
  const names = new Set(topics.map((topic) => topic.name))
  const wrong = share((pin) =>
    texts[pin]!.tags.some(
      (tag) =>
        names.has(tag) &&
        tag !== topicOf(pin).name &&
        tag !== topics[world.pins.second[pin]!]?.name,
    ),
  )
  expect(wrong).toBeGreaterThan(0.03)
  expect(wrong).toBeLessThan(0.09)
})

test('the category is an observation: absent for a seventh, wrong for some', () => {
  const category = (pin: number) => texts[pin]!.category
  const absent = share((pin) => category(pin) === undefined)
  expect(Math.abs(absent - 1 / 7)).toBeLessThan(0.02)
  const right = share((pin) => category(pin) === families[topicOf(pin).family]!.name)
  expect(right).toBeGreaterThan(0.79)
  expect(right).toBeLessThan(0.83)
})

test('every text fits the limits of an entry', () => {
  for (const [pin, { title, tags, category }] of texts.entries()) {
    const entry = { kind: 'pin', id: `p${pin}`, time: 0, title, tags, topic: category }
    expect(entryProblem(entry)).toBeUndefined()
  }
})

test('board titles name the topic', () => {
  for (let board = 0; board < 150; board++) {
    const name = topics[world.boards.topic[board]!]!.name
    expect(boardTitle(world, board).toLowerCase()).toContain(name)
  }
})
