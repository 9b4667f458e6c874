import { expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { encodePng } from './png.ts'
import { readPng } from './read-png.ts'

test('what is written is read again', () => {
  const random = new Random(1)
  for (const [width, height] of [
    [1, 1],
    [7, 3],
    [31, 64],
  ] as const) {
    const rgb = Uint8Array.from({ length: width * height * 3 }, () => random.below(256))
    expect(readPng(encodePng(rgb, width, height))).toEqual({ width, height, rgb })
  }
})

test('the reader notices a flipped bit', () => {
  const png = encodePng(new Uint8Array(300), 10, 10)
  png[45]! ^= 1
  expect(() => readPng(png)).toThrow('CRC')
})

test('a buffer of another size is refused', () => {
  expect(() => encodePng(new Uint8Array(10), 2, 2)).toThrow('three bytes a pixel')
})
