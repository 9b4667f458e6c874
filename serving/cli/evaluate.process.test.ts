import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sourceProblem } from './evaluate-source.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-evaluate-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

type Ended = { readonly code: number; readonly out: string; readonly err: string }
function run(words: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, PINWHEEL_CACHE: scratch }, timeout: 60_000 }
    execFile(process.execPath, ['serving/pinwheel.mjs', ...words], options, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, out, err })
    })
  })
}

const file = join(scratch, 'ratings.inter')
const rows = Array.from({ length: 30 }, (_, user) =>
  Array.from({ length: 13 }, (_, n) => {
    const item = (7 * user + 3 * n) % 40
    return `${user}\t${item}\t${item % 2 === user % 2 ? 5 : 2}\t${1000 + 7 * n}`
  }),
).flat()
const head = 'user_id:token\titem_id:token\trating:float\ttimestamp:float'
writeFileSync(file, [head, ...rows].join('\n'))
const source = ['--dataset', file, '--format', 'recbole', '--save', 'rating>=4']
const asked = ['--at', '5', '--split', 'time:0.7', '--json', '--model']

test('the log of an import and the file itself are measured alike', async () => {
  const data = join(scratch, 'data')
  const words = ['import', file, '--format', 'recbole', '--data', data, '--json']
  expect((await run(words)).code).toBe(0)
  const [ofFile, ofLog] = await Promise.all([
    run(['evaluate', ...source, ...asked, 'rp3beta']),
    run(['evaluate', '--data', data, ...asked, 'rp3beta', '--against', 'popularity']),
  ])
  const one = JSON.parse(ofFile.out)
  const both = JSON.parse(ofLog.out)
  expect(one).toMatchObject({ format: 'recbole', users: 30, split: { rule: 'time:0.7' } })
  for (const part of ['raw', 'clean', 'lists', 'labels', 'split', 'options']) {
    expect(both.model[part]).toEqual(one[part])
  }
  for (const part of [both['ndcg@5'].raw, both['recall@5'].clean, both.auc, both.pooledAuc]) {
    expect(part).toMatchObject({ difference: expect.any(Number), interval: expect.any(Array) })
  }
})

test('--cold-start prints a table and says which models it leaves out', async () => {
  const words = ['--cold-start', '--all', '--markdown', '--at', '5']
  const without = 'walk,plain-walk,walk-limit,p3,ease,gf-cf,low-pass'
  const { out, err, code } = await run(['evaluate', ...source, ...words, '--without', without])
  expect(code).toBe(0)
  expect(out.split('\n')[0]).toBe('| R / N@5 by events known | 0 | 1 | 3 | 10 | 30 | 100 | all |')
  expect(out.match(/^\| \w/gm)).toHaveLength(1 + 7 + 1)
  expect(err).toContain('two-tower is left out: it is not asked about users that it was not')
})

test('--cold-pins prints a table, of data that says something of its items', async () => {
  const folder = mkdtempSync(join(scratch, 'tags-'))
  const sequences = Array.from({ length: 20 }, (_, user) => {
    return `${user} ${Array.from({ length: 9 }, (_, n) => 2 * ((user + 3 * n) % 20) + (user % 2)).join(' ')}`
  })
  writeFileSync(join(folder, 'sequences.txt'), sequences.join('\n'))
  const told = Object.fromEntries(Array.from({ length: 40 }, (_, item) => [item, [item % 2]]))
  writeFileSync(join(folder, 'item-attributes.json'), JSON.stringify(told))
  const words = ['evaluate', '--dataset', folder, '--format', 'sequences', '--cold-pins']
  const { out, code } = await run([...words, '--markdown', '--at', '2'])
  expect(code).toBe(0)
  expect(out).toMatch(/^4 of 40 pins held out, 0 without tags; \d+ users\n/)
  expect(out.match(/^\| (random|tag-popularity|tag-cosine|two-tower) \|/gm)).toHaveLength(4)
  const wrong = await run([...words, '--model', 'two-tower'])
  expect([wrong.code, wrong.out]).toEqual([2, ''])
})

