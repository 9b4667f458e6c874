/** Random rows for the tests of laws. */
import fc from 'fast-check'
import { type Interactions, InteractionsBuilder, type RowOrder } from './interactions.ts'

export type RawRow = {
  readonly user: number
  readonly item: number
  readonly time: number
  readonly saved: boolean
}

/** Few users, items and times, so that there are repeats and ties. */
export const rawRows: fc.Arbitrary<RawRow[]> = fc.array(
  fc.record({
    user: fc.nat(4),
    item: fc.nat(12),
    time: fc.nat(9).map((n) => 40 * 60_000 * n),
    saved: fc.boolean(),
  }),
  { maxLength: 60 },
)

export function built(rows: readonly RawRow[], order: RowOrder = 'times'): Interactions {
  const builder = new InteractionsBuilder()
  for (const { user, item, time, saved } of rows) builder.meet(`u${user}`, `i${item}`, time, saved)
  return builder.build(order, true)
}

/** `user item@time` with a mark for saves, in the order of the rows. */
export function told(rows: Omit<Interactions, 'left' | 'order' | 'labelled'>): string[] {
  const texts: string[] = []
  for (let u = 0; u < rows.names.users.size; u++) {
    for (let row = rows.offsets[u]!; row < rows.offsets[u + 1]!; row++) {
      const mark = rows.saved[row] === 1 ? ' saved' : ''
      const item = rows.names.items.id(rows.items[row]!)
      texts.push(`${rows.names.users.id(u)} ${item}@${rows.times[row]! / 60_000}${mark}`)
    }
  }
  return texts
}
