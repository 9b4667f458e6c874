/**
 * A frozen graph as a file, streamed both ways.
 *
 * Layout, in the byte order of the machine that wrote it: "PWGRAPH" and a line feed · u32 order
 * mark 0x01020304 · u32 version · u32 sections · u32 CRC-32 of the table · the table: per section
 * u32 words, u32 CRC-32 · then the sections' words in the order of `sectionNames`, without gaps.
 *
 * Nothing of a snapshot is used before all of it was checked: its size, the CRCs, then that offsets
 * rise and numbers lie in range, so a walk never leaves its arrays.
 */
import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { NONE, pinwheelError } from '../base/index.ts'
import {
  type GraphMemory,
  type GraphStore,
  heapStore,
  type SectionName,
  sectionNames,
} from './graph-store.ts'
import { PinBoardGraph } from './pin-board-graph.ts'

const MAGIC = Buffer.from('PWGRAPH\n')
const ORDER_MARK = 0x01020304
const VERSION = 2
const HEAD_BYTES = MAGIC.length + 16
const TABLE_BYTES = sectionNames.length * 8
/** Bytes moved at once. */
const CHUNK = 16 * 1024 * 1024

/** The bytes of a snapshot, in pieces; equal graphs give equal bytes. */
export function* snapshotPieces(graph: PinBoardGraph): Generator<Uint8Array, void> {
  const sections = sectionNames.map((name) => bytesOf(graph.memory()[name]))
  const table = new Uint32Array(sectionNames.length * 2)
  sections.forEach((bytes, i) => {
    table[2 * i] = bytes.length / 4
    table[2 * i + 1] = crcOf(bytes)
  })
  const numbers = [ORDER_MARK, VERSION, sectionNames.length, crc32(bytesOf(table))]
  yield MAGIC
  yield bytesOf(Uint32Array.from(numbers))
  yield bytesOf(table)
  for (const bytes of sections) {
    for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK)
  }
}

/** A piece of the file that the reader wants next. */
type Wanted = { readonly at: number; readonly into: Uint8Array }

/**
 * Reads a snapshot of `size` bytes by asking for one piece after the other. SNAPSHOT_DAMAGED or
 * SNAPSHOT_NEWER with `name`; GRAPH_MEMORY when there is not enough.
 */
export function* readSnapshot(
  size: number,
  name: string,
  store: GraphStore,
): Generator<Wanted, PinBoardGraph> {
  const damaged = (reason: string) => pinwheelError('SNAPSHOT_DAMAGED', { name, reason })
  if (size < HEAD_BYTES + TABLE_BYTES) throw damaged('it is shorter than a snapshot may be')
  const head = new Uint8Array(HEAD_BYTES)
  yield { at: 0, into: head }
  const crc = checkHead(head, name)
  const table = new Uint32Array(sectionNames.length * 2)
  yield { at: HEAD_BYTES, into: bytesOf(table) }
  if (crc32(bytesOf(table)) !== crc) throw damaged('the CRC of its section table differs')
  const lengths = {} as Record<SectionName, number>
  let bytes = HEAD_BYTES + TABLE_BYTES
  sectionNames.forEach((section, i) => {
    lengths[section] = table[2 * i]!
    bytes += lengths[section] * 4
  })
  if (bytes !== size) throw damaged(`it has ${size} bytes; its table promises ${bytes}`)
  const memory = store(lengths)
  let at = HEAD_BYTES + TABLE_BYTES
  for (const [i, section] of sectionNames.entries()) {
    const body = bytesOf(memory[section])
    let sum = 0
    for (let from = 0; from < body.length; from += CHUNK) {
      const piece = body.subarray(from, from + CHUNK)
      yield { at: at + from, into: piece }
      sum = crc32(piece, sum)
    }
    if (sum !== table[2 * i + 1]) throw damaged(`the CRC of section ${section} differs`)
    at += body.length
  }
  const problem = inconsistency(memory)
  if (problem) throw damaged(problem)
  return new PinBoardGraph(memory)
}

/** The CRC of the table. */
function checkHead(head: Uint8Array, name: string): number {
  const damaged = (reason: string) => pinwheelError('SNAPSHOT_DAMAGED', { name, reason })
  if (!MAGIC.equals(head.subarray(0, MAGIC.length))) {
    throw damaged('it does not begin as a graph snapshot does')
  }
  const [mark, version, sections, crc] = new Uint32Array(head.slice(MAGIC.length).buffer)
  if (mark !== ORDER_MARK) throw damaged('it was written in another byte order')
  if (version! > VERSION) {
    throw pinwheelError('SNAPSHOT_NEWER', { name, version: version!, known: VERSION })
  }
  if (version !== VERSION) throw damaged(`version ${version} is not read`)
  if (sections !== sectionNames.length) throw damaged('its sections are not those known')
  return crc!
}

