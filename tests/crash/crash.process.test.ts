/** Thirty kills of real processes: nothing that was acknowledged is lost or applied twice. */
import { describe, expect, test } from 'vitest'
import { crashPoints } from './crash-disk.ts'
import { crashRounds } from './rounds.ts'

test('thirty rounds of SIGKILL, at every named point and anywhere', async () => {
  const { deaths, ...result } = await crashRounds({ rounds: 30, seed: 1 })
  expect(result).toMatchObject({ lost: 0, doubled: 0, refused: 0, failures: [] })
  for (const point of [...crashPoints, 'loaded', 'starting'] as const) {
    expect(deaths[point]).toBeGreaterThanOrEqual(1)
  }
  expect(deaths.server).toBe(5)
  // Else nothing was at stake.
  expect(result.acknowledged).toBeGreaterThan(2_000)
  expect(result.resent).toBeGreaterThan(20)
}, 240_000)

describe.each(['embedded', 'server'] as const)('a planted bug: the %s host', (host) => {
  test('that acknowledges early is found out, by us or by itself', async () => {
    const schedule = [{ host, rounds: 5 }]
    const mutant = 'acknowledges-early'
    const result = await crashRounds({ rounds: 5, seed: 1, schedule, mutant })
    expect(result.lost + result.refused).toBeGreaterThan(0)
    expect(result.failures).toHaveLength(1)
    expect(result.failures[0]).toContain('again: node tests/crash/rounds.ts --seed 1 --first 0')
  }, 60_000)

  test('that applies twice is found out', async () => {
    const schedule = [{ host, rounds: 1 }]
    const result = await crashRounds({ rounds: 1, seed: 1, schedule, mutant: 'applies-twice' })
    expect(result.doubled).toBeGreaterThan(0)
  }, 60_000)
})
