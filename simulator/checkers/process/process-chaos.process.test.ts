/** The real program under faults that are real, and programs with planted bugs that are found. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../base/index.ts'
import { processFaults } from '../../faults/process/process-faults.ts'
import { mayMount } from '../../faults/process/tight-disk.ts'
import { processChaos } from './process-chaos.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-process-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const common = { program: 'serving/pinwheel.mjs', scratch, clock: systemClock, seed: 1 }

test('each fault once: nothing is lost, doubled or stale, and it comes back', async () => {
  const rounds = processFaults.length
  const result = await processChaos({ ...common, rounds })
  expect(result).toMatchObject({ lost: 0, doubled: 0, stale: 0, wentBack: 0, wrong: [] })
  const struck = processFaults.filter(({ needsTightDisk }) => !needsTightDisk || mayMount(scratch))
  const names = struck.map(({ name }) => name)
  expect(new Set(result.rounds.map(({ fault }) => fault))).toEqual(new Set(names))
  expect(Object.keys(result.absent)).toHaveLength(processFaults.length - struck.length)
  for (const { recoveryMs } of result.rounds) expect(recoveryMs).toBeGreaterThanOrEqual(0)
  // Else nothing was at stake.
  expect(result.acknowledged).toBeGreaterThan(100)
  expect(result.reads).toBeGreaterThan(50)
  expect(result.refusals['broken']).toBeGreaterThan(0)
  if (mayMount(scratch)) expect(result.refusals['LOG_WRITE_FAILED']).toBeGreaterThan(0)
  expect(readdirSync(scratch)).toEqual([])
}, 240_000)

describe('a planted bug is found: a server that', () => {
  test('acknowledges before its flush', async () => {
    const imports = [new URL('../../../tests/setup/writes-late.ts', import.meta.url).href]
    const result = await processChaos({ ...common, rounds: 2, faults: ['kill'], imports })
    expect(result.lost + result.wrong.length).toBeGreaterThan(0)
  }, 120_000)

  test('ends by itself', async () => {
    const imports = ['data:text/javascript,setTimeout(() => process.exit(3), 4000)']
    const result = await processChaos({ ...common, rounds: 9, faults: ['pause'], imports })
    expect(result.wrong.length).toBeGreaterThan(0)
    expect(result.wrong.join()).toContain('ended')
  }, 120_000)
})

test('a run that is told to stop ends soon, says so, and leaves nothing behind', async () => {
  const stop = new AbortController()
  const faults = ['pause', 'full disk']
  const onRound = () => stop.abort()
  const signal = stop.signal
  const result = await processChaos({ ...common, rounds: 50, faults, onRound, signal })
  expect(result.isStopped).toBe(true)
  expect(result.rounds).toHaveLength(1)
  expect(result.wrong).toEqual([])
  expect(readdirSync(scratch)).toEqual([])
}, 120_000)
