/** Runs a bench in its small size, so that it cannot rot; what it measures is not asserted. */
import { pathToFileURL } from 'node:url'
import { expect } from 'vitest'
import { systemClock } from '../../base/index.ts'
import type { Bench } from '../bench-contract.ts'

export async function runSmall(file: string): Promise<void> {
  const { bench } = (await import(pathToFileURL(file).href)) as { bench: Bench }
  expect(bench.name).toMatch(/^[a-z]+\/[a-z-]+$/)
  const result = await bench.run({ size: 'small', clock: systemClock })
  expect(JSON.stringify(result)).toMatch(/\d/)
  expect(result).toHaveProperty('seed')
}
