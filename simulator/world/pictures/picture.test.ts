import { describe, expect, test } from 'vitest'
import { averages, standardise } from '../../../tests/picture-rows.ts'
import { linearReader, shareFound } from '../../../tests/probes.ts'
import { LOOK_SIZE } from '../circle/index.ts'
import { families, LatentWorld, pinPicture, TOPICS_PER_FAMILY, topics } from '../index.ts'
import { everySwitch } from '../latent/index.ts'
import { oklch } from './palette.ts'
import { drawPicture, PICTURE_WIDTH } from './picture.ts'
import { PRINTS } from './print.ts'
import { readPng } from './read-png.ts'

const size = { seed: 2011, users: 1, pins: 3_000 }
const world = new LatentWorld(size)
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

test('a world without pictures has one for all pins', () => {
  const blank = new LatentWorld({ ...size, switches: { ...everySwitch, pictures: false } })
  expect(pinPicture(blank, 5)).toEqual(pinPicture(blank, 6))
  expect(pinPicture(blank, 5)).not.toEqual(pinPicture(world, 5))
})

test('each topic of a family has a print of its own', () => {
  expect(PRINTS).toBe(TOPICS_PER_FAMILY)
})

describe('softmax regression on 8 x 8 averages', { timeout: 60_000 }, () => {
  const count = 900
  const look = (pin: number) => world.pins.look.subarray(pin * LOOK_SIZE, (pin + 1) * LOOK_SIZE)
  /** Share of topics that it finds when pins have these looks. */
  const found = (lookOf: (pin: number) => ArrayLike<number>) => {
    const rows = Array.from({ length: count }, (_, pin) => {
      const random = world.random.split('picture').split(pin)
      const subject = { topic: world.pins.topic[pin]!, look: lookOf(pin), random }
      return averages(drawPicture(subject, 64), 8)
    })
    standardise(rows, count - 300)
    return shareFound(
      {
        count,
        width: rows[0]!.length,
        write: (row, to, at) => to.set(rows[row]!, at),
        classes: topics.length,
        classOf: (pin) => world.pins.topic[pin]!,
      },
      { reader: linearReader(topics.length), held: 300 },
    )
  }

  test('finds few topics, and more where colours tell them', async () => {
    const share = await found(look)
    // The commonest topic is one pin in twenty. Learned from more it is still below 40 %, as
    // `simulator/pictures` measures.
    expect(share).toBeGreaterThan(0.06)
    expect(share).toBeLessThan(0.4)
    const codes = topics.map((_, topic) => {
      const random = world.random.split('code').split(topic)
      return Array.from({ length: LOOK_SIZE }, () => random.normal())
    })
    const coloured = await found((pin) => codes[world.pins.topic[pin]!]!)
    expect(coloured).toBeGreaterThan(share + 0.1)
  })
})

test('OKLCH meets sRGB at white, black and the published red', () => {
  const rounded = (colour: readonly number[]) => colour.map(Math.round)
  expect(rounded(oklch(1, 0, 0))).toEqual([255, 255, 255])
  expect(rounded(oklch(0, 0, 0))).toEqual([0, 0, 0])
  expect(rounded(oklch(0.62796, 0.25768, 29.234))).toEqual([255, 0, 0])
})
