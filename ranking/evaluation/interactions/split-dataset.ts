/**
 * A data set for evaluation from rows with times: train, query and test have the saves alone; what
 * lies before and after the cut with labels and times stands beside them, for rankers that learn
 * from what was seen and not saved.
 */
import { assert, pinwheelError } from '../../../base/index.ts'
import { rowOf, rowsFrom } from '../../algebra/index.ts'
import type { Dataset } from '../dataset.ts'
import type { AttributeTables } from './attributes.ts'
import type { Interactions, LeftOut, RowOrder, TimedRows } from './interactions.ts'
import { part, splitParts } from './split.ts'
import { parseSplitRule, type SplitRule } from './split-rule.ts'

export type SplitFacts = {
  readonly rule: SplitRule
  readonly order: RowOrder
  /** Of a split by time: when the test begins. */
  readonly instant?: number
  /** Whether saves are told from what was only seen: whether there is an AUC. */
  readonly labelled: boolean
  /** By user, what lies before the test and what is in it. */
  readonly past: TimedRows
  readonly future: TimedRows
  readonly counts: SplitCounts
  readonly attributes?: AttributeTables
}

export type SplitCounts = LeftOut & {
  /** Rows of the data that were damaged and left out. */
  readonly broken: number
  readonly trainRows: number
  readonly testRows: number
  readonly trainSaves: number
  readonly testSaves: number
  /** Users with saves in the test and none before it. */
  readonly strangers: number
}

export type SplitOptions = {
  readonly rule: SplitRule
  readonly seed: number
  readonly format: Dataset['format']
}

/**
 * EVALUATION_DATA where train or test have no saves, where no user has both, or where the rows have
 * not the times that the rule goes by.
 */
export function splitDataset(rows: Interactions, { rule, seed, format }: SplitOptions): Dataset {
  const parts = splitParts(rows, rule, seed)
  const chosen = (keep: (part: number) => boolean) => pick(rows, (row) => keep(parts.of[row]!))
  const past = chosen((p) => p !== part.test)
  const future = chosen((p) => p === part.test)
  const saves = (keep: (part: number) => boolean) => {
    return pick(rows, (row) => rows.saved[row] === 1 && keep(parts.of[row]!))
  }
  const train = saves((p) => p === part.train)
  const query = saves((p) => p !== part.test)
  const test = saves((p) => p === part.test)
  const users = rows.names.users.size
  const strangers = Array.from({ length: users }, (_, u) => u).filter((u) => {
    return rowOf(test, u).length > 0 && rowOf(query, u).length === 0
  })
  const testUsers = usersOf(test)
  if (train.items.length === 0) throw nothing('no saves in train')
  if (testUsers === 0) throw nothing('no saves in the test')
  if (strangers.length === testUsers) throw nothing('no user with saves in both train and test')
  const broken = [...(rows.report?.rejected.values() ?? [])].reduce((n, { count }) => n + count, 0)
  const counts = {
    ...rows.left,
    broken,
    trainRows: past.items.length,
    testRows: future.items.length,
    trainSaves: train.items.length,
    testSaves: test.items.length,
    strangers: strangers.length,
  }
  const { labelled, order, names, attributes } = rows
  const { instant } = parts
  const split: SplitFacts = {
    rule,
    order,
    labelled,
    past,
    future,
    counts,
    ...(instant !== undefined && { instant }),
    ...(attributes && { attributes }),
  }
  return { format, users, items: names.items.size, train, query, test, names, split }
}

/** The rule by which settings are chosen, whatever the test's. */
const foldRule = parseSplitRule('last-fraction:0.2')

/**
 * What lies before the test, each user's last fifth of it to be asked of: on it settings are
 * chosen. At most `usersMax` users are asked, evenly among all. As `splitDataset`.
 */
export function foldOfPast(
  { split, names, format, users }: Dataset,
  { seed, usersMax }: { readonly seed: number; readonly usersMax: number },
): Dataset {
  assert(split !== undefined, 'a fold is of data with times')
  const { past, order, labelled, attributes } = split
  const left = { repeats: 0, followed: 0, deleted: 0 }
  const rows = { ...past, names, order, labelled, left, ...(attributes && { attributes }) }
  const fold = splitDataset(rows, { rule: foldRule, seed, format })
  const every = Math.ceil(users / usersMax)
  const all = fold.split!.future
  const isAsked = new Uint8Array(all.items.length)
  for (let u = 0; u < users; u += every) isAsked.fill(1, all.offsets[u], all.offsets[u + 1])
  const future = pick(all, (row) => isAsked[row] === 1)
  const test = pick(future, (row) => future.saved[row] === 1)
  return { ...fold, test, split: { ...fold.split!, future } }
}

function nothing(what: string) {
  return pinwheelError('EVALUATION_DATA', {
    reason: `there are ${what}; choose another --split or --save`,
  })
}

function usersOf({ offsets }: TimedRows): number {
  let count = 0
  for (let u = 0; u + 1 < offsets.length; u++) if (offsets[u + 1]! > offsets[u]!) count++
  return count
}

/** The rows that are kept, in their order, by the same users. */
function pick(rows: TimedRows, keep: (row: number) => boolean): TimedRows {
  const kept = Uint32Array.from(rows.items.keys()).filter(keep)
  const offsets = new Uint32Array(rows.offsets.length)
  let next = 0
  for (let u = 0; u + 1 < offsets.length; u++) {
    while (next < kept.length && kept[next]! < rows.offsets[u + 1]!) next++
    offsets[u + 1] = next
  }
  return {
    offsets,
    items: Uint32Array.from(kept, (row) => rows.items[row]!),
    times: Float64Array.from(kept, (row) => rows.times[row]!),
    saved: Uint8Array.from(kept, (row) => rows.saved[row]!),
  }
}

/** The data set of some users, numbered as they are listed; the catalogue stays whole. */
export function datasetOfUsers(data: Dataset, users: readonly number[]): Dataset {
  const { split, names } = data
  const listed = { size: users.length, id: (u: number) => names.users.id(users[u]!) }
  const rows = (of: Dataset['train']) => rowsFrom(users.map((u) => [...rowOf(of, u)]))
  const timed = (of: TimedRows): TimedRows => {
    const from = users.flatMap((u) => {
      const first = of.offsets[u]!
      return Array.from({ length: of.offsets[u + 1]! - first }, (_, i) => first + i)
    })
    return {
      ...rows(of),
      times: Float64Array.from(from, (row) => of.times[row]!),
      saved: Uint8Array.from(from, (row) => of.saved[row]!),
    }
  }
  return {
    ...data,
    users: users.length,
    train: rows(data.train),
    query: rows(data.query),
    test: rows(data.test),
    names: { ...names, users: listed },
    ...(split && { split: { ...split, past: timed(split.past), future: timed(split.future) } }),
  }
}
