/**
 * Edges in a plain file, for a graph whose edges need not fit the memory: pairs of u32, little
 * endian, pin and board in host numbers, without a head. Read in blocks, once for each pass, and
 * synchronously, as a build asks for them; 1 MiB of memory, O(edges) a pass.
 */
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { pinwheelError } from '../base/index.ts'
import { type Counts, type EdgeChunk, type EdgeStream, graphInput } from './edge-source.ts'

const EDGE_BYTES = 8
const BLOCK_EDGES = 65_536

/** What has to be the same each time the file is read. */
type Stamp = Pick<Stats, 'size' | 'mtimeMs'>

/**
 * The edges of the file at `path`. Without counts they are read once to see how high host numbers
 * go. DATASET_MISSING when the file cannot be read; GRAPH_INPUT when it is not of whole edges, or
 * has changed when it is read again.
 */
export function edgeFile(path: string, counts?: Counts): EdgeStream {
  const stamp = reading(path, () => statSync(path))
  if (stamp.size % EDGE_BYTES !== 0) {
    throw graphInput(`${path} has ${stamp.size} bytes; an edge has ${EDGE_BYTES}`)
  }
  const chunks = () => edgesOf(path, stamp)
  const edgeCount = stamp.size / EDGE_BYTES
  return { ...(counts ?? countsOf(chunks())), edgeCount, chunks }
}

function countsOf(chunks: Iterable<EdgeChunk>): Counts {
  let pinCount = 0
  let boardCount = 0
  for (const { pins, boards, count } of chunks) {
    for (let i = 0; i < count; i++) {
      if (pins[i]! >= pinCount) pinCount = pins[i]! + 1
      if (boards[i]! >= boardCount) boardCount = boards[i]! + 1
    }
  }
  return { pinCount, boardCount }
}

function* edgesOf(path: string, stamp: Stamp): Generator<EdgeChunk, void> {
  const file = reading(path, () => openSync(path, 'r'))
  try {
    const found = reading(path, () => fstatSync(file))
    const changed = () => graphInput(`${path} has changed since it was read first`)
    if (found.size !== stamp.size || found.mtimeMs !== stamp.mtimeMs) throw changed()
    const block = new Uint8Array(BLOCK_EDGES * EDGE_BYTES)
    const pins = new Uint32Array(BLOCK_EDGES)
    const boards = new Uint32Array(BLOCK_EDGES)
    for (let at = 0; at < stamp.size; at += block.length) {
      const bytes = block.subarray(0, Math.min(block.length, stamp.size - at))
      if (!reading(path, () => fill(file, bytes, at))) throw changed()
      yield { pins, boards, count: decode(bytes, pins, boards) }
    }
  } finally {
    closeSync(file)
  }
}

/** False when the file ends before. */
function fill(file: number, bytes: Uint8Array, at: number): boolean {
  for (let filled = 0; filled < bytes.length; ) {
    const read = readSync(file, bytes, filled, bytes.length - filled, at + filled)
    if (read === 0) return false
    filled += read
  }
  return true
}

function decode(bytes: Uint8Array, pins: Uint32Array, boards: Uint32Array): number {
  const view = new DataView(bytes.buffer, 0, bytes.length)
  const count = bytes.length / EDGE_BYTES
  for (let i = 0; i < count; i++) {
    pins[i] = view.getUint32(i * EDGE_BYTES, true)
    boards[i] = view.getUint32(i * EDGE_BYTES + 4, true)
  }
  return count
}

/** DATASET_MISSING when the system refuses. */
function reading<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw pinwheelError('DATASET_MISSING', { path, reason }, error)
  }
}
