import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { attributeOf } from './attributes.ts'
import { openDataset } from './open-dataset.ts'
import { readRecbole } from './recbole.ts'
import { isSave, parseSaveRule, saveOperators } from './save-rule.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-recbole-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
let folders = 0
function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const path = join(scratch, String(folders++))
  mkdirSync(path)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content)
  return path
}
const head = 'user_id:token\titem_id:token\trating:float\ttimestamp:float\n'
const refused = (code: string) => expect.objectContaining({ code })

describe('the rule of saves', () => {
  test('is FIELD OP NUMBER', () => {
    expect(parseSaveRule('rating>=4')).toEqual({ field: 'rating', operator: '>=', value: 4 })
    expect(parseSaveRule(' play_count > 1.5 ')).toEqual({
      field: 'play_count',
      operator: '>',
      value: 1.5,
    })
    expect(parseSaveRule('x != -2')).toEqual({ field: 'x', operator: '!=', value: -2 })
  })
  test.each([
    '',
    'rating',
    'rating>=',
    '>=4',
    'rating>=four',
    'rating>4>5',
    'rating~4',
    '4<rating',
  ])('"%s" is none', (text) =>
    expect(() => parseSaveRule(text)).toThrow(refused('EVALUATION_OPTIONS')),
  )
  test('holds what its operator says', () => {
    const {
      '>=': least,
      '<=': most,
      '!=': other,
      '=': same,
      '>': more,
      '<': less,
    } = Object.fromEntries(
      saveOperators.map((op) => [
        op,
        (x: number) => isSave({ field: 'x', operator: op, value: 2 }, x),
      ]),
    )
    const table = [least, most, other, same, more, less].map((rule) => [1, 2, 3].map(rule!))
    expect(table).toEqual([
      [false, true, true],
      [true, true, false],
      [true, false, true],
      [false, true, false],
      [false, false, true],
      [true, false, false],
    ])
  })
})

test('rows are saves by the rule, times are seconds; gzip, a folder or the file itself', async () => {
  const text = `${head}a\tx\t5\t10\na\ty\t3\t9.5\nb\tx\t4\t11\n`
  const path = folder({ 'd.inter.gz': gzipSync(text) })
  const save = parseSaveRule('rating>=4')
  const rows = await readRecbole(path, { save })
  expect(rows).toMatchObject({ order: 'times', labelled: true })
  expect([...rows.saved]).toEqual([0, 1, 1])
  expect([...rows.times]).toEqual([9_500, 10_000, 11_000])
  expect(rows.names.items.id(rows.items[0]!)).toBe('y')
  const plain = await readRecbole(join(folder({ 'd.inter': text }), 'd.inter'))
  expect(plain.labelled).toBe(false)
  expect([...plain.saved]).toEqual([1, 1, 1])
})

test('attributes of items and users come with their types; who is in no row is left out', async () => {
  const path = folder({
    'd.inter': `${head}a\tx\t5\t10\nb\ty\t5\t10\n`,
    'd.item':
      'item_id:token\ttitle:token_seq\tyear:float\tbox:float_seq\n' +
      'y\tToy Story\t1995\t1 2.5\nz\tElsewhere\t1\t1\nx\tIt\t\t\n',
    'd.user': 'user_id:token\tjob:token\nb\twriter\n',
  })
  const { attributes } = await readRecbole(path)
  expect(attributes?.items).toEqual({
    title: { type: 'token_seq', values: [['It'], ['Toy', 'Story']] },
    year: { type: 'float', values: [undefined, 1995] },
    box: { type: 'float_seq', values: [undefined, [1, 2.5]] },
  })
  expect(attributes?.users).toEqual({ job: { type: 'token', values: [undefined, 'writer'] } })
  expect(attributeOf('float', 'x')).toBeUndefined()
  expect(attributeOf('float_seq', '1 x')).toBeUndefined()
})

