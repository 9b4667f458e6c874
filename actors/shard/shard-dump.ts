/**
 * The actors of a shard in a snapshot.
 *
 * A record: u32 number, u32 length, the state's bytes for stores of this host, a multiple of 4.
 */
import { Dump } from '../snapshots/dump.ts'
import { ChunkReader, ChunkWriter, wordsOf } from '../snapshots/section.ts'
import { recordsOf } from './kept-states.ts'
import type { Residents } from './residents.ts'

/** As they are now; none has a number from `end` on. Whose actor is made later is left out. */
export function dumpOf(residents: Residents, end: number): Dump {
  return new Dump(end, (key, writer) => {
    if (residents.has(key)) write(writer, key, residents.stateOf(key))
  })
}

function write(writer: ChunkWriter, key: number, bytes: Uint8Array): void {
  writer.u32(key)
  writer.u32(bytes.length)
  writer.bytes(bytes)
}

/** Brings back those of a chunk's actors that are this shard's. STATE_DAMAGED, STATE_NEWER. */
export function restoreActors(
  residents: Residents,
  chunk: Uint8Array,
  isMine: (key: number) => boolean,
): void {
  const others = new Set<number>()
  const words = wordsOf(chunk)
  for (const at of recordsOf(words)) if (!isMine(words[at]!)) others.add(words[at]!)
  // The chunk is its reader's.
  residents.keep(others.size === 0 ? chunk.slice() : withoutActors(chunk, others))
}

/** The actors of a chunk and their states' bytes for stores of this host. */
export function* actorsOf(
  chunk: Uint8Array,
): Generator<readonly [key: number, bytes: Uint8Array], void> {
  const reader = new ChunkReader(chunk)
  while (!reader.isAtEnd) yield [reader.u32(), reader.bytes(reader.u32())]
}

/** The chunk without the actors of those numbers. */
export function withoutActors(chunk: Uint8Array, keys: ReadonlySet<number>): Uint8Array {
  const kept = new ChunkWriter()
  for (const [key, bytes] of actorsOf(chunk)) if (!keys.has(key)) write(kept, key, bytes)
  return kept.take()
}
