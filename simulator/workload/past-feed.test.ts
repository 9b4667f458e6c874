import { expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { INTEREST_WEIGHT, interestPlace, LatentWorld } from '../world/index.ts'
import { PastFeed } from './past-feed.ts'

/** So few pins that some topics have none. */
const world = new LatentWorld({ seed: 4, users: 20, pins: 300 })
const interestsOf = (user: number) => world.interestsAt(user, world.options.from)

test('the propensity is the chance of being drawn', () => {
  const feed = new PastFeed(world)
  const random = new Random(1)
  const born = 250
  for (let i = 0; i < 400; i++) feed.noteSave(Math.floor(born * random.unit() ** 2))
  const draws = 50_000
  for (const user of [0, 7]) {
    const interests = interestsOf(user)
    const drawn = new Uint32Array(300)
    for (let i = 0; i < draws; i++)
      drawn[feed.slate({ interests, born, length: 1 }, random)[0]!.pin]!++
    let sum = 0
    for (let pin = 0; pin < born; pin++) {
      const chance = feed.propensity(interests, pin, born)
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
  const interests = interestsOf(2)
  const slots = feed.slate({ interests, born: 300, length: 12 }, new Random(3))
  expect(new Set(slots.map((slot) => slot.pin)).size).toBe(12)
  let left = 1
  for (const { pin, propensity } of slots) {
    const chance = feed.propensity(interests, pin, 300)
    expect(propensity).toBeCloseTo(chance / left, 12)
    left -= chance
  }
})

test('before the first save, popular slots are uniform', () => {
  const feed = new PastFeed(world)
  let sum = 0
  for (let pin = 0; pin < 300; pin++) sum += feed.propensity(interestsOf(3), pin, 300)
  expect(sum).toBeCloseTo(1, 9)
})

test('interests are drawn by their weights 1, 0.75, 0.75^2, …', () => {
  const w = INTEREST_WEIGHT
  const total = 1 + w + w ** 2
  const edge = 1 / total
  expect(interestPlace(0, 3)).toBe(0)
  expect(interestPlace(edge - 1e-9, 3)).toBe(0)
  expect(interestPlace(edge + 1e-9, 3)).toBe(1)
  expect(interestPlace((1 + w) / total + 1e-9, 3)).toBe(2)
  expect(interestPlace(1 - 2 ** -32, 3)).toBe(2)
  expect(interestPlace(0.999, 1)).toBe(0)
})
