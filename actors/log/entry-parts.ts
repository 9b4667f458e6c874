import { type Entry, entryOwner, hashId } from '../../base/index.ts'
import { EntryWriter } from './packed-entry.ts'

/** The entries of a list that go to one partition, packed, and their places in the list. */
export type EntryPart = {
  readonly partition: number
  readonly payload: Uint8Array
  readonly count: number
  readonly places: readonly number[]
}

/** Checked entries by partition, each part in the order of the list. */
export function entryParts(entries: readonly Entry[], partitions: number): EntryPart[] {
  const parts = new Map<number, { readonly writer: EntryWriter; readonly places: number[] }>()
  for (const [place, entry] of entries.entries()) {
    const partition = hashId(entryOwner(entry)) % partitions
    const part = parts.get(partition) ?? { writer: new EntryWriter(), places: [] }
    parts.set(partition, part)
    part.writer.append(entry)
    part.places.push(place)
  }
  return [...parts].map(([partition, { writer, places }]) => {
    return { partition, places, ...writer.take() }
  })
}
