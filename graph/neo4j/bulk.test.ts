import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boardRows } from '../board-rows.ts'
import { generatedEdges } from '../generated-edges.ts'
import { quoted, writeBulkFiles } from './bulk.ts'

/** What the importer does with a quoted field: a quote ends it unless another follows. */
function unquoted(field: string): { readonly text: string; readonly rest: string } {
  let text = ''
  let at = 1
  for (; field[at] !== '"' || field[at + 1] === '"'; at++) {
    text += field[at]
    if (field[at] === '"') at++
  }
  return { text, rest: field.slice(at + 1) }
}

test('a quoted field is read back as it was, and ends where it ends', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(unquoted(`${quoted(text)},1`)).toEqual({ text, rest: ',1' })
    }),
  )
})

test('the files have a head, a line for each node and edge, and the state', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pinwheel-bulk-test-'))
  try {
    const rows = boardRows(generatedEdges({ edges: 10_000, seed: 3 }))
    const cursor = { positions: [5, 7], fingerprint: 9 }
    const options = { rows, directory, gzip: true, cursor }
    const { words, digest } = await writeBulkFiles(options, 'neo4j')
    const lines = (name: string) =>
      gunzipSync(readFileSync(join(directory, `${name}.csv.gz`)))
        .toString()
        .split('\n')
    expect(lines('holds')).toHaveLength(10_002)
    expect(lines('holds').slice(0, 2)).toEqual([
      ':START_ID(Board),:END_ID(Pin)',
      expect.any(String),
    ])
    expect(lines('boards')[1]).toBe('0,"b0"')
    expect(lines('pins')).toHaveLength(rows.pins.length + 2)
    expect(lines('state')[1]).toBe(`0,graph,1,${digest},true,10000,5;7,9`)
    expect(words.join(' ')).toContain(`--relationships=HOLDS=${directory}/holds.csv.gz`)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
