import { expect, test } from 'vitest'
import { sparkline } from './sparkline.ts'

test.each([
  ['nothing', [], 10, ''],
  ['no room', [1, 2], 0, ''],
  ['a rise from the floor', [0, 1, 2, 3, 4, 5, 6, 7], 8, '▁▂▃▄▅▆▇█'],
  ['heights count from 0', [7, 8], 8, '██'],
  ['below 0 the smallest is the floor', [-4, 0, 4], 8, '▁▅█'],
  ['all 0', [0, 0], 8, '▁▁'],
  ['gaps', [1, Number.NaN, 1], 8, '█ █'],
  ['only gaps', [Number.NaN, Number.POSITIVE_INFINITY], 8, '  '],
  ['means where there is no room', [0, 0, 8, 8, 4, 4], 3, '▁█▅'],
])('%s', (_name, values, width, line) => {
  expect(sparkline(values, width)).toBe(line)
})

test('never wider than asked, and as wide as there are values', () => {
  for (let count = 1; count < 200; count++) {
    const values = Array.from({ length: count }, (_, n) => n)
    expect([...sparkline(values, 30)]).toHaveLength(Math.min(count, 30))
  }
})
