/**
 * Cuts rows into train and test. Every row is in one part; what is said of ties in time holds for
 * the order that rows have, in which the data's own order breaks them.
 */
import { pinwheelError, Random } from '../../../base/index.ts'
import type { Interactions } from './interactions.ts'
import type { SplitRule } from './split-rule.ts'

/** Between: models are not fitted on it, but the query may see it. */
export const part = Object.freeze({ train: 0, between: 1, test: 2 })

export type Parts = {
  /** By row. */
  readonly of: Uint8Array
  /** Of a split by time: when the test begins. */
  readonly instant?: number
}

/** EVALUATION_DATA where the rows have not the times that the rule goes by. */
export function splitParts(rows: Interactions, rule: SplitRule, seed: number): Parts {
  if (rule.kind !== 'random' && rows.order === 'none') throw untimed(rule.kind, 'no times')
  switch (rule.kind) {
    case 'random':
      return { of: randomParts(rows, rule.share, seed) }
    case 'last-out':
      return { of: lastOutParts(rows) }
    case 'last-fraction':
      return { of: lastFractionParts(rows, rule.share) }
    case 'time': {
      if (rows.order === 'places') throw untimed(rule.kind, 'only an order within each user')
      const instant = 'instant' in rule ? rule.instant : instantAt(rows.times, 1 - rule.quantile)
      return { of: Uint8Array.from(rows.times, (t) => (t < instant ? 0 : part.test)), instant }
    }
  }
}

function untimed(kind: string, has: string) {
  const reason = `a split by ${kind} needs times, and the data has ${has}; random:F needs none`
  return pinwheelError('EVALUATION_DATA', { reason })
}

/** The time of the row before which all but the last `share` lie. */
export function instantAt(times: Float64Array, share: number): number {
  const sorted = times.slice().sort()
  const at = sorted.length - lastCount(sorted.length, share)
  return sorted[Math.min(at, sorted.length - 1)] ?? 0
}

/** How many of `count` rows the last `share` is, rounded down. */
export function lastCount(count: number, share: number): number {
  // .29 of 100 is 28.999… in floating point.
  return Math.floor(count * share + 1e-9)
}

function randomParts({ items }: Interactions, share: number, seed: number): Uint8Array {
  const random = new Random(seed).split('split')
  return Uint8Array.from(items, () => (random.unit() < share ? part.test : part.train))
}

function lastFractionParts({ offsets, items }: Interactions, share: number): Uint8Array {
  const parts = new Uint8Array(items.length)
  for (let user = 0; user + 1 < offsets.length; user++) {
    const end = offsets[user + 1]!
    parts.fill(part.test, end - lastCount(end - offsets[user]!, share), end)
  }
  return parts
}

/** Users with fewer than three saves are in train alone. */
function lastOutParts({ offsets, items, saved }: Interactions): Uint8Array {
  const parts = new Uint8Array(items.length)
  for (let user = 0; user + 1 < offsets.length; user++) {
    const end = offsets[user + 1]!
    const saves: number[] = []
    for (let row = offsets[user]!; row < end; row++) if (saved[row] === 1) saves.push(row)
    if (saves.length < 3) continue
    parts.fill(part.between, saves.at(-2)!, saves.at(-1)!)
    parts.fill(part.test, saves.at(-1)!, end)
  }
  return parts
}
