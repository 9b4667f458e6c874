import { expect, test } from 'vitest'
import { topics } from '../vocabulary.ts'
import { LatentWorld } from './latent-world.ts'
import { Shelves } from './shelves.ts'

test.each([5, 40, 3_000])(
  'the shelves of %i pins hold each once, under its topic, by birth',
  (pins) => {
    const world = new LatentWorld({ seed: 3, users: 1, pins })
    const shelves = new Shelves(world)
    for (const born of [0, 1, Math.floor(pins / 2), pins]) {
      const found: number[] = []
      for (const topic of topics.keys()) {
        const mine = Array.from({ length: shelves.born(topic, born) }, (_, i) =>
          shelves.pin(topic, i),
        )
        expect(mine).toEqual(mine.toSorted((a, b) => a - b))
        expect(mine.every((pin) => world.pins.topic[pin] === topic)).toBe(true)
        found.push(...mine)
      }
      expect(found.toSorted((a, b) => a - b)).toEqual([...Array(born).keys()])
      const isAll = topics.every((_, topic) => shelves.born(topic, born) > 0)
      expect(born >= shelves.allFrom).toBe(isAll)
    }
  },
)
