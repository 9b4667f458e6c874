/** `pinwheel graph …` as a person runs it. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadGraph } from '../../graph/index.ts'
import { addGraph } from './graph.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-graph-cli-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

type Ended = { readonly code: number; readonly out: string; readonly err: string }
function run(...words: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const command = ['serving/pinwheel.mjs', ...words]
    execFile(process.execPath, command, { timeout: 60_000 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, out, err })
    })
  })
}
async function json(...words: string[]) {
  const { out, err } = await run(...words, '--json')
  expect(out.trim().split('\n'), err).toHaveLength(1)
  return JSON.parse(out) as Record<string, unknown>
}

/** Cups on boards of cups, tents on boards of tents, one board of both. */
const set = join(scratch, 'set')
const place = ['--dataset', set, '--format', 'lightgcn']
mkdirSync(set)
const row = (user: number, name: string, from: number) =>
  `b${user} ${[0, 1, 2, 5, 7].map((n) => `${name}${(from + n) % 12}`).join(' ')}`
const rows = (from: number) =>
  Array.from({ length: 30 }, (_, user) => row(user, user % 2 ? 'tent' : 'cup', (user >> 1) + from))
writeFileSync(join(set, 'train.txt'), [...rows(0), 'both cup0 cup1 tent0 tent1'].join('\n'))
writeFileSync(join(set, 'test.txt'), rows(5).join('\n'))

const data = join(scratch, 'data')
beforeAll(async () => {
  const entries = ['cup', 'jug', 'tent', 'boat'].flatMap((pin, i) => [
    { kind: 'save', id: `s${i}`, time: i + 1, user: 'ann', pin, board: i < 2 ? 'tea' : 'sea' },
    { kind: 'save', id: `t${i}`, time: i + 1, user: 'bob', pin, board: 'all' },
    { kind: 'pin', id: pin, time: 9, topic: i < 2 ? 'kitchen' : 'out' },
    { kind: 'pin', id: pin, time: 5, topic: 'told earlier, read later' },
  ])
  const events = join(scratch, 'events.jsonl')
  writeFileSync(events, entries.map((entry) => JSON.stringify(entry)).join('\n'))
  const imported = await run('import', events, '--format', 'jsonl', '--data', data)
  expect(imported.code, imported.err).toBe(0)
})

describe('stats', () => {
  test('of a data set go by communities, of a log by the topics told last', async () => {
    const [ofSet, ofLog] = await Promise.all([
      json('graph', 'stats', ...place),
      json('graph', 'stats', '--data', data),
    ])
    expect(ofSet).toMatchObject({ pins: 24, boards: 31, seed: 1 })
    expect(ofSet['effectiveTopics']).toMatchObject({
      topics: expect.stringContaining('none given; 2 communities'),
    })
    expect(ofSet['clustering']).toMatchObject({ exact: true, ratio: expect.any(Number) })
    expect(ofLog).toMatchObject({ pins: 4, boards: 3, edges: 8 })
    expect(ofLog['effectiveTopics']).toMatchObject({
      topics: 'given for 100 % of the pins with edges',
      // Two boards of one topic, one of two.
      mean: 4 / 3,
    })
  })
  test('are lines for people, and need a place', async () => {
    const [lines, nowhere] = await Promise.all([
      run('graph', 'stats', ...place),
      run('graph', 'stats'),
    ])
    expect(lines.out).toMatch(/^pins +24\n/)
    expect(lines.out).toMatch(/\n {2}gini +0\.\d+\n/)
    expect([nowhere.code, nowhere.out]).toEqual([2, ''])
    expect(nowhere.err).toContain('[CONFIG_INVALID]')
  })
})

describe('export, communities and path go by outside ids', () => {
  test('GEXF of the surroundings of a pin', async () => {
    const file = join(scratch, 'cup.gexf')
    const words = ['graph', 'export', ...place, '--gexf', file, '--communities', '--pin']
    const done = await json(...words, 'cup3', '--limit', '12')
    expect(done).toMatchObject({ truncated: true })
    expect(Number(done['pins']) + Number(done['boards'])).toBe(12)
    const text = readFileSync(file, 'utf8')
    expect(text).toContain('label="cup3"')
    expect(text).toContain('for="community"')
    const [unknown, unwritable] = await Promise.all([
      run(...words, 'kettle'),
      run('graph', 'export', ...place, '--pin', 'cup3', '--gexf', join(scratch, 'no', 'x')),
    ])
    expect([unknown.code, unwritable.code]).toEqual([1, 1])
    expect(unknown.err).toContain('No pin "kettle"')
    expect(unwritable.err).toContain('[FILE_UNWRITABLE]')
  })
  test('communities and a path between them', async () => {
    const [groups, path, shown] = await Promise.all([
      json('graph', 'communities', ...place),
      json('graph', 'path', ...place, '--from', 'cup0', '--to', 'tent1'),
      run('graph', 'communities', ...place),
    ])
    const largest = groups['largest'] as { size: number; pins: string[] }[]
    expect(largest.map(({ size }) => size)).toEqual([12, 12])
    for (const { pins } of largest) {
      expect(new Set(pins.map((pin) => pin.replace(/\d+/, ''))).size).toBe(1)
    }
    expect(path).toMatchObject({
      found: true,
      hops: 2,
      path: ['pin cup0', 'board both', 'pin tent1'],
    })
    expect(shown.out).toMatch(/community +pins +at its heart\n +0 +12 +/)
  })
})

