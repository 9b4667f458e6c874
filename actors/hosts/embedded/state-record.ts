/**
 * A frame of the states' log, little-endian.
 *
 * A state: u8 length and type, u8 length and id (both UTF-8), then the state's compact bytes. Where
 * its turn emitted: u8 0, u8 1, f64 number, u8 partitions, f64 position of each in the event log
 * (what was emitted stands nowhere before), u32 length and packed entries, then a state. A mark: u8
 * 0, u8 2, f64 number of the last outgoing that is in the event log, with all before it.
 */
const EMITTED = 1
const MARK = 2

/** What one turn emitted. */
export type Outgoing = {
  /** Counts up, in the order of turns. */
  readonly number: number
  /** Where the event log ended when it was kept, by partition. */
  readonly since: readonly number[]
  /** Packed entries (`actors/log/packed-entry.ts`). */
  readonly entries: Uint8Array
}

export type StateRecord =
  | {
      readonly type: string
      readonly id: string
      readonly bytes: Uint8Array
      readonly outgoing?: Outgoing | undefined
    }
  | { readonly sentThrough: number }

export function encodeState(record: StateRecord): Uint8Array {
  if ('sentThrough' in record) {
    const mark = Buffer.alloc(10)
    mark[1] = MARK
    mark.writeDoubleLE(record.sentThrough, 2)
    return mark
  }
  const { type, id, bytes, outgoing } = record
  const names = [type, id].map((name) => Buffer.from(name))
  const heads = names.flatMap((name) => [Uint8Array.of(name.length), name])
  return Buffer.concat([...(outgoing ? encodeOutgoing(outgoing) : []), ...heads, bytes])
}

export function decodeState(payload: Uint8Array): StateRecord {
  const all = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  if (all[0] === 0 && all[1] === MARK) return { sentThrough: all.readDoubleLE(2) }
  const { outgoing, end } = all[0] === 0 ? decodeOutgoing(all) : { outgoing: undefined, end: 0 }
  const typeEnd = end + 1 + all[end]!
  const idEnd = typeEnd + 1 + all[typeEnd]!
  return {
    type: all.toString('utf8', end + 1, typeEnd),
    id: all.toString('utf8', typeEnd + 1, idEnd),
    bytes: Uint8Array.from(all.subarray(idEnd)),
    outgoing,
  }
}

/** Where the packed entries of a frame lie in it; undefined where its turn emitted nothing. */
export function emittedIn(payload: Uint8Array): Uint8Array | undefined {
  const all = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  return all[0] === 0 && all[1] === EMITTED ? decodeOutgoing(all).outgoing.entries : undefined
}

function encodeOutgoing({ number, since, entries }: Outgoing): Uint8Array[] {
  const head = Buffer.alloc(15 + 8 * since.length)
  head[1] = EMITTED
  head.writeDoubleLE(number, 2)
  head[10] = since.length
  for (const [p, position] of since.entries()) head.writeDoubleLE(position, 11 + 8 * p)
  head.writeUInt32LE(entries.length, 11 + 8 * since.length)
  return [head, entries]
}

function decodeOutgoing(all: Buffer): { readonly outgoing: Outgoing; readonly end: number } {
  const partitions = all[10]!
  const at = 11 + 8 * partitions
  const since = Array.from({ length: partitions }, (_, p) => all.readDoubleLE(11 + 8 * p))
  const end = at + 4 + all.readUInt32LE(at)
  const entries = all.subarray(at + 4, end)
  return { outgoing: { number: all.readDoubleLE(2), since, entries }, end }
}
