import { type Entry, entryOwner, hashBytes, hashId } from '../../base/index.ts'
import { EntryReader, EntryWriter } from './packed-entry.ts'

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

export type PackedPart = Omit<EntryPart, 'places'>

/**
 * The same of entries that are packed already, without those that are not wanted in their
 * partition, and without those that were taken out, which have no owner.
 */
export function packedParts(
  payload: Uint8Array,
  partitions: number,
  isWanted: (reader: EntryReader, partition: number) => boolean = () => true,
): PackedPart[] {
  const parts = new Map<number, Uint8Array[]>()
  const reader = new EntryReader(payload)
  while (reader.next()) {
    if (reader.isRedacted) continue
    const partition = hashBytes(reader.bytes, reader.ownerStart, reader.ownerEnd) % partitions
    if (!isWanted(reader, partition)) continue
    const part = parts.get(partition) ?? []
    parts.set(partition, part)
    part.push(payload.subarray(reader.start, reader.end))
  }
  return [...parts].map(([partition, part]) => {
    return { partition, payload: Buffer.concat(part), count: part.length }
  })
}
