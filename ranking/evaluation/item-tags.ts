/**
 * What is known of items before anybody saves them, as words: from the columns of RecBole's `.item`
 * files, or from `item-attributes.json[.gz]` beside sequences, an object that gives each item a list
 * of words or numbers.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { pinwheelError } from '../../base/index.ts'
import type { IdReader } from '../../graph/index.ts'
import type { PinTags } from '../models/two-tower/index.ts'
import type { Dataset } from './dataset.ts'

/** By the number of the item; undefined where the data says nothing of its items. */
export function itemTags({ items, tags, split }: Dataset): PinTags | undefined {
  if (tags) return tags
  const columns = split?.attributes?.items
  if (!columns) return undefined
  const words = Array.from({ length: items }, (): string[] => [])
  for (const [name, { type, values }] of Object.entries(columns)) {
    if (type !== 'token_seq') continue
    const lists = values as readonly (readonly string[] | undefined)[]
    // A word for every other item, as in titles, tells items apart instead of together.
    if (new Set(lists.flatMap((list) => list ?? [])).size > items / 2) continue
    lists.forEach((list, item) => {
      words[item]!.push(...(list ?? []).map((word) => `${name}:${word}`))
    })
  }
  return words.some((list) => list.length > 0) ? words : undefined
}

/** Of the file beside the data at `path`; undefined where there is none. DATASET_MISSING. */
export async function readItemTags(path: string, names: IdReader): Promise<PinTags | undefined> {
  const file = ['item-attributes.json.gz', 'item-attributes.json']
    .map((name) => join(path, name))
    .find((candidate) => existsSync(candidate))
  if (file === undefined) return undefined
  const bytes = await readFile(file)
  try {
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
    const told = new Map(Object.entries(JSON.parse(text) as Record<string, unknown>))
    return Array.from({ length: names.size }, (_, item) => {
      const name = names.id(item)
      return wordsOf(told.get(name), name)
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw pinwheelError('DATASET_MISSING', { path: file, reason }, error)
  }
}

function wordsOf(told: unknown, name: string): readonly string[] | undefined {
  if (told === undefined) return undefined
  const isWord = (word: unknown) => typeof word === 'string' || Number.isFinite(word)
  if (Array.isArray(told) && told.every(isWord)) return told.map((word) => String(word))
  throw new RangeError(`item ${name} has no list of words or numbers`)
}
