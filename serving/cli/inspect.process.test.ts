/** `pinwheel inspect`, in a process of its own. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, stopServer } from '../../tests/setup/server.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-inspect-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const data = join(scratch, 'data')
const run = (...words: string[]) =>
  spawnSync(process.execPath, ['serving/pinwheel.mjs', ...words], { encoding: 'utf8' })
const inspect = (...words: string[]) => run('inspect', ...words, '--data', data)

const entries = [
  { kind: 'pin', id: 'p1', time: 1e12, title: 'Bowl\u001b[2J', tags: ['clay'] },
  { kind: 'save', id: 'e1', time: 1e12, user: 'u/1 x', pin: 'p1', board: 'b1' },
  { kind: 'save', id: 'e2', time: 1.1e12, user: 'u/1 x', pin: 'p2' },
  { kind: 'closeup', id: 'e3', time: 1.2e12, user: 'u2', pin: 'p1' },
]

beforeAll(() => {
  const source = join(scratch, 'source.jsonl')
  writeFileSync(source, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  run('import', '--format', 'jsonl', source, '--data', data)
})

test('a user: state by outside ids, partition, bytes, the last entry of the log', () => {
  const found = JSON.parse(inspect('user', 'u/1 x', '--json').stdout)
  expect(found).toMatchObject({ space: 'user', id: 'u/1 x', storedBytes: expect.any(Number) })
  expect(found.last).toEqual({ position: 2, time: 1.1e12, kind: 'save', entries: 2 })
  expect(found.state.actions.map(({ pin }: { pin: string }) => pin)).toEqual(['p1', 'p2'])
  expect(found.storedBytes).toBeGreaterThan(20)
  const text = inspect('user', 'u/1 x').stdout
  expect(text).toMatch(/own entries in the log +2/)
  expect(text).toMatch(/counts +save 2\n/)
  expect(text).toContain('actions (2 of 2, newest first)')
  expect(text).toMatch(/p2 +\(unnamed\) +- +2004-11-09 11:33:20Z +1 +save/)
  expect(inspect('user', 'u/1 x', '--rows', '1').stdout).toContain('actions (1 of 2,')
})

test('a pin: what was told of it; control characters reach no terminal', () => {
  const { state } = JSON.parse(inspect('pin', 'p1', '--json').stdout)
  expect(state).toMatchObject({ title: 'Bowl\u001b[2J', told: 1e12, tags: expect.any(Array) })
  const { stdout } = inspect('pin', 'p1')
  expect(stdout).toContain('Bowl\ufffd[2J')
  expect(stdout).toMatch(/tags +clay\n/)
})

test('who is not there, wrong words and no directory are refused by name', () => {
  const codes = [
    inspect('user', 'p1'),
    inspect('pin', 'u2'),
    inspect('user', 'u2', '--rows', 'x'),
    run('inspect', 'user', 'u2', '--data', join(scratch, 'none')),
    run('inspect', 'user', 'u2'),
  ].map(({ status, stderr, stdout }) => [status, /\[(\w+)\]$/m.exec(stderr)?.[1], stdout])
  expect(codes).toEqual([
    [1, 'USER_UNKNOWN', ''],
    [1, 'PIN_UNKNOWN', ''],
    [2, 'CONFIG_INVALID', ''],
    [1, 'DIRECTORY_INVALID', ''],
    [2, undefined, ''],
  ])
})

test('while a server has the directory it says where to ask', async () => {
  const server = await startServer(['--data', data])
  const { status, stderr } = inspect('user', 'u/1 x')
  await stopServer(server)
  expect(status).toBe(1)
  expect(stderr).toContain('GET /v1/users/u%2F1%20x/state')
  expect(stderr).toContain('[DIRECTORY_LOCKED]')
})
