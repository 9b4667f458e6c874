import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import {
  bySpace,
  Interner,
  type Logger,
  ManualClock,
  sharedAllocator,
  silentLogger,
} from '../../base/index.ts'
import { fittedOn, grouped, ITEMS, pinName } from '../../ranking/fitted/testing.ts'
import { type FittedMemory, fittedFolder, saveFitted } from '../../ranking/index.ts'
import { fittedEveryMs, keepFittedFresh } from './fitted.ts'

const directory = mkdtempSync(join(tmpdir(), 'pinwheel-fitted-job-test-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('the newest serves, at start and later; what is damaged is named once, and the former stays', async () => {
  const names = bySpace(() => new Interner({ capacity: 100, allocate: sharedAllocator }))
  for (let item = 0; item < ITEMS; item++) names.pin.intern(pinName(item))
  const used: FittedMemory[] = []
  const errors: string[] = []
  const logger: Logger = {
    ...silentLogger,
    error: (fields: unknown) => errors.push(JSON.stringify(fields)),
  }
  const clock = new ManualClock(5)
  const leaving = new AbortController()
  const useFitted = async (memory: FittedMemory) => void used.push(memory)
  const folder = fittedFolder(directory)
  const save = async (users: number, trainedAt: number) => {
    const { fitted } = await fittedOn(grouped(users), 'rp3beta')
    return saveFitted(folder, fitted, { metrics: {}, entries: 1, users, trainedAt })
  }
  const first = await save(20, 1)
  const { signal } = leaving
  await keepFittedFresh({ names, useFitted }, { directory, clock, logger, signal })
  expect(used.map(({ version }) => version)).toEqual([first.version])

  const second = await save(24, 2)
  const path = join(folder, `${second.version}.fit`)
  const whole = readFileSync(path)
  writeFileSync(path, whole.subarray(0, -9))
  clock.advance(fittedEveryMs)
  await vi.waitFor(() => expect(errors).toHaveLength(1))
  expect(errors[0]).toContain(`${second.version}.fit`)
  // Told once, however often it is looked at.
  for (let look = 0; look < 3; look++) {
    clock.advance(fittedEveryMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const third = await save(28, 3)
  await vi.waitFor(() => {
    clock.advance(fittedEveryMs)
    expect(used.map(({ version }) => version)).toEqual([first.version, third.version])
  })
  expect(errors).toHaveLength(1)
  leaving.abort()
})
