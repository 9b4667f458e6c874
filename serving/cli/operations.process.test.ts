/** What an operator does to a data directory, each command in a process of its own. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, stopServer } from '../../tests/setup/server.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-operations-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const data = join(scratch, 'data')
const saved = join(scratch, 'saved')
const run = (...words: string[]) =>
  spawnSync(process.execPath, ['serving/pinwheel.mjs', ...words], { encoding: 'utf8' })

beforeAll(() => {
  const source = join(scratch, 'source.jsonl')
  const lines = Array.from({ length: 200 }, (_, n) => {
    const entry = { kind: 'save', id: `e${n}`, time: n, user: `user-${n % 7}`, pin: `p${n % 30}` }
    return `${JSON.stringify(entry)}\n`
  })
  writeFileSync(source, lines.join(''))
  run('import', '--format', 'jsonl', source, '--data', data)
  run('backup', '--data', data, '--to', saved)
})

test('doctor: lines for people, a document for programs, exit code 1 where there is a problem', () => {
  const well = run('doctor', '--data', data)
  expect([well.status, well.stderr]).toEqual([0, ''])
  expect(well.stdout).toMatch(/^ok +log +200 entries/m)
  expect(well.stdout).toContain('All is well.')
  const ill = run('doctor', '--data', join(scratch, 'none'), '--json')
  expect(ill.status).toBe(1)
  expect(JSON.parse(ill.stdout)).toMatchObject({
    isWell: false,
    findings: [{ check: 'directory', verdict: 'problem', next: 'Check --data.' }],
  })
  expect(readdirSync(scratch)).not.toContain('none')
})

test('backup: beside a running server; never over something', async () => {
  const to = join(scratch, 'backup')
  const server = await startServer(['--data', data])
  const made = run('backup', '--data', data, '--to', to, '--json')
  await stopServer(server)
  expect(made.status).toBe(0)
  expect(JSON.parse(made.stdout)).toMatchObject({ to, entries: 200, states: { entries: 0 } })
  const again = run('backup', '--data', data, '--to', saved)
  expect([again.status, again.stdout]).toEqual([1, ''])
  expect(again.stderr).toContain('[DIRECTORY_OCCUPIED]')
})

test('restore: what was backed up; over data only with --replace', () => {
  const to = join(scratch, 'restored')
  const restored = run('restore', '--from', saved, '--data', to)
  expect(restored.status).toBe(0)
  expect(restored.stdout).toMatch(/^entries +200$/m)
  const again = run('restore', '--from', saved, '--data', to)
  expect([again.status, again.stdout]).toEqual([1, ''])
  expect(again.stderr).toMatch(/--replace moves them aside.*\[DIRECTORY_OCCUPIED\]/)
  const replaced = run('restore', '--from', saved, '--data', to, '--replace', '--json')
  expect(JSON.parse(replaced.stdout)).toMatchObject({
    data: to,
    entries: 200,
    setAside: expect.stringContaining('before-'),
  })
})

test('erase: with a proof; a backup from before is restored without them', () => {
  const erased = run('erase', '--user', 'user-3', '--data', data)
  expect([erased.status, erased.stderr]).toEqual([0, ''])
  expect(erased.stdout).toMatch(/entries taken out of the log +29\n/)
  expect(erased.stdout).toMatch(/known to a server +no\n.*files with the bytes of the id +0\n/)
  const again = JSON.parse(run('erase', '--user', 'user-3', '--data', data, '--json').stdout)
  expect(again).toMatchObject({ entries: 0, isGone: true, proof: { entries: 0, traces: [] } })
  const to = join(scratch, 'elsewhere')
  const erasures = join(data, 'erasures.json')
  const words = ['restore', '--from', saved, '--data', to, '--erasures', erasures, '--json']
  const restored = JSON.parse(run(...words).stdout)
  expect(restored).toMatchObject({ entries: 200, erasedAgain: { users: 1, entries: 29 } })
  const lines = run('export', '--data', to).stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(171)
})
