/** Thirty kills of a real process: nothing that was acknowledged is lost or applied twice. */
import { expect, test } from 'vitest'
import { crashPoints } from './crash-disk.ts'
import { crashRounds } from './rounds.ts'

test('thirty rounds of SIGKILL, at every named point and anywhere', async () => {
  const result = await crashRounds({ rounds: 30, seed: 1 })
  expect(result).toMatchObject({ lost: 0, doubled: 0, refused: 0 })
  for (const point of [...crashPoints, 'anywhere'] as const) {
    expect(result.deaths[point]).toBeGreaterThanOrEqual(2)
  }
  // Else nothing was at stake.
  expect(result.acknowledged).toBeGreaterThan(2_000)
  expect(result.resent).toBeGreaterThan(20)
}, 240_000)

test('a host that acknowledges early is found out, by us or by itself', async () => {
  const result = await crashRounds({ rounds: 5, seed: 1, mutant: 'acknowledges-early' })
  expect(result.lost + result.refused).toBeGreaterThan(0)
}, 60_000)

test('a host that applies twice is found out', async () => {
  const result = await crashRounds({ rounds: 1, seed: 1, mutant: 'applies-twice' })
  expect(result.doubled).toBeGreaterThan(0)
}, 60_000)
