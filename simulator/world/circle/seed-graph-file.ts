/**
 * A seed graph as bytes: `PWSEED1` and a zero, u32 length of a JSON header, the header (padded by
 * spaces to whole words), the columns in the header's order, u32 CRC-32 of all before.
 * Little-endian.
 */
import { crc32 } from 'node:zlib'
import { lawsHash } from './laws.ts'
import type { SeedGraph, SeedGraphOptions } from './seed-graph.ts'

const MAGIC = 'PWSEED1\0'
const columns = [
  'classStarts',
  'visitUser',
  'visitSave',
  'savePin',
  'saveBoard',
  'topicStarts',
  'topicPins',
  'visitTopic',
  'pinTopic',
] as const
type Column = (typeof columns)[number]
const byteColumns: ReadonlySet<Column> = new Set(['visitTopic', 'pinTopic'])

type Header = {
  readonly laws: string
  readonly seed: number
  readonly pattern: number
  readonly users: number
  readonly pins: number
  readonly boards: number
  readonly lengths: Readonly<Record<Column, number>>
}

/** Names what was grown from what: equal for equal options only. */
export const seedGraphName = ({ laws, seed, pattern }: SeedGraphOptions) =>
  `${lawsHash(laws)}-${seed}-${pattern}`

export function encodeSeedGraph(options: SeedGraphOptions, graph: SeedGraph): Uint8Array {
  const { users, pins, boards } = graph
  const lengths = Object.fromEntries(columns.map((name) => [name, graph[name].length]))
  const { laws, seed, pattern } = options
  const header = { laws: lawsHash(laws), seed, pattern, users, pins, boards, lengths }
  const text = Buffer.from(JSON.stringify(header))
  const padded = Buffer.concat([text, Buffer.alloc((4 - (text.length % 4)) % 4, ' ')])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(padded.length)
  const parts = columns.map((name) => {
    const { buffer, byteOffset, byteLength } = graph[name]
    return new Uint8Array(buffer, byteOffset, byteLength)
  })
  const body = Buffer.concat([Buffer.from(MAGIC, 'latin1'), length, padded, ...parts])
  const end = Buffer.alloc(4)
  end.writeUInt32LE(crc32(body))
  return Buffer.concat([body, end])
}

/**
 * The graph of these options; undefined where bytes are another's or damaged: then it is grown
 * anew.
 */
export function decodeSeedGraph(
  bytes: Uint8Array,
  options: SeedGraphOptions,
): SeedGraph | undefined {
  const at = MAGIC.length
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < at + 8) return undefined
  const end = bytes.length - 4
  if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end))) return undefined
  if (Buffer.from(bytes.subarray(0, at)).toString('latin1') !== MAGIC) return undefined
  const headerEnd = at + 4 + view.getUint32(at, true)
  const header = JSON.parse(Buffer.from(bytes.subarray(at + 4, headerEnd)).toString()) as Header
  const { laws, seed, pattern } = header
  const isSame =
    laws === lawsHash(options.laws) && seed === options.seed && pattern === options.pattern
  if (!isSame) return undefined
  let from = headerEnd
  const read = columns.map((name) => {
    const size = header.lengths[name] * (byteColumns.has(name) ? 1 : 4)
    const memory = new SharedArrayBuffer(size)
    new Uint8Array(memory).set(bytes.subarray(from, from + size))
    from += size
    return [name, byteColumns.has(name) ? new Uint8Array(memory) : new Uint32Array(memory)]
  })
  const { users, pins, boards } = header
  return { users, pins, boards, ...Object.fromEntries(read) } as SeedGraph
}
