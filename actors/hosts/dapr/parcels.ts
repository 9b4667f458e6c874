/** What of some frames is for which shard. */
import { hashBytes, type Space } from '../../../base/index.ts'
import { type DuplicateWindow, EntryReader, type Frame } from '../../log/index.ts'
import type { Delivery } from './hosted-shard.ts'

/** Folded types and whose ids name their actors. */
export type FoldedType = { readonly name: string; readonly space: Space }

export type Parcel = {
  readonly type: string
  readonly shard: number
  /** Of all shards of all types. */
  readonly place: number
  readonly delivery: Delivery
}

type Filling = { readonly positions: number[]; readonly parts: Uint8Array[] }

/** The entries of frames of one partition by type and shard, resends left out. */
export function parcelsOf(
  frames: readonly Frame[],
  { types, shards }: { readonly types: readonly FoldedType[]; readonly shards: number },
  window: DuplicateWindow,
): Parcel[] {
  /** Of type t and shard s at t * shards + s. */
  const filling: Filling[] = []
  for (const frame of frames) {
    const reader = new EntryReader(frame.payload)
    for (let position = frame.first; reader.next(); position++) {
      const { bytes, ownerStart, ownerEnd, eventStart, eventEnd } = reader
      if (!reader.isEvent) window.pass()
      else if (window.check(bytes, ownerStart, ownerEnd, eventStart, eventEnd)) continue
      const entry = frame.payload.subarray(reader.start, reader.end)
      const user = shardFor(reader, 'user', shards)
      const pin = shardFor(reader, 'pin', shards)
      for (const [t, { space }] of types.entries()) {
        const shard = space === 'pin' ? pin : user
        if (shard < 0) continue
        const at = t * shards + shard
        filling[at] ??= { positions: [], parts: [] }
        filling[at].positions.push(position)
        filling[at].parts.push(entry)
      }
    }
  }
  const partition = frames[0]?.partition ?? 0
  return filling.flatMap(({ positions, parts }, place) => {
    const { name } = types[Math.floor(place / shards)]!
    const delivery = { partition, positions, payload: Buffer.concat(parts) }
    return [{ type: name, shard: place % shards, place, delivery }]
  })
}

/** The shard that folds the entry in a space, or -1. */
function shardFor(reader: EntryReader, space: 'user' | 'pin', shards: number): number {
  const of = (start: number, end: number) =>
    end > start ? hashBytes(reader.bytes, start, end) % shards : -1
  const { isEvent, isAboutPin, isAboutUser } = reader
  if (space === 'pin') {
    if (isEvent) return of(reader.pinStart, reader.pinEnd)
    return isAboutPin ? of(reader.ownerStart, reader.ownerEnd) : -1
  }
  if (isEvent || isAboutUser) return of(reader.ownerStart, reader.ownerEnd)
  // A board concerns its owner, which stands where an event has its board.
  return reader.boardEnd > reader.boardStart ? of(reader.boardStart, reader.boardEnd) : -1
}
