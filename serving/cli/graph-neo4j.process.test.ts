/** The commands around Neo4j where none is: what they refuse, and what needs none. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { freePorts } from '../../tests/setup/program.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-graph-cli-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

type Ended = { readonly code: number; readonly out: string; readonly err: string }
function run(words: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: 60_000 }
    const all = ['serving/pinwheel.mjs', 'graph', ...words]
    execFile(process.execPath, all, options, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, out, err })
    })
  })
}

test('each command shows an example', async () => {
  for (const name of ['push', 'pull', 'sync', 'bulk']) {
    expect((await run([name, '--help'])).out).toContain('Example')
  }
})

test('wrong usage ends with 2', async () => {
  const words = [['push', '--nonsense'], ['explore', 'pin'], ['explore'], ['sync']]
  for (const ended of await Promise.all(words.map((some) => run(some)))) {
    expect([ended.code, ended.out]).toEqual([2, ''])
  }
})

test('one source is needed, and not two', async () => {
  for (const words of [['push'], ['push', '--generated', '5', '--data', scratch]]) {
    const { code, out, err } = await run(words)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('[CONFIG_INVALID]')
  }
})

test('without a server: one line with its address, soon, and never the password', async () => {
  const [port] = await freePorts(1)
  const PINWHEEL_NEO4J_URL = `bolt://127.0.0.1:${port}`
  const env = { PINWHEEL_NEO4J_URL, PINWHEEL_NEO4J_PASSWORD: 'a secret' }
  for (const words of [
    ['push', '--generated', '5', '--json'],
    ['pull', '--json'],
  ]) {
    const { code, out, err } = await run(words, env)
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('[NEO4J_UNREACHABLE]')
    expect(err).toContain(PINWHEEL_NEO4J_URL)
    expect(err).not.toContain('secret')
    expect(err).not.toMatch(/\n\s+at /)
  }
})

test('bulk writes its files without a server; a failing importer has a name', async () => {
  const out = join(scratch, 'bulk')
  const words = ['bulk', '--generated', '500', '--out', out, '--json']
  const written = JSON.parse((await run(words)).out) as Record<string, unknown>
  expect(written).toMatchObject({ edges: 500, digest: expect.stringMatching(/-500$/) })
  expect(written['command']).toContain(`--relationships=HOLDS=${out}/holds.csv`)
  expect(existsSync(join(out, 'pins.csv'))).toBe(true)
  const broken = join(scratch, 'broken-admin')
  writeFileSync(broken, '#!/bin/sh\necho it is broken >&2\nexit 3\n', { mode: 0o755 })
  for (const [admin, reason] of [
    [broken, 'it is broken'],
    [join(scratch, 'none'), 'ENOENT'],
  ]) {
    const { code, err } = await run([...words, '--admin', admin!])
    expect(code).toBe(1)
    expect(err).toContain('[NEO4J_FAILED]')
    expect(err).toContain(reason)
  }
})
