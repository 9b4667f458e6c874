import { expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { createWorld } from '../world/index.ts'
import { interestAt, PastFeed } from './past-feed.ts'

const world = createWorld({
  seed: 4,
  users: 20,
  pins: 300,
  boards: 30,
  topics: 20,
  until: Date.UTC(2026, 0, 31),
})

test('the propensity is the chance of being drawn', () => {
  const feed = new PastFeed(world)
  const random = new Random(1)
  const born = 250
  for (let i = 0; i < 400; i++) feed.noteSave(Math.floor(born * random.unit() ** 2))
  const draws = 200_000
  for (const user of [0, 7]) {
    const drawn = new Uint32Array(300)
    for (let i = 0; i < draws; i++) drawn[feed.slate({ user, born, length: 1 }, random)[0]!.pin]!++
    let sum = 0
    for (let pin = 0; pin < born; pin++) {
      const chance = feed.propensity(user, pin, born)
      sum += chance
      // Five deviations of a binomial: among 500 comparisons one beyond has chance 0.0003.
      const deviation = Math.sqrt((chance * (1 - chance)) / draws)
      expect(Math.abs(drawn[pin]! / draws - chance)).toBeLessThan(5 * deviation)
    }
    expect(sum).toBeCloseTo(1, 9)
    expect(drawn.subarray(born).every((count) => count === 0)).toBe(true)
  }
})

test('below the first rank, the propensity is that of what is left', () => {
  const feed = new PastFeed(world)
  for (let pin = 0; pin < 50; pin++) feed.noteSave(pin)
  const slots = feed.slate({ user: 2, born: 300, length: 12 }, new Random(3))
  expect(new Set(slots.map((slot) => slot.pin)).size).toBe(12)
  let left = 1
  for (const { pin, propensity } of slots) {
    const chance = feed.propensity(2, pin, 300)
    expect(propensity).toBeCloseTo(chance / left, 12)
    left -= chance
  }
})

test('before the first save, popular slots are uniform', () => {
  const feed = new PastFeed(world)
  let sum = 0
  for (let pin = 0; pin < 300; pin++) sum += feed.propensity(3, pin, 300)
  expect(sum).toBeCloseTo(1, 9)
})

test('interests are drawn by their weights 1, 0.65, 0.65^2, …', () => {
  const total = 1 + 0.65 + 0.65 ** 2
  const edge = 1 / total
  expect(interestAt(0, 3)).toBe(0)
  expect(interestAt(edge - 1e-9, 3)).toBe(0)
  expect(interestAt(edge + 1e-9, 3)).toBe(1)
  expect(interestAt(1.65 / total + 1e-9, 3)).toBe(2)
  expect(interestAt(1 - 2 ** -32, 3)).toBe(2)
  expect(interestAt(0.999, 1)).toBe(0)
})
