/**
 * A frozen graph as bytes, and as a file.
 *
 * Layout, little-endian: "PWGRAPH1" · u32 version · u32 sections · u32 CRC-32 of what follows up to
 * the first section · per section: u32 name length, name, u32 bytes, u32 CRC-32 · then the
 * sections' bytes, each padded to 4. Nothing of a snapshot is used before all of it was checked:
 * CRCs first, then that offsets rise and numbers lie in range, so a walk never leaves its arrays.
 */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { type Allocator, heapAllocator, NONE, pinwheelError, u32Array } from '../base/index.ts'
import { type GraphMemory, PinBoardGraph } from './pin-board-graph.ts'

const MAGIC = Buffer.from('PWGRAPH1')
const VERSION = 1
const HEAD_BYTES = 20
const sectionNames = [
  'pinOffset',
  'pinBoards',
  'boardOffset',
  'boardPins',
  'nodeOfPin',
  'pinOfNode',
  'nodeOfBoard',
  'boardOfNode',
] as const satisfies readonly (keyof GraphMemory)[]

/** The bytes of a graph; equal graphs give equal bytes. */
export function graphToBytes(graph: PinBoardGraph): Uint8Array {
  const memory = graph.memory()
  const bodies = sectionNames.map((name) => {
    const array = memory[name]
    return Buffer.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  })
  const table = Buffer.concat(
    sectionNames.map((name, i) => {
      const head = Buffer.alloc(4 + name.length + 8)
      head.writeUInt32LE(name.length, 0)
      head.write(name, 4)
      head.writeUInt32LE(bodies[i]!.length, 4 + name.length)
      head.writeUInt32LE(crc32(bodies[i]!), 8 + name.length)
      return head
    }),
  )
  const head = Buffer.alloc(HEAD_BYTES)
  MAGIC.copy(head)
  head.writeUInt32LE(VERSION, 8)
  head.writeUInt32LE(sectionNames.length, 12)
  head.writeUInt32LE(crc32(table), 16)
  return Buffer.concat([head, table, ...bodies])
}

/** The graph in `bytes`. SNAPSHOT_DAMAGED or SNAPSHOT_NEWER, with `name` in the message. */
export function graphFromBytes(
  bytes: Uint8Array,
  name: string,
  allocate: Allocator = heapAllocator,
): PinBoardGraph {
  const damaged = (reason: string) => pinwheelError('SNAPSHOT_DAMAGED', { name, reason })
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.length < HEAD_BYTES || !buffer.subarray(0, 8).equals(MAGIC)) {
    throw damaged('it does not begin as a graph snapshot does')
  }
  const version = buffer.readUInt32LE(8)
  if (version > VERSION) {
    throw pinwheelError('SNAPSHOT_NEWER', { name, version, known: VERSION })
  }
  if (version !== VERSION) throw damaged(`version ${version} was never written`)
  if (buffer.readUInt32LE(12) !== sectionNames.length)
    throw damaged('its sections are not those known')
  let at = HEAD_BYTES
  const sections = sectionNames.map((expected) => {
    const end = at + 4 + expected.length + 8
    const found =
      end <= buffer.length ? buffer.toString('latin1', at + 4, at + 4 + expected.length) : ''
    if (found !== expected || buffer.readUInt32LE(at) !== expected.length) {
      throw damaged(`section ${expected} is missing`)
    }
    at = end
    return {
      name: expected,
      bytes: buffer.readUInt32LE(end - 8),
      crc: buffer.readUInt32LE(end - 4),
    }
  })
  if (crc32(buffer.subarray(HEAD_BYTES, at)) !== buffer.readUInt32LE(16)) {
    throw damaged('the CRC of its section table differs')
  }
  const memory: Partial<Record<keyof GraphMemory, Uint32Array>> = {}
  for (const section of sections) {
    const body = buffer.subarray(at, at + section.bytes)
    at += section.bytes
    if (body.length !== section.bytes || section.bytes % 4 !== 0) {
      throw damaged(`section ${section.name} is cut off`)
    }
    if (crc32(body) !== section.crc) throw damaged(`the CRC of section ${section.name} differs`)
    const array = u32Array(allocate, section.bytes / 4)
    new Uint8Array(array.buffer).set(body)
    memory[section.name] = array
  }
  if (at !== buffer.length) throw damaged('it goes on after its last section')
  const problem = inconsistency(memory as GraphMemory)
  if (problem) throw damaged(problem)
  return new PinBoardGraph(memory as GraphMemory)
}

/** What a reader of the arrays could stumble over, or undefined. */
function inconsistency(m: GraphMemory): string | undefined {
  const pins = m.pinOfNode.length
  const boards = m.boardOfNode.length
  if (!rises(m.pinOffset, pins, m.pinBoards.length)) return 'pinOffset does not rise to the edges'
  if (!rises(m.boardOffset, boards, m.boardPins.length)) return 'boardOffset does not rise'
  if (m.pinBoards.length !== m.boardPins.length) return 'its directions differ in edges'
  const below = (array: Uint32Array, limit: number, none = false) =>
    array.every((v) => v < limit || (none && v === NONE))
  if (!below(m.pinBoards, boards) || !below(m.boardPins, pins)) return 'an edge leaves the graph'
  if (!below(m.nodeOfPin, pins, true) || !below(m.pinOfNode, m.nodeOfPin.length)) {
    return 'the numbers of pins are out of range'
  }
  if (!below(m.nodeOfBoard, boards, true) || !below(m.boardOfNode, m.nodeOfBoard.length)) {
    return 'the numbers of boards are out of range'
  }
  return undefined
}

function rises(offset: Uint32Array, nodes: number, edges: number): boolean {
  if (offset.length !== nodes + 1 || offset[0] !== 0 || offset[nodes] !== edges) return false
  for (let v = 0; v < nodes; v++) if (offset[v]! > offset[v + 1]!) return false
  return true
}

/** Writes a snapshot under a temporary name, flushes it and renames it. */
export async function saveGraph(graph: PinBoardGraph, path: string): Promise<void> {
  const file = await open(`${path}.new`, 'w')
  try {
    await file.writeFile(graphToBytes(graph))
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
export async function loadGraph(path: string, allocate?: Allocator): Promise<PinBoardGraph> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    const reason = `it cannot be read (${(error as { code?: string }).code ?? 'unknown'})`
    throw pinwheelError('SNAPSHOT_DAMAGED', { name: path, reason }, error)
  }
  return graphFromBytes(bytes, path, allocate)
}
