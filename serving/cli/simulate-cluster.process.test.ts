/** The command as a person runs it; the model itself is tested in `simulator/cluster`. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { plainCalibration } from '../../simulator/cluster/testing.ts'
import { readCalibration } from '../../simulator/index.ts'
import { type CalibrationBench, calibrate } from '../jobs/calibrate-cluster.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-cluster-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const calibration = join(scratch, 'calibration.json')
writeFileSync(calibration, JSON.stringify(plainCalibration))

type Ended = { readonly code: number; readonly out: string; readonly err: string }
function cluster(...words: readonly string[]): Promise<Ended> {
  const all = ['serving/pinwheel.mjs', 'simulate', 'cluster', ...words]
  return new Promise((resolve) => {
    execFile(process.execPath, all, { timeout: 60_000 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, out, err })
    })
  })
}

const small = ['--scenario', 'phase1', '--calibration', calibration]

describe('a scenario', () => {
  test('as one JSON document', { timeout: 60_000 }, async () => {
    const { code, out } = await cluster(...small, '--budget', '9e4', '--no-cache', '--json')
    expect(code).toBe(0)
    const { scenarios, options, assumptions, seed } = JSON.parse(out)
    expect(scenarios).toHaveLength(1)
    expect(options).toMatchObject({ cache: false, batch: true })
    expect(assumptions).toHaveProperty('sidecarCpuMs')
    expect(seed).toBe(1)
    expect(scenarios[0]).toMatchObject({
      latencyMs: { p50: expect.any(Number), p999: expect.any(Number) },
      budget: 90_000,
      cacheHits: 0,
      breaks: { first: expect.any(String) },
    })
  })

  test('as tables, with claims beside what was found', { timeout: 60_000 }, async () => {
    const { code, out } = await cluster(...small)
    expect(code).toBe(0)
    expect(out).toContain('claimed, unverified')
    expect(out).toMatch(/^phase1 +tags /m)
    expect(out).toMatch(/hosts reserved for three .* 60 %/)
  })

  test.each([
    [['--scenario', 'phase9'], 2, 'SCENARIO_UNKNOWN'],
    [[...small, '--users', '0'], 2, 'CLUSTER_OPTIONS'],
    [[...small, '--edges', '1e13'], 1, 'CLUSTER_TOO_LARGE'],
    [[...small, '--cost-book', '/nowhere/book.json'], 1, 'FILE_UNREADABLE'],
    [[...small, '--cost-book', calibration], 1, 'COST_BOOK_INVALID'],
    [['--calibration', 'package.json'], 1, 'CALIBRATION_INVALID'],
    [['--check', 'package.json', '--measured', 'package.json'], 1, 'MEASUREMENT_INVALID'],
    [['--check', calibration], 2, 'CLUSTER_OPTIONS'],
  ])('%j is refused', async (words, exit, name) => {
    const { code, out, err } = await cluster(...words)
    expect(err).toContain(`[${name}]`)
    expect(err).not.toMatch(/\n\s+at /)
    expect([code, out]).toEqual([exit, ''])
  })
})

test('a prediction is written, and held against what was measured', async () => {
  const file = join(scratch, 'prediction.json')
  const asked = ['--predict', file, '--rates', '40,80', '--slo', '100']
  expect((await cluster(...asked, '--calibration', calibration)).code).toBe(0)
  const { rates } = JSON.parse(readFileSync(file, 'utf8'))
  const measured = (share: number) => {
    const path = join(scratch, `live-${share}.json`)
    const [{ p50, p99, rate }] = rates
    const feed = { latencyMs: { p50: share * p50, p99: share * p99 } }
    writeFileSync(path, JSON.stringify({ offeredPerSecond: rate, feed }))
    return path
  }
  const near = await cluster('--check', file, '--measured', measured(1.1), '--json')
  expect([near.code, JSON.parse(near.out).held.length]).toEqual([0, 2])
  const far = await cluster('--check', file, '--measured', measured(1.1), measured(1.4))
  expect(far.code).toBe(1)
  expect(far.out).toMatch(/p50 at 40\/s, ms .* 40 % +no/)
})

describe('a calibration', () => {
  const { demo, large, listMs, bytes } = plainCalibration
  const stored = (each: string, of: { each: number }) => ({ [each]: of.each, ...of })
  const figures: Record<CalibrationBench, Record<string, unknown>> = {
    'serving/requests': { ...demo, batch: { ...demo.batch, events: 100 } },
    'serving/deep-requests': large,
    'actors/ingest': { baseline: { p50: 0.8, p99: 2 } },
    'actors/activation': { activationsPerCpuSecond: 400_000 },
    'ranking/batch': { cpuMsPerUser: listMs },
    'graph/build': { bytesPerEdgeWithNumbers: 9.5 },
    'simulator/bytes': {
      log: stored('bytesPerEntry', bytes.log),
      user: stored('bytesEach', bytes.user),
      pin: stored('bytesEach', bytes.pin),
    },
  }
  const about = { size: 'small', commit: 'c', date: '2026-11-27' } as const

  test('is what the benches say, in the form that the model reads', async () => {
    const found = await calibrate({ ...about, run: async (name) => figures[name] })
    const told = readCalibration(JSON.stringify(found), 'found')
    expect(told).toEqual({ ...plainCalibration, machine: told.machine, commit: 'c' })
    expect(told.machine).toMatch(/^\d+ cores, /)
  })

  test('a figure that a bench no longer gives is named', async () => {
    const run = async (name: CalibrationBench) =>
      name === 'graph/build' ? { edgesPerSecond: 1 } : figures[name]
    await expect(calibrate({ ...about, run })).rejects.toMatchObject({
      code: 'CALIBRATION_FAILED',
      message: expect.stringContaining('graph/build'),
    })
  })
})
