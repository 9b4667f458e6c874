/** The part of the training data that settings are chosen on. */
import { Random } from '../../base/index.ts'
import { rowOf, rowsFrom } from '../algebra/index.ts'
import { type Dataset, sequenceSplit } from './dataset.ts'

/** `count` rows in an order drawn with the seed. */
export function sampleRows(users: number, count: number, seed: number): number[] {
  const all = Array.from({ length: users }, (_, user) => user)
  return new Random(seed).split('fold users').shuffle(all).slice(0, count)
}

/** Held out of the training data, drawn with the seed: `evaluate.ts` says how. */
export function foldOf(data: Dataset, seed: number): Dataset {
  if (data.format === 'sequences') {
    const rows = Array.from({ length: data.users }, (_, user) => [
      ...rowOf(data.query, user),
      ...rowOf(data.test, user),
    ])
    return sequenceSplit(rows, data.names, 2)
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
