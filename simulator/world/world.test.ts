import { describe, expect, test } from 'vitest'
import { createWorld, DAY_MS, NO_TOPIC, pinsBorn, shelfBorn, topics } from './index.ts'

const until = Date.UTC(2026, 0, 31)
const options = { seed: 7, users: 500, pins: 8_000, boards: 800, until }
const world = createWorld(options)

describe('a world', () => {
  test('is the same for the same seed and another for another', () => {
    expect(createWorld(options).pins).toEqual(world.pins)
    expect(createWorld({ ...options, seed: 8 }).pins.topic).not.toEqual(world.pins.topic)
  })

  test('draws each individual apart: more of them change nobody', () => {
    const larger = createWorld({ ...options, pins: 9_000, users: 600, boards: 500 })
    expect(larger.pins.topic.subarray(0, 8_000)).toEqual(world.pins.topic)
    expect(larger.pins.quality.subarray(0, 8_000)).toEqual(world.pins.quality)
    expect(larger.users.style.subarray(0, 500)).toEqual(world.users.style)
    expect(larger.boards.topic.subarray(0, 500)).toEqual(world.boards.topic.subarray(0, 500))
  })

  test('numbers pins by birth, a quarter of them in the last two months', () => {
    const { birth } = world.pins
    for (let i = 1; i < birth.length; i++) expect(birth[i]! >= birth[i - 1]!).toBe(true)
    expect(birth.at(-1)!).toBeLessThan(until)
    const young = 1 - pinsBorn(world, until - 60 * DAY_MS) / options.pins
    // (60 / 720)^(1 / 1.8) = 0.2514, exact but for one pin.
    expect(young).toBeCloseTo(0.2514, 3)
    expect(pinsBorn(world, until)).toBe(options.pins)
    expect(pinsBorn(world, birth[100]!)).toBeLessThanOrEqual(100)
  })

  test('shelves hold every pin once, under its topic, oldest first', () => {
    const { starts, pins } = world.shelves
    expect([...pins].sort((a, b) => a - b)).toEqual([...pins.keys()])
    for (let topic = 0; topic < topics.length; topic++) {
      const shelf = pins.subarray(starts[topic]!, starts[topic + 1]!)
      expect(
        shelf.every((pin, i) => world.pins.topic[pin] === topic && pin > (shelf[i - 1] ?? -1)),
      ).toBe(true)
      const half = shelf.filter((pin) => pin < 4_000).length
      expect(shelfBorn(world, topic, 4_000)).toBe(half)
    }
  })

  test('gives boards the topics of their owners, and everyone a first board', () => {
    const { owner, topic, owned, ownedStarts } = world.boards
    const { interestStarts, interests } = world.users
    for (let board = 0; board < options.boards; board++) {
      const user = owner[board]!
      const likes = interests.subarray(interestStarts[user]!, interestStarts[user + 1]!)
      expect(likes).toContain(topic[board])
      expect([...owned.subarray(ownedStarts[user]!, ownedStarts[user + 1]!)]).toContain(board)
    }
    expect(new Set(owner).size).toBe(options.users)
  })

  test('appeal is heavy-tailed: the best hundredth of pins holds far more than its share', () => {
    const appeal = [...world.pins.appeal].sort((a, b) => b - a)
    const total = appeal.reduce((a, b) => a + b)
    const best = appeal.slice(0, 80).reduce((a, b) => a + b)
    // The uncapped law's share is (1 / 100)^(1 - 0.85) = 0.50; the cap at 400 takes some of it.
    expect(best / total).toBeGreaterThan(0.25)
    expect(Math.max(...appeal)).toBeLessThanOrEqual(400)
  })

  test('interests: distinct, more of them for the busy', () => {
    const { interestStarts, interests, activity } = world.users
    const counts = [...activity].map((_, user) => interestStarts[user + 1]! - interestStarts[user]!)
    for (const user of counts.keys()) {
      const own = interests.subarray(interestStarts[user]!, interestStarts[user + 1]!)
      expect(new Set(own).size).toBe(own.length)
      expect(own.length).toBeGreaterThanOrEqual(1)
    }
    const mean = (of: (user: number) => boolean) => {
      const some = counts.filter((_, user) => of(user))
      return some.reduce((a, b) => a + b) / some.length
    }
    const busy = mean((user) => activity[user]! > 2)
    expect(busy).toBeGreaterThan(mean((user) => activity[user]! <= 2) + 0.5)
  })

  test('a second topic is another topic, for about a quarter of the pins', () => {
    const seconds = [...world.pins.second].filter((topic) => topic !== NO_TOPIC)
    // 0.25, less draws that hit the first topic; the deviation of the share is 0.005.
    expect(seconds.length / options.pins).toBeGreaterThan(0.21)
    expect(seconds.length / options.pins).toBeLessThan(0.26)
    expect(world.pins.second.every((topic, pin) => topic !== world.pins.topic[pin])).toBe(true)
  })

  test('the smallest world stands', () => {
    const tiny = createWorld({ seed: 0, users: 1, pins: 1, boards: 0, topics: 1, until })
    expect(tiny.pins.topic[0]).toBe(0)
    expect(() => createWorld({ ...options, topics: 0 })).toThrow('topics come from the vocabulary')
  })
})
