/** `pinwheel export`, in a process of its own. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-export-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const run = (...words: string[]) =>
  execFileSync(process.execPath, ['serving/pinwheel.mjs', ...words], { encoding: 'utf8' })

/** Every kind of line, with what is odd about ids and texts. */
const entries = [
  { kind: 'pin', id: 'p1', time: 1, title: 'Bowl "blue" \u2028 größer', tags: ['clay', 'é'] },
  { kind: 'board', id: 'b1', time: 2, user: 'u1', title: 'Pots', private: true },
  { kind: 'save', id: 'e1', time: 3, user: 'u1', pin: 'p1', board: 'b1' },
  { kind: 'impression', id: 'e2', time: 4, user: 'u/2 x', pin: 'p1', context: { rank: 3 } },
  { kind: 'follow-topic', id: 'e3', time: 5, user: 'u1', topic: 'clay' },
  { kind: 'closeup', id: 'e4', time: 6, user: 'u1', pin: '木', weight: 2.5 },
  { kind: 'delete-board', id: 'b1', time: 7 },
]

test('what was imported comes out, and goes in again to the same log', () => {
  const source = join(scratch, 'source.jsonl')
  writeFileSync(source, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  const first = join(scratch, 'first')
  run('import', '--format', 'jsonl', source, '--data', first)
  const out = join(scratch, 'out.jsonl')
  const report = JSON.parse(run('export', '--data', first, '--out', out, '--json'))
  const text = readFileSync(out, 'utf8')
  expect(report).toEqual({ entries: entries.length, bytes: Buffer.byteLength(text), out })
  const lines = text.trimEnd().split('\n')
  const exported = lines.map((line) => JSON.parse(line) as (typeof entries)[number])
  const byTime = exported.sort((a, b) => a.time - b.time)
  expect(byTime).toEqual(entries)
  const second = join(scratch, 'second')
  run('import', '--format', 'jsonl', out, '--data', second)
  expect(run('export', '--data', second)).toBe(text)
})

test('no log, and --json without a file, are refused by name', () => {
  const refused = (...words: string[]) =>
    spawnSync(process.execPath, ['serving/pinwheel.mjs', 'export', ...words], { encoding: 'utf8' })
  expect(refused('--data', join(scratch, 'none')).stderr).toContain('[DIRECTORY_INVALID]')
  const both = refused('--data', join(scratch, 'first'), '--json')
  expect([both.status, both.stdout]).toEqual([2, ''])
  expect(both.stderr).toContain('--out FILE')
})
