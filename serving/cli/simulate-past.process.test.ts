/** The past of a world in a directory, as a person makes it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-past-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const data = join(scratch, 'data')

function pinwheel(...words: string[]) {
  const program = ['serving/pinwheel.mjs', ...words]
  return spawnSync(process.execPath, program, { encoding: 'utf8', timeout: 60_000 })
}
const past = (...size: string[]) => pinwheel('simulate', 'past', '--data', data, '--json', ...size)

test('it has as many people, pins and events as asked for, once', { timeout: 180_000 }, () => {
  const size = ['--users', '40', '--pins', '300', '--events', '2000']
  const made = past(...size)
  expect(made.stderr).not.toContain('pinwheel:')
  const told = JSON.parse(made.stdout)
  expect(told).toMatchObject({ users: 40, pins: 300, events: 2_000, edges: expect.any(Number) })
  // People and pins beside the events, and the boards that people made.
  expect(told.entries).toBeGreaterThan(2_340)
  expect(told.edges).toBeGreaterThan(100)
  const exported = pinwheel('export', '--data', data)
  const kinds = exported.stdout.split('\n').filter((line) => line !== '')
  expect(kinds).toHaveLength(told.entries)
  expect(kinds.filter((line) => line.includes('"kind":"pin"'))).toHaveLength(300)
  const again = past(...size)
  expect(again.status).toBe(2)
  expect(again.stderr).toContain('expected an empty directory')
})

test('a world without pins is refused', () => {
  const { status, stderr } = past('--pins', '0')
  expect(status).not.toBe(0)
  expect(stderr).toContain('at least 1')
})