describe('damaged rows', () => {
  const broken = ['a\tx', 'a\tx\tmany\t1', 'a\tx\t4\t', '\tx\t4\t1', 'a\t\t4\t1', 'a\tx\t4\tsoon']
  const path = folder({ 'd.inter': `${head}${broken.join('\n')}\na\tx\t4\t1\nb\ty\t4\t1\n` })
  const save = parseSaveRule('rating>=4')
  test('are counted by reason and left out', async () => {
    const { report, items } = await readRecbole(path, { save })
    expect(items).toHaveLength(2)
    expect(report).toMatchObject({ read: 8, kept: 2 })
    expect(
      Object.fromEntries([...report!.rejected].map(([why, { count }]) => [why, count])),
    ).toEqual({
      'the row has not 4 columns': 1,
      'rating is not a number': 1,
      'timestamp is not a number': 2,
      'user_id is not an id': 1,
      'item_id is not an id': 1,
    })
  })
  test('are refused beyond the limit, with reason and place', async () => {
    const read = readRecbole(path, { save, brokenMax: 5 })
    await expect(read).rejects.toMatchObject({ code: 'DATASET_BROKEN', details: { count: 6 } })
    await expect(read).rejects.toThrow('d.inter:2')
    await expect(readRecbole(path, { save, brokenMax: 6 })).resolves.toBeDefined()
  })
  test('any bytes after the first line are read without a crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const file = join(scratch, 'any.inter')
        writeFileSync(file, Buffer.concat([Buffer.from(head), bytes]))
        await readRecbole(file, { save })
      }),
      { numRuns: 50 },
    )
  })
})

describe('what is no such data is named', () => {
  const good = folder({ 'd.inter': `${head}a\tx\t5\t10\n` })
  test.each([
    ['no file', join(scratch, 'none'), {}, 'DATASET_MISSING'],
    ['an empty file', folder({ 'd.inter': '' }), {}, 'DATASET_MISSING'],
    [
      'a first line without types',
      folder({ 'd.inter': 'user_id\titem_id\n1\t2\n' }),
      {},
      'DATASET_MISSING',
    ],
    [
      'no column of users',
      folder({ 'd.inter': 'uid:token\titem_id:token\n1\t2\n' }),
      {},
      'DATASET_MISSING',
    ],
    ['a rule about no column', good, { save: 'stars>=4' }, 'EVALUATION_OPTIONS'],
    ['a rule about names', good, { save: 'item_id>=4' }, 'EVALUATION_OPTIONS'],
    [
      'a rule for sequences',
      good,
      { save: 'rating>=4', format: 'sequences' },
      'EVALUATION_OPTIONS',
    ],
    [
      'a split of rows that are split',
      good,
      { split: 'last-out', format: 'lightgcn' },
      'EVALUATION_OPTIONS',
    ],
    ['a format without rows', good, { format: 'jsonl' }, 'FORMAT_UNKNOWN'],
    ['no test', good, {}, 'EVALUATION_DATA'],
  ])('%s', async (_, dataset, options, code) => {
    await expect(openDataset({ dataset, format: 'recbole', ...options })).rejects.toMatchObject({
      code,
    })
  })
  test('a file without times is cut by chance alone', async () => {
    const rows = Array.from({ length: 60 }, (_, n) => `${n % 6}\t${n}`).join('\n')
    const dataset = folder({ 'd.inter': `user_id:token\titem_id:token\n${rows}\n` })
    const open = (split: string) => openDataset({ dataset, format: 'recbole', split })
    await expect(open('last-fraction:0.2')).rejects.toMatchObject({ code: 'EVALUATION_DATA' })
    const { split } = await open('random:0.5')
    expect(split).toMatchObject({ order: 'none', labelled: false })
  })
  test('a test of strangers alone', async () => {
    const rows = ['a\tx\t5\t1', 'a\ty\t5\t2', 'b\tx\t5\t3', 'b\ty\t5\t4'].join('\n')
    const dataset = folder({ 'd.inter': `${head}${rows}\n` })
    const open = (split: string) => openDataset({ dataset, format: 'recbole', split })
    await expect(open('time:0.5')).rejects.toMatchObject({ code: 'EVALUATION_DATA' })
    // One user of two has rows on both sides.
    expect((await open('time:1500')).split?.counts).toMatchObject({ strangers: 1, testSaves: 3 })
  })
})

test('sequences cut by --split last-out are the published protocol', async () => {
  const dataset = folder({ 'sequences.txt': '2 a b c d\n10 c b e\n1 a d e b\n' })
  const plain = await openDataset({ dataset, format: 'sequences' })
  const cut = await openDataset({ dataset, format: 'sequences', split: 'last-out' })
  const rows = (data: typeof plain, part: 'train' | 'query' | 'test') =>
    Array.from({ length: data.users }, (_, u) => {
      const { offsets, items } = data[part]
      const list = items.subarray(offsets[u], offsets[u + 1])
      return `${data.names.users.id(u)}: ${[...list].map((item) => data.names.items.id(item))}`
    }).sort()
  for (const part of ['train', 'query', 'test'] as const) {
    expect(rows(cut, part)).toEqual(rows(plain, part))
  }
})
