import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InteractionsBuilder, LABEL_MS } from './interactions.ts'
import { built, rawRows, told } from './testing.ts'

const MINUTE = 60_000
type Row = readonly [user: string, item: string, minute: number, saved?: true]
function rowsOf(...rows: readonly Row[]) {
  const builder = new InteractionsBuilder()
  for (const [user, item, minute, saved] of rows) {
    builder.meet(user, item, minute * MINUTE, saved === true)
  }
  return builder.build('times', true)
}

describe('what a row is', () => {
  test('a showing counts once, and not after a save', () => {
    const rows = rowsOf(['a', 'x', 1], ['a', 'x', 90], ['a', 'y', 2, true], ['a', 'y', 300])
    expect(told(rows)).toEqual(['a x@1', 'a y@2 saved'])
    expect(rows.left).toEqual({ repeats: 2, followed: 0, deleted: 0 })
  })
  test('a save within the hour is what came of the showing; a later one is a row beside it', () => {
    expect(told(rowsOf(['a', 'x', 1], ['a', 'x', 60, true]))).toEqual(['a x@60 saved'])
    expect(told(rowsOf(['a', 'x', 1], ['a', 'x', 61, true]))).toEqual(['a x@1', 'a x@61 saved'])
    expect(told(rowsOf(['a', 'x', 1], ['b', 'x', 2, true]))).toEqual(['a x@1', 'b x@2 saved'])
    expect(LABEL_MS).toBe(60 * MINUTE)
  })
  test('a second save of an item is none', () => {
    const rows = rowsOf(['a', 'x', 5, true], ['a', 'x', 3, true])
    expect(told(rows)).toEqual(['a x@3 saved'])
  })
  test('rows of who was deleted are left out, later ones are not', () => {
    const builder = new InteractionsBuilder()
    builder.meet('a', 'x', 1, true)
    builder.meet('b', 'x', 1, true)
    builder.forget('a')
    builder.meet('a', 'y', 2, true)
    const rows = builder.build('times', false)
    expect(told(rows)).toHaveLength(2)
    expect(rows.left.deleted).toBe(1)
    expect(rows.names.items.size).toBe(2)
  })
  test('ties in time stand as the data has them', () => {
    const rows = rowsOf(['a', 'z', 1, true], ['a', 'x', 1, true], ['a', 'y', 0, true])
    expect(told(rows)).toEqual(['a y@0 saved', 'a z@1 saved', 'a x@1 saved'])
  })
})

test('how the rows of different users are interleaved does not matter', () => {
  fc.assert(
    fc.property(rawRows, fc.infiniteStream(fc.nat(4)), (rows, stream) => {
      const left = rows.slice()
      const mixed: typeof rows = []
      while (left.length > 0) {
        const user = stream.next().value
        const at = left.findIndex((row) => row.user === user)
        mixed.push(...left.splice(Math.max(0, at), 1))
      }
      // Where no row of that user was left, the first of all was taken: still in each user's order.
      const one = built(rows)
      const other = built(mixed)
      expect(told(other)).toEqual(told(one))
      expect(other.items).toEqual(one.items)
      expect(other.left).toEqual(one.left)
    }),
  )
})

test('in order; of an item at most a showing, then a save; nothing is made up', () => {
  fc.assert(
    fc.property(rawRows, (raw) => {
      const rows = built(raw)
      for (let u = 0; u < rows.names.users.size; u++) {
        const seen = new Map<number, number[]>()
        for (let row = rows.offsets[u]!; row < rows.offsets[u + 1]!; row++) {
          if (row > rows.offsets[u]!) {
            expect(rows.times[row]).toBeGreaterThanOrEqual(rows.times[row - 1]!)
          }
          const item = rows.items[row]!
          seen.set(item, [...(seen.get(item) ?? []), rows.saved[row]!])
        }
        for (const labels of seen.values()) expect(['0', '1', '0,1']).toContain(`${labels}`)
      }
      const { repeats, followed } = rows.left
      expect(rows.items.length + repeats + followed).toBe(raw.length)
      // Whatever was saved once is a save.
      const saves = new Set(raw.filter(({ saved }) => saved).map((r) => `u${r.user} i${r.item}`))
      const kept = told(rows).filter((text) => text.endsWith('saved'))
      expect(new Set(kept.map((text) => text.replace(/@.*/, '')))).toEqual(saves)
    }),
  )
})