describe('check', () => {
  test('tells how near the walk is to exact walks, as one document or in tables', async () => {
    const words = ['graph', 'check', ...place, '--users', '20', '--steps', '3000', '--top', '5']
    const [checked, shown, nobody] = await Promise.all([
      json(...words),
      run(...words),
      run('graph', 'check', ...place, '--users', '0'),
    ])
    expect(checked).toMatchObject({ boards: 20, boardsExact: 20, steps: 3000, top: 5, seed: 1 })
    expect(checked['topics']).toContain('none given; 2 communities')
    expect(shown.out).toMatch(/\nwalk +exact PageRank +[01]\.\d+ ± 0\.\d+ +[01]\.\d+ ± 0\.\d+\n/)
    const reading = checked['reading'] as string[]
    expect(reading.find((line) => line.startsWith('Booster: '))).toBeDefined()
    expect(Math.max(...shown.out.split('\n').map((line) => line.length))).toBeLessThan(120)
    expect([nobody.code, nobody.out]).toEqual([2, ''])
    expect(nobody.err).toContain('[GRAPH_OPTIONS]')
  })
})

describe('prune', () => {
  test('writes a smaller graph of the same numbers', async () => {
    const out = join(scratch, 'small.graph')
    const words = ['graph', 'prune', ...place, '--delta', '0.7', '--entropy-share', '0.04']
    const done = await json(...words, '--out', out)
    expect(done).toMatchObject({ boardsRemoved: 1, pinsLost: 0 })
    const graph = await loadGraph(out)
    expect(graph.edgeCount).toBe(done['edges'])
    expect(graph.nodeOfBoard.length).toBe(31)
    const [out2, nothing] = await Promise.all([
      run('graph', 'prune', ...place, '--delta', '7', '--out', join(scratch, 'no.graph')),
      run('graph', 'prune', ...place),
    ])
    expect([out2.code, nothing.code]).toEqual([2, 2])
    expect(out2.err).toContain('[GRAPH_OPTIONS]')
    expect(existsSync(join(scratch, 'no.graph'))).toBe(false)
  })
  test('the curve is one document, or a table with its reading', async () => {
    const words = ['graph', 'prune', ...place, '--curve', '--users', '20']
    const few = ['--deltas', '0.9,0.8', '--entropy-shares', '0']
    const [curve, table] = await Promise.all([json(...words, ...few), run(...words)])
    expect(curve['rows']).toMatchObject([
      { delta: 1, edgesKept: 1 },
      { delta: 0.9 },
      { delta: 0.8 },
    ])
    expect(curve).toMatchObject({
      users: 20,
      seed: 1,
      reading: expect.stringMatching(/^Pruning (helps|may help|does not help) plain/),
    })
    expect(table.out).toContain('boards out  delta  edges kept')
    expect(table.out.trim().split('\n').length).toBe(32)
  })
})

test('each command shows examples', () => {
  const program = new Command('pinwheel')
  const unused = () => expect.unreachable()
  addGraph(program, { config: unused, environment: unused, variables: unused, finish: unused })
  const names = program.commands[0]!.commands.map((command) => command.name())
  const looking = ['stats', 'check', 'prune', 'communities', 'export', 'path']
  expect(names).toEqual([...looking, 'push', 'pull', 'sync', 'bulk', 'explore'])
  for (const command of program.commands[0]!.commands) {
    let help = ''
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
    expect(help).toMatch(new RegExp(`Examples:\\n +pinwheel graph ${command.name()}\\b`))
  }
})

test('a wrong word is wrong usage', async () => {
  const wrong = [['nonsense'], ['export', '--pin', 'cup1'], ['prune', '--delta', 'x']]
  for (const { code, out } of await Promise.all(wrong.map((words) => run('graph', ...words)))) {
    expect([code, out]).toEqual([2, ''])
  }
})
