/** A data set's rows before its test as the log that they would have left: pins, then events in time. */
import type { Entry } from '../../base/index.ts'
import { type Dataset, itemTags } from '../../ranking/index.ts'

type Split = NonNullable<Dataset['split']>

/**
 * What was seen is an impression, a save follows its own. Rows of a user at one time are one
 * request. Names of users and items are those of the data.
 */
export function* entriesOfData(data: Dataset, split: Split): IterableIterator<Entry> {
  const { past } = split
  const { users, items } = data.names
  const order = Uint32Array.from(past.items.keys()).sort(
    (a, b) => past.times[a]! - past.times[b]! || a - b,
  )
  const began = Math.max(0, past.times[order[0] ?? 0] ?? 0)
  const tags = itemTags(data)
  for (let item = 0; item < data.items; item++) {
    yield {
      kind: 'pin',
      id: items.id(item),
      time: began,
      tags: (tags?.[item] ?? []).slice(0, TAGS_MAX),
    }
  }
  const userOf = new Uint32Array(past.items.length)
  for (let user = 0; user < data.users; user++) {
    userOf.fill(user, past.offsets[user], past.offsets[user + 1])
  }
  for (const row of order) {
    const time = past.times[row]!
    const user = users.id(userOf[row]!)
    const event = { time, user, pin: items.id(past.items[row]!) }
    const context = { request: `${user}@${time}` }
    yield { kind: 'impression', id: `i${row}`, ...event, context }
    if (past.saved[row] === 1) yield { kind: 'save', id: `s${row}`, ...event }
  }
}

/** More would be left out where a pin's tags are kept. */
const TAGS_MAX = 8
