/**
 * The dictionary of a host in a snapshot: the ids of one space in order of their numbers, each as
 * u8 length and UTF-8; length 0 where an id was erased. Numbers are given once and for ever, so the
 * ids below a count do not change while they are written.
 */
import { assert, hashBytes, type IdNumbers, type Interner } from '../../base/index.ts'
import { ChunkReader, type Chunks, ChunkWriter } from './section.ts'

/** Ids that are looked up together: what that takes stays in the first cache. */
const STRETCH = 256

/** The first `count` ids. */
export function* nameChunks(names: IdNumbers, count: number): Chunks & Generator<Uint8Array, void> {
  const writer = new ChunkWriter()
  for (let index = 0; index < count; index++) {
    const length = names.byteLength(index)
    writer.u8(length)
    const { target, at } = writer.reserve(length)
    names.copyId(index, target, at)
    if (writer.isFull) yield writer.take()
  }
  if (writer.length > 0) yield writer.take()
}

/**
 * Gives the ids of a chunk the numbers that they had. What they will be found by is looked at for
 * many of them at once: each is a miss of the cache, and those that do not wait overlap.
 */
export function loadNames(names: Interner, chunk: Uint8Array): void {
  const starts = new Uint32Array(STRETCH)
  const hashes = new Uint32Array(STRETCH)
  for (let at = 0; at < chunk.length; ) {
    let count = 0
    for (; count < STRETCH && at < chunk.length; count++) {
      const start = at + 1
      at = start + chunk[at]!
      starts[count] = start
      hashes[count] = hashBytes(chunk, start, at)
    }
    names.touch(hashes, count)
    for (let i = 0; i < count; i++) load(names, chunk, starts[i]!, hashes[i]!)
  }
}

function load(names: Interner, chunk: Uint8Array, start: number, hash: number): void {
  const length = chunk[start - 1]!
  if (length === 0) {
    names.leaveGap()
    return
  }
  const next = names.size
  const number = names.internBytes(chunk, start, start + length, hash)
  assert(number === next, 'a dictionary names each id once')
}

/** The chunk without the ids that `isGone` names: their numbers are nobody's from now on. */
export function withoutNames(
  chunk: Uint8Array,
  first: number,
  isGone: (id: Uint8Array, index: number) => boolean,
): { readonly chunk: Uint8Array; readonly next: number } {
  const reader = new ChunkReader(chunk)
  const kept = new ChunkWriter()
  let next = first
  while (!reader.isAtEnd) {
    const id = reader.bytes(reader.u8())
    const isKept = id.length > 0 && !isGone(id, next)
    next++
    kept.u8(isKept ? id.length : 0)
    if (isKept) kept.bytes(id)
  }
  return { chunk: kept.take(), next }
}
