import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gridFor, placeTiles } from './masonry.ts'

const heights = fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 60 })
const width = fc.integer({ min: 200, max: 3_000 })

test('columns fill the width exactly, two at least', () => {
  fc.assert(
    fc.property(width, (given) => {
      const { columns, tileWidth, gap } = gridFor(given)
      expect(columns).toBeGreaterThanOrEqual(2)
      expect(columns * tileWidth + (columns - 1) * gap).toBeCloseTo(given, 6)
    }),
  )
})

test('no two tiles overlap, none leaves the box', () => {
  fc.assert(
    fc.property(width, heights, (given, tall) => {
      const grid = gridFor(given)
      const { spots, height } = placeTiles(tall, grid)
      for (const [i, spot] of spots.entries()) {
        expect(spot.x + grid.tileWidth).toBeLessThanOrEqual(given + 1e-6)
        expect(spot.y + tall[i]!).toBeLessThanOrEqual(height)
        for (let j = 0; j < i; j++) {
          const other = spots[j]!
          const apart = Math.abs(other.x - spot.x) > 1 || other.y + tall[j]! + grid.gap <= spot.y
          expect(apart).toBe(true)
        }
      }
    }),
  )
})

test('a tile never stands higher than the one before it: reading order is rank order', () => {
  fc.assert(
    fc.property(width, heights, (given, tall) => {
      const { spots } = placeTiles(tall, gridFor(given))
      for (let i = 1; i < spots.length; i++) {
        expect(spots[i]!.y).toBeGreaterThanOrEqual(spots[i - 1]!.y)
      }
    }),
  )
})
