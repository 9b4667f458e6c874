/**
 * Data sets as arrays, for evaluation: rows (users) of dense item numbers, train and test.
 *
 * lightgcn: DIR/train.txt[.gz] and DIR/test.txt[.gz]. sequences: DIR/sequences.txt[.gz] or the file
 * itself; the last item of each row is the test, the last but one belongs to the query only.
 */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Interner, idProblem, pinwheelError } from '../../base/index.ts'
import type { IdReader } from '../../graph/index.ts'
import { type Rows, rowOf, rowsFrom } from '../algebra/index.ts'
import type { PinTags } from '../models/two-tower/index.ts'
import type { FormatName } from './formats.ts'
import type { SplitFacts } from './interactions/index.ts'
import { readLines } from './lines.ts'

export type Dataset = {
  /** `log`: the log of a data directory. */
  readonly format: FormatName | 'log'
  readonly users: number
  readonly items: number
  readonly train: Rows
  /** What the model may see of each user when asked. */
  readonly query: Rows
  readonly test: Rows
  /** The data's own names, by dense number. */
  readonly names: { readonly users: IdReader; readonly items: IdReader }
  /** What is known of items beside the rows, by their number; `itemTags` has it of any data. */
  readonly tags?: PinTags
  /** Where rows with times were cut: how, and what lies on both sides, seen and saved. */
  readonly split?: SplitFacts
}

/** What a model is told of a user: the query without repeats, oldest first. */
export function historyOf({ query }: Pick<Dataset, 'query'>, user: number): Uint32Array {
  return new Uint32Array(new Set(rowOf(query, user)))
}

/** DATASET_MISSING names the file; FORMAT_UNKNOWN for a format without a protocol. */
export async function loadDataset(path: string, format: FormatName): Promise<Dataset> {
  const items = new Interner()
  const users = new Interner()
  if (format === 'lightgcn') {
    const train = await readRows(find(path, 'train.txt'), users, items)
    const test = await readRows(find(path, 'test.txt'), users, items)
    const all = (lists: Map<number, number[]>) =>
      rowsFrom(Array.from({ length: users.size }, (_, user) => lists.get(user) ?? []))
    const rows = all(train)
    const sizes = { users: users.size, items: items.size }
    const names = { users, items }
    return { format, ...sizes, train: rows, query: rows, test: all(test), names }
  }
  if (format === 'sequences') {
    const lists = await readRows(find(path, 'sequences.txt'), users, items)
    return sequenceSplit([...lists.values()], { users, items }, 1)
  }
  throw pinwheelError('FORMAT_UNKNOWN', { value: format, known: 'lightgcn, sequences' })
}

/** Leave-last-out: test is the item at `last` from the end, train all before the one before it. */
export function sequenceSplit(
  rows: readonly (readonly number[])[],
  names: Dataset['names'],
  last: number,
): Dataset {
  const kept = [...rows.keys()].filter((row) => rows[row]!.length > last + 1)
  const usable = kept.map((row) => rows[row]!)
  return {
    format: 'sequences',
    users: usable.length,
    items: names.items.size,
    train: rowsFrom(usable.map((row) => row.slice(0, row.length - last - 1))),
    query: rowsFrom(usable.map((row) => row.slice(0, row.length - last))),
    test: rowsFrom(usable.map((row) => [row[row.length - last]!])),
    names: {
      users: { size: kept.length, id: (row) => names.users.id(kept[row]!) },
      items: names.items,
    },
  }
}

function find(path: string, name: string): string {
  const candidates = [join(path, `${name}.gz`), join(path, name), path]
  const found = candidates.find((file) => existsSync(file) && statSync(file).isFile())
  if (found) return found
  throw pinwheelError('DATASET_MISSING', { path: join(path, name), reason: 'no such file' })
}

/** Hands over each row of a file of sequences. DATASET_MISSING. */
export function readSequences(
  path: string,
  take: (user: string, items: readonly string[]) => void,
): Promise<void> {
  return eachRow(find(path, 'sequences.txt'), take)
}

async function readRows(
  path: string,
  users: Interner,
  items: Interner,
): Promise<Map<number, number[]>> {
  const rows = new Map<number, number[]>()
  await eachRow(path, (user, list) => {
    const row = users.intern(user)
    const known = rows.get(row) ?? []
    for (const item of list) known.push(items.intern(item))
    rows.set(row, known)
  })
  return rows
}

async function eachRow(
  path: string,
  take: (user: string, items: readonly string[]) => void,
): Promise<void> {
  for await (const lines of readLines(path)) {
    for (const { number, text } of lines) {
      if (text === '' || text === undefined) continue
      const words = text.split(/[ \t]+/).filter((word) => word !== '')
      const bad = words.find((word) => idProblem(word) !== undefined)
      if (bad !== undefined) {
        const reason = `line ${number} has something that is no id`
        throw pinwheelError('DATASET_MISSING', { path, reason })
      }
      const [user, ...list] = words
      if (user !== undefined) take(user, list)
    }
  }
}
