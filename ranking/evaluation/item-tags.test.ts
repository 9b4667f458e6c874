import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { foldOf } from './fold.ts'
import { openDataset } from './interactions/index.ts'
import { itemTags } from './item-tags.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-item-tags-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** By the data's own name of the item. */
function named(data: Awaited<ReturnType<typeof openDataset>>) {
  const tags = itemTags(data)!
  return Object.fromEntries(tags.map((words, item) => [data.names.items.id(item), words]))
}

test('of sequences, from the file beside them, however they are cut', async () => {
  writeFileSync(join(scratch, 'sequences.txt'), 'u b a c d e\nv c b e a f\n')
  const told = { a: [7, 'red'], b: ['blue'], f: [], elsewhere: [1] }
  writeFileSync(join(scratch, 'item-attributes.json.gz'), gzipSync(JSON.stringify(told)))
  const wanted = { a: ['7', 'red'], b: ['blue'], c: undefined, f: [] }
  const place = { dataset: scratch, format: 'sequences' }
  for (const split of [undefined, 'last-fraction:0.3', 'random:0.3']) {
    const data = await openDataset({ ...place, ...(split && { split }) })
    expect(named(data)).toMatchObject(wanted)
    // Settings are chosen with the same tags.
    expect(itemTags(foldOf(data, 1))).toEqual(itemTags(data))
  }
})

test('of RecBole, words that items share; titles tell them apart and are none', async () => {
  const folder = mkdtempSync(join(scratch, 'recbole-'))
  const meetings = ['u', 'v'].flatMap((user) =>
    Array.from({ length: 8 }, (_, item) => `${user}\ti${item}\t${item}`),
  )
  const items = Array.from({ length: 8 }, (_, item) => {
    return `i${item}\tTitle No${item} Of${item}\t${item % 2 === 0 ? 'Drama War' : ''}\t19${item}0`
  })
  const interHead = 'user_id:token\titem_id:token\ttimestamp:float'
  const itemHead = 'item_id:token\tname:token_seq\tclass:token_seq\tyear:token'
  writeFileSync(join(folder, 'x.inter'), [interHead, ...meetings].join('\n'))
  writeFileSync(join(folder, 'x.item'), [itemHead, ...items].join('\n'))
  const place = { dataset: folder, format: 'recbole', split: 'last-fraction:0.3' }
  expect(named(await openDataset(place))).toMatchObject({
    i0: ['class:Drama', 'class:War'],
    i1: [],
  })
  rmSync(join(folder, 'x.item'))
  expect(itemTags(await openDataset(place))).toBeUndefined()
})