/** What a reader of the arrays could stumble over, or undefined. */
function inconsistency(m: GraphMemory): string | undefined {
  const pins = m.pinOfNode.length
  const boards = m.boardOfNode.length
  const edges = m.pinBoards.length
  if (m.boardPins.length !== edges) return 'its directions differ in edges'
  if (!rises(m.pinOffset, pins, edges)) return 'pinOffset does not rise to the edges'
  if (!rises(m.boardOffset, boards, edges)) return 'boardOffset does not rise to the edges'
  if (!below(m.pinBoards, boards) || !below(m.boardPins, pins)) return 'an edge leaves the graph'
  if (!below(m.nodeOfPin, pins, true) || !below(m.pinOfNode, m.nodeOfPin.length)) {
    return 'the numbers of pins are out of range'
  }
  if (!below(m.nodeOfBoard, boards, true) || !below(m.boardOfNode, m.nodeOfBoard.length)) {
    return 'the numbers of boards are out of range'
  }
  if (m.groups.length % 2 !== 0 || !risingGroups(m.groups, boards)) return 'its groups do not rise'
  return undefined
}

function below(array: Uint32Array, limit: number, noneToo = false): boolean {
  for (let i = 0; i < array.length; i++) {
    const v = array[i]!
    if (v >= limit && !(noneToo && v === NONE)) return false
  }
  return true
}

/** Every node has an edge; the last two offsets are the number of edges. */
function rises(offset: Uint32Array, nodes: number, edges: number): boolean {
  if (offset.length !== nodes + 2 || offset[0] !== 0) return false
  if (offset[nodes] !== edges || offset[nodes + 1] !== edges) return false
  for (let v = 0; v < nodes; v++) if (offset[v]! >= offset[v + 1]!) return false
  return true
}

function risingGroups(groups: Uint32Array, boards: number): boolean {
  if (groups.length === 0) return boards === 0
  if (groups[1] !== 0) return false
  for (let g = 2; g < groups.length; g += 2) {
    if (groups[g]! <= groups[g - 2]! || groups[g + 1]! <= groups[g - 1]!) return false
  }
  return groups.at(-1)! < boards
}

export function graphToBytes(graph: PinBoardGraph): Uint8Array {
  return Buffer.concat([...snapshotPieces(graph)])
}

export function graphFromBytes(
  bytes: Uint8Array,
  name: string,
  store: GraphStore = heapStore,
): PinBoardGraph {
  const reader = readSnapshot(bytes.length, name, store)
  for (;;) {
    const { done, value } = reader.next()
    if (done) return value
    value.into.set(bytes.subarray(value.at, value.at + value.into.length))
  }
}

/** Writes a snapshot under a temporary name, flushes it and renames it. */
export async function saveGraph(graph: PinBoardGraph, path: string): Promise<void> {
  const file = await open(`${path}.new`, 'w')
  try {
    for (const piece of snapshotPieces(graph)) await file.writeFile(piece)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Reads a snapshot file. SNAPSHOT_DAMAGED names the file. */
export async function loadGraph(
  path: string,
  store: GraphStore = heapStore,
): Promise<PinBoardGraph> {
  const unreadable = (error: unknown) => {
    const reason = `it cannot be read (${(error as { code?: string }).code ?? 'unknown'})`
    return pinwheelError('SNAPSHOT_DAMAGED', { name: path, reason }, error)
  }
  let file: FileHandle
  let size: number
  try {
    file = await open(path, 'r')
    size = (await file.stat()).size
  } catch (error) {
    throw unreadable(error)
  }
  try {
    const reader = readSnapshot(size, path, store)
    for (;;) {
      const { done, value } = reader.next()
      if (done) return value
      await readFully(file, value).catch((error: unknown) => {
        throw unreadable(error)
      })
    }
  } finally {
    await file.close()
  }
}

async function readFully(file: FileHandle, { at, into }: Wanted): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, at + done)
    if (bytesRead === 0) throw new Error('the file ends early')
    done += bytesRead
  }
}

function bytesOf(array: Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

function crcOf(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += CHUNK) sum = crc32(bytes.subarray(at, at + CHUNK), sum)
  return sum
}