test('--off-policy prints a table, what it cannot say, or one document', async () => {
  const path = join(scratch, 'bandit.csv')
  const head = ',timestamp,item_id,position,click,propensity_score,user_feature_0'
  const shown = Array.from({ length: 400 }, (_, row) => {
    const time = new Date(1_000 * row).toISOString()
    return `${row},${time},${(row * 7) % 5},${1 + (row % 3)},${row % 4 === 0 ? 1 : 0},0.2,f`
  })
  writeFileSync(path, [head, ...shown].join('\n'))
  const [table, json, both, broken] = await Promise.all([
    run(['evaluate', '--off-policy', path]),
    run(['evaluate', '--off-policy', path, '--json']),
    run(['evaluate', '--off-policy', path, '--model', 'walk']),
    run(['evaluate', '--off-policy', file]),
  ])
  expect(table.code).toBe(0)
  expect(table.out.match(/^(uniform|popularity) +(IPS|SNIPS|DM|DR) /gm)).toHaveLength(8)
  expect(table.out).toContain('uniform is what was logged')
  expect(JSON.parse(json.out)).toMatchObject({ items: 5, logged: { value: 0.25 } })
  expect([both.code, both.out]).toEqual([2, ''])
  expect(both.err).toContain('--off-policy goes with --broken-max and --json')
  expect([broken.code, broken.err]).toEqual([1, expect.stringContaining('[DATASET_MISSING]')])
})

test('--boards prints a table of the log’s boards by what is on them', async () => {
  const folder = mkdtempSync(join(scratch, 'boards-'))
  const kinds = ['kitchen', 'garden']
  const pins = Array.from({ length: 80 }, (_, p) => {
    return { kind: 'pin', id: `p${p}`, time: 1, tags: [kinds[p % 2]] }
  })
  const boards = Array.from({ length: 12 }, (_, n) => {
    const title = `My ${kinds[n % 2]}`
    return { kind: 'board', id: `b${n}`, time: 1, user: `u${n}`, title }
  })
  const saves = Array.from({ length: 12 * 18 }, (_, n) => {
    const [of, nth] = [n % 12, Math.floor(n / 12)]
    const pin = `p${2 * ((of * 3 + nth) % 40) + (of % 2)}`
    return { kind: 'save', id: `s${n}`, time: 2 + n, user: `u${of}`, pin, board: `b${of}` }
  })
  const lines = [...pins, ...boards, ...saves].map((entry) => JSON.stringify(entry))
  writeFileSync(join(folder, 'log.jsonl'), lines.join('\n'))
  const data = join(folder, 'data')
  const file = join(folder, 'log.jsonl')
  expect((await run(['import', file, '--format', 'jsonl', '--data', data])).code).toBe(0)
  const words = ['evaluate', '--boards', '--data', data]
  const { out, code } = await run([...words, '--markdown'])
  expect(code).toBe(0)
  expect(out).toMatch(/^6 boards held out, 8.0 pins each to be found; /)
  expect(out.match(/^\| (0 \| title|1 \| light|3 \| light|10 \| light) 6 \|/gm)).toHaveLength(4)
  const wrong = [['--model', 'p3'], ['--dataset', folder], ['--cold-pins']]
  for (const more of wrong) expect((await run([...words, ...more])).code).toBe(2)
})

test('flags that do not go together are wrong usage', async () => {
  const { code, out } = await run(['evaluate', '--data', 'x', ...source, '--model', 'p3'])
  expect([code, out]).toEqual([2, ''])
  const seed = 1
  const words = [
    sourceProblem({ seed, data: 'x', dataset: 'y', format: 'recbole' }),
    sourceProblem({ seed, format: 'recbole' }),
    sourceProblem({ seed, save: 'rating>=4' }),
    sourceProblem({ seed, dataset: 'x' }),
    sourceProblem({ seed, data: 'x', format: 'recbole' }),
    sourceProblem({ seed, data: 'x', save: 'rating>=4' }),
    sourceProblem({ seed, data: 'x', brokenMax: 5 }),
  ]
  for (const problem of words) expect(problem).toMatch(/--dataset/)
  // Without a source it is the demo's log.
  expect(sourceProblem({ seed })).toBeUndefined()
  expect(sourceProblem({ seed, data: 'x', split: 'last-out' })).toBeUndefined()
  expect(sourceProblem({ seed, dataset: 'x', format: 'sequences' })).toBeUndefined()
})
