/** A report on disk: whole whenever somebody looks, partial until the run ends, kept in a kill. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ManualClock, systemClock } from '../../base/index.ts'
import type { RunReport } from '../../simulator/index.ts'
import { everyKind } from '../../simulator/report/testing.ts'
import { ReportFile, withReport } from './report-file.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-report-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
let folders = 0

function place() {
  const folder = mkdtempSync(join(scratch, `${folders++}-`))
  const path = join(folder, 'run.html')
  const clock = new ManualClock()
  const problems: Error[] = []
  const file = new ReportFile({ path, clock, everyMs: 1_000, onProblem: (p) => problems.push(p) })
  const read = () => JSON.parse(readFileSync(file.jsonPath, 'utf8')) as RunReport
  const isPartial = () => readFileSync(path, 'utf8').includes('<strong>Partial.</strong>')
  return { folder, path, clock, problems, file, read, isPartial }
}
const titled = (title: string): RunReport => ({ ...everyKind, title })

test('partial from the first second, then every interval, whole at the end', async () => {
  const { folder, clock, file, read, isPartial } = place()
  let drafts = 0
  await withReport(
    file,
    () => titled(`draft ${++drafts}`),
    async (tick) => {
      expect(read()).toMatchObject({ title: 'draft 1', partial: expect.stringContaining('ended') })
      expect(isPartial()).toBe(true)
      for (let ms = 0; ms < 2_500; ms += 100) {
        clock.advance(100)
        await tick()
      }
      expect(drafts).toBe(3)
      expect(read().title).toBe('draft 3')
    },
  )
  expect(read()).toEqual({ version: 1, ...titled('draft 4') })
  expect(isPartial()).toBe(false)
  expect(readdirSync(folder).sort()).toEqual(['run.html', 'run.json'])
})

test('a run that fails leaves what there was, and why', async () => {
  const { file, read } = place()
  const run = withReport(
    file,
    () => everyKind,
    () => Promise.reject(new Error('the target died')),
  )
  await expect(run).rejects.toThrow('the target died')
  expect(read().partial).toBe('The run failed: the target died')
})

test('a run may call itself partial', async () => {
  const { file, read } = place()
  const partial = 'The target stopped answering.'
  await withReport(
    file,
    () => ({ ...everyKind, partial }),
    async () => {},
  )
  expect(read().partial).toBe(partial)
})

test('a run without a report runs', async () => {
  const draft = () => {
    throw new Error('nobody asked')
  }
  expect(await withReport(undefined, draft, async () => 7)).toBe(7)
})

describe('a disk that refuses', () => {
  /** What is written next is written to a device that is always full. */
  const fill = (path: string) => symlinkSync('/dev/full', `${path}.new`)

  test.skipIf(!existsSync('/dev/full'))('full: told once, the run goes on, and heals', async () => {
    const { path, clock, file, problems, read } = place()
    await withReport(
      file,
      () => everyKind,
      async (tick) => {
        for (let round = 0; round < 3; round++) {
          fill(file.jsonPath)
          clock.advance(1_000)
          await tick()
          expect(existsSync(path)).toBe(true)
        }
        expect(problems).toHaveLength(1)
        expect(problems[0]).toMatchObject({ code: 'FILE_UNWRITABLE' })
        expect(problems[0]?.message).toContain('ENOSPC')
        clock.advance(1_000)
        await tick()
        fill(file.jsonPath)
        clock.advance(1_000)
        await tick()
        expect(problems).toHaveLength(2)
      },
    )
    expect(read().partial).toBeUndefined()
  })
  test('a folder that is not there is told before the run begins', async () => {
    const file = new ReportFile({ path: join(scratch, 'no', 'x.html'), clock: new ManualClock() })
    let ran = false
    const run = withReport(
      file,
      () => everyKind,
      async () => {
        ran = true
      },
    )
    await expect(run).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
    expect(ran).toBe(false)
  })
})

describe('a run of the program that is ended half-way', () => {
  const children: ChildProcess[] = []
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
  })
  const start = async (folder: string) => {
    const path = join(folder, 'run.html')
    const words = ['simulate', 'chaos', '--seeds', '1000000', '--report', path]
    const child = spawn(process.execPath, ['serving/pinwheel.mjs', ...words], { stdio: 'ignore' })
    children.push(child)
    const json = () => JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as RunReport
    for (let n = 0; n < 300 && !existsSync(path); n++) await systemClock.sleep(100)
    return { child, ended: once(child, 'exit'), path, json }
  }
  const isWhole = (path: string) => readFileSync(path, 'utf8').endsWith('</html>\n')

  test('SIGKILL leaves a readable partial report', async () => {
    const { child, ended, path, json } = await start(mkdtempSync(join(scratch, 'kill-')))
    child.kill('SIGKILL')
    await ended
    expect(isWhole(path)).toBe(true)
    expect(json().partial).toContain('had not ended')
  })
  test('SIGTERM leaves one that says so, and ends the run as ever', async () => {
    const { child, ended, path, json } = await start(mkdtempSync(join(scratch, 'term-')))
    child.kill('SIGTERM')
    expect(await ended).toEqual([null, 'SIGTERM'])
    expect(isWhole(path)).toBe(true)
    expect(json().partial).toBe('The run was told to stop (SIGTERM).')
  })
})
