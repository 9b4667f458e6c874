/** The part of the training data that settings are chosen on. */
import { Random } from '../../base/index.ts'
import { rowOf, rowsFrom } from '../algebra/index.ts'
import { type Dataset, sequenceSplit } from './dataset.ts'
import { instantAt, lastCount, type SplitFacts } from './interactions/index.ts'

/** `count` rows in an order drawn with the seed. */
export function sampleRows(users: number, count: number, seed: number): number[] {
  const all = Array.from({ length: users }, (_, user) => user)
  return new Random(seed).split('fold users').shuffle(all).slice(0, count)
}

/** Held out of the training data, drawn with the seed: `evaluate.ts` says how. */
export function foldOf(data: Dataset, seed: number): Dataset {
  const { split } = data
  const rule = split?.rule
  if (split && rule?.kind === 'last-fraction') return lastFold(data, rule.share)
  if (split && rule?.kind === 'time') return timeFold(data, split)
  if (rule?.kind === 'last-out' || (!rule && data.format === 'sequences')) {
    const rows = Array.from({ length: data.users }, (_, user) => [
      ...rowOf(data.query, user),
      ...rowOf(data.test, user),
    ])
    return { ...sequenceSplit(rows, data.names, 2), ...(data.tags && { tags: data.tags }) }
  }
  const random = new Random(seed).split('fold')
  const train: number[][] = []
  const held: number[][] = []
  for (let user = 0; user < data.users; user++) {
    const items = [...new Set(rowOf(data.train, user))]
    const test = items.filter(() => random.unit() < 0.1)
    held.push(test)
    train.push(items.filter((item) => !test.includes(item)))
  }
  const rows = rowsFrom(train)
  return { ...data, train: rows, query: rows, test: rowsFrom(held) }
}

/** The last `share` of each user's saves. */
function lastFold(data: Dataset, share: number): Dataset {
  return cutFold(data, (row) => row.length - lastCount(row.length, share))
}

/** As great a share of all saves, from an instant on. */
function timeFold(data: Dataset, { past, counts }: SplitFacts): Dataset {
  const share = counts.testSaves / (counts.trainSaves + counts.testSaves)
  const instant = instantAt(
    past.times.filter((_, row) => past.saved[row] === 1),
    share,
  )
  return cutFold(data, (row, user) => {
    const times = past.times.subarray(past.offsets[user]!, past.offsets[user + 1]!)
    const saved = past.saved.subarray(past.offsets[user]!, past.offsets[user + 1]!)
    return Math.min(row.length, times.filter((t, i) => saved[i] === 1 && t < instant).length)
  })
}

/** Cuts each row of train, which is in order of time, where `at` says. */
function cutFold(data: Dataset, at: (row: Uint32Array, user: number) => number): Dataset {
  const all = Array.from({ length: data.users }, (_, user) => rowOf(data.train, user))
  const cuts = all.map(at)
  const train = rowsFrom(all.map((row, user) => [...row.subarray(0, cuts[user])]))
  return {
    ...data,
    train,
    query: train,
    test: rowsFrom(all.map((row, u) => [...row.subarray(cuts[u])])),
  }
}
