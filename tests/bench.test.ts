/** Every bench in its small size, so that it cannot rot; what it measures is not asserted. */
import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { systemClock } from '../base/index.ts'
import type { Bench } from './bench-contract.ts'

const files = globSync('*/bench/*.bench.ts')

test('there are benches', () => expect(files.length).toBeGreaterThanOrEqual(3))

test.each(files)('%s runs, and prints figures', { timeout: 60_000 }, async (file) => {
  const { bench } = (await import(`../${file}`)) as { bench: Bench }
  expect(bench.name).toMatch(/^[a-z]+\/[a-z-]+$/)
  const result = await bench.run({ size: 'small', clock: systemClock })
  expect(JSON.stringify(result)).toMatch(/\d/)
  expect(result).toHaveProperty('seed')
})
