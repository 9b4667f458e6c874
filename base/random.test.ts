import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Random, threefry } from './random.ts'

/** Known answers of Threefry-2x32-20 from the Random123 distribution (kat_vectors). */
test.each([
  [
    [0, 0, 0, 0],
    [0x6b200159, 0x99ba4efe],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0x1cb996fc, 0xbb002be7],
  ],
  [
    [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3],
    [0xc4923a9c, 0x483df7a0],
  ],
])('threefry of %j', ([k0, k1, c0, c1], expected) => {
  const out = new Uint32Array(2)
  threefry(k0! | 0, k1! | 0, c0! | 0, c1! | 0, out)
  expect([...out]).toEqual(expected)
})

test('seeking is skipping', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(200), (seed, n) => {
      const skipped = new Random(seed)
      for (let i = 0; i < n; i++) skipped.u32()
      expect(new Random(seed).seek(n).u32()).toBe(skipped.u32())
    }),
  )
})

test('a split stream does not depend on what was drawn, and differs by label', () => {
  const a = new Random(3)
  const before = a.split('x').u32()
  a.u32()
  expect(a.split('x').u32()).toBe(before)
  expect(a.split('y').u32()).not.toBe(before)
  expect(new Random(4).split('x').u32()).not.toBe(before)
})

test('draws have their laws', () => {
  // 50,000 draws: a mean's standard error is .0045 for the normal, .006 for Poisson(2).
  const random = new Random(11)
  const mean = (draw: () => number) => {
    let sum = 0
    for (let i = 0; i < 50_000; i++) sum += draw()
    return sum / 50_000
  }
  expect(mean(() => random.unit())).toBeCloseTo(0.5, 1)
  expect(Math.abs(mean(() => random.normal()))).toBeLessThan(0.03)
  // Euler's constant; the deviation is 1.28, so that five errors of the mean are .029.
  expect(Math.abs(mean(() => random.gumbel()) - 0.57722)).toBeLessThan(0.03)
  expect(Math.abs(mean(() => random.poisson(2)) - 2)).toBeLessThan(0.04)
  expect(Math.abs(mean(() => random.below(7)) - 3)).toBeLessThan(0.05)
})
