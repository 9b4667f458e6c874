import { expect, test } from 'vitest'
import { createWorld, families, TOPICS_PER_FAMILY } from '../index.ts'
import { oklch } from './palette.ts'
import { PICTURE_WIDTH, pinPicture } from './picture.ts'
import { readPng } from './read-png.ts'

const world = createWorld({
  seed: 2011,
  users: 1,
  pins: 3_000,
  boards: 0,
  until: Date.UTC(2026, 0, 31),
})
const familyOf = (pin: number) => Math.floor(world.pins.topic[pin]! / TOPICS_PER_FAMILY)
/** Three pins of every family. */
const some = families.flatMap((_, family) =>
  Array.from({ length: 3_000 }, (_, pin) => pin)
    .filter((pin) => familyOf(pin) === family)
    .slice(0, 3),
)

test('every family draws a picture with many colours, in several heights', () => {
  const heights = new Set<number>()
  expect(some).toHaveLength(48)
  for (const pin of some) {
    const { width, height, rgb } = readPng(pinPicture(world, pin))
    expect(width).toBe(PICTURE_WIDTH)
    heights.add(height)
    const colours = new Set<number>()
    for (let i = 0; i < rgb.length; i += 3) {
      colours.add((rgb[i]! << 16) | (rgb[i + 1]! << 8) | rgb[i + 2]!)
    }
    expect(colours.size).toBeGreaterThan(20)
  }
  expect(heights.size).toBeGreaterThan(4)
})

test('a picture is the same whenever asked, and a pin has its own', () => {
  expect(pinPicture(world, 5)).toEqual(pinPicture(world, 5))
  expect(new Set(some.map((pin) => pinPicture(world, pin).toString('base64'))).size).toBe(48)
})

test('OKLCH meets sRGB at white, black and the published red', () => {
  const rounded = (colour: readonly number[]) => colour.map(Math.round)
  expect(rounded(oklch(1, 0, 0))).toEqual([255, 255, 255])
  expect(rounded(oklch(0, 0, 0))).toEqual([0, 0, 0])
  expect(rounded(oklch(0.62796, 0.25768, 29.234))).toEqual([255, 0, 0])
})
