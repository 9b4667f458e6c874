/**
 * Vectors and their graph as a file, written and read by a thread of its own.
 *
 * Layout, in the byte order of the machine that wrote it: "PWVECTS" and a line feed · 16 words, see
 * `word` · u32 CRC-32 of these · ids of the rows (NONE: dead) · their floats · the graph as hnswlib
 * writes it.
 *
 * Dead rows are kept, as the graph's labels are rows: so a read index answers as the written did.
 * Nothing is used before all of it was checked.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { NONE, pinwheelError } from '../../base/index.ts'
import { told, type VectorMemory } from './vector-memory.ts'
import { type Metric, VectorStore } from './vector-store.ts'

const MAGIC = Buffer.from('PWVECTS\n')
const ORDER_MARK = 0x01020304
const VERSION = 1
const WORDS = 16
const HEAD_BYTES = MAGIC.length + 4 * WORDS + 4
/** Bytes moved at once. */
const CHUNK = 1024 * 1024
const metrics: readonly Metric[] = ['cosine', 'dot']

const word = Object.freeze({
  mark: 0,
  version: 1,
  dimensions: 2,
  metric: 3,
  rows: 4,
  baseRows: 5,
  /** Low and high. */
  graphBytes: 6,
  idsCrc: 8,
  floatsCrc: 9,
  graphCrc: 10,
})

export type IndexFile = {
  readonly path: string
  readonly metric: Metric
  /** Where the graph lies, or is put. */
  readonly graphFile: string
}

/**
 * Writes what a store holds under a temporary name, flushes and renames it. Changes that come
 * meanwhile are in it or not, each as a whole. FILE_UNWRITABLE.
 */
export function writeIndexFile(memory: VectorMemory, { path, metric, graphFile }: IndexFile): void {
  const store = new VectorStore(memory)
  // In this order: every row that is somebody's in the copy lies below the count.
  const rowOf = memory.rowOf.slice()
  const rows = store.rowCount
  const ids = memory.ids.slice(0, rows)
  for (let row = 0; row < rows; row++) if (rowOf[ids[row]!] !== row + 1) ids[row] = NONE
  const head = new Uint32Array(WORDS)
  const { dimensions } = memory.shape
  head.set([ORDER_MARK, VERSION, dimensions, metrics.indexOf(metric), rows, store.baseRows])
  const temporary = `${path}.new`
  let file: number | undefined
  try {
    file = openSync(temporary, 'w')
    let at = HEAD_BYTES
    const put = (bytes: Uint8Array, crc: number) => {
      writeFully(file!, bytes, at)
      at += bytes.length
      return crc32(bytes, crc)
    }
    head[word.idsCrc] = put(bytesOf(ids), 0)
    for (let row = 0; row < rows; row++) {
      head[word.floatsCrc] = put(bytesOf(store.floatsOf(row).slice()), head[word.floatsCrc]!)
    }
    const before = at
    if (store.baseRows > 0) {
      eachPiece(graphFile, (piece) => {
        head[word.graphCrc] = put(piece, head[word.graphCrc]!)
      })
    }
    head[word.graphBytes] = (at - before) % 2 ** 32
    head[word.graphBytes + 1] = Math.floor((at - before) / 2 ** 32)
    const crc = Uint32Array.of(crc32(bytesOf(head)))
    writeFully(file, Buffer.concat([MAGIC, bytesOf(head), bytesOf(crc)]), 0)
    fsyncSync(file)
    closeSync(file)
    file = undefined
    renameSync(temporary, path)
    flushFolder(dirname(path))
  } catch (error) {
    const reason = (error as { code?: string }).code ?? String(error)
    throw pinwheelError('FILE_UNWRITABLE', { path, reason }, error)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** Reads into an empty store. SNAPSHOT_DAMAGED, SNAPSHOT_NEWER, ANN_OPTIONS, CAPACITY. */
export function readIndexFile(memory: VectorMemory, given: IndexFile): void {
  const { path } = given
  const damaged = (reason: string, cause?: unknown) =>
    pinwheelError('SNAPSHOT_DAMAGED', { name: path, reason }, cause)
  const unreadable = (error: unknown) =>
    damaged(`it cannot be read (${(error as { code?: string }).code ?? 'unknown'})`, error)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    throw unreadable(error)
  }
  try {
    const read = (at: number, bytes: number) => {
      const into = new Uint8Array(bytes)
      for (let done = 0; done < bytes; ) {
        const got = readSync(file, into, done, bytes - done, at + done)
        if (got === 0) throw damaged('it ends early')
        done += got
      }
      return into
    }
    const size = fstatSync(file).size
    if (size < HEAD_BYTES) throw damaged('it is shorter than an index may be')
    const head = checkHead(read(0, HEAD_BYTES), memory, given)
    const graphBytes = head[word.graphBytes]! + head[word.graphBytes + 1]! * 2 ** 32
    const floatBytes = 4 * memory.shape.dimensions
    const rows = head[word.rows]!
    const promised = HEAD_BYTES + rows * (4 + floatBytes) + graphBytes
    if (promised !== size) throw damaged(`it has ${size} bytes; its head promises ${promised}`)
    readSections({ memory, given, head, read, damaged, graphBytes })
  } catch (error) {
    throw (error as { syscall?: string }).syscall ? unreadable(error) : error
  } finally {
    closeSync(file)
  }
}

type Reading = {
  readonly memory: VectorMemory
  readonly given: IndexFile
  readonly head: Uint32Array
  readonly read: (at: number, bytes: number) => Uint8Array<ArrayBuffer>
  readonly damaged: (reason: string) => Error
  readonly graphBytes: number
}

function readSections({ memory, given, head, read, damaged, graphBytes }: Reading): void {
  const store = new VectorStore(memory)
  const { dimensions, idLimit } = memory.shape
  const rows = head[word.rows]!
  const idBytes = read(HEAD_BYTES, 4 * rows)
  if (crc32(idBytes) !== head[word.idsCrc]) throw damaged('the CRC of its ids differs')
  const ids = new Uint32Array(idBytes.buffer)
  const floatsAt = HEAD_BYTES + 4 * rows
  const perPiece = Math.max(1, Math.floor(CHUNK / (4 * dimensions)))
  let crc = 0
  for (let first = 0; first < rows; first += perPiece) {
    const count = Math.min(perPiece, rows - first)
    const bytes = read(floatsAt + first * 4 * dimensions, count * 4 * dimensions)
    crc = crc32(bytes, crc)
    const floats = new Float32Array(bytes.buffer)
    for (let i = 0; i < count; i++) {
      const id = ids[first + i]!
      const vector = floats.subarray(i * dimensions, (i + 1) * dimensions)
      if (!vector.every(Number.isFinite))
        throw damaged(`a number of row ${first + i} is not finite`)
      if (id === NONE) store.bury(store.append(NONE, vector))
      else if (id >= idLimit) throw damaged(`its id ${id} is not below ${idLimit}`)
      else if (store.has(id)) throw damaged(`its id ${id} is there twice`)
      else store.set(id, vector)
    }
  }
  if (crc !== head[word.floatsCrc]) throw damaged('the CRC of its vectors differs')
  Atomics.store(memory.told, told.baseRows, head[word.baseRows]!)
  const graph = openSync(given.graphFile, 'w')
  try {
    let sum = 0
    for (let at = 0; at < graphBytes; at += CHUNK) {
      const piece = read(floatsAt + rows * 4 * dimensions + at, Math.min(CHUNK, graphBytes - at))
      sum = crc32(piece, sum)
      writeFully(graph, piece, at)
    }
    if (sum !== head[word.graphCrc]) throw damaged('the CRC of its graph differs')
  } finally {
    closeSync(graph)
  }
}

function checkHead(bytes: Uint8Array, { shape }: VectorMemory, { path, metric }: IndexFile) {
  const damaged = (reason: string) => pinwheelError('SNAPSHOT_DAMAGED', { name: path, reason })
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) {
    throw damaged('it does not begin as an index of vectors does')
  }
  const words = new Uint32Array(bytes.slice(MAGIC.length).buffer)
  const head = words.subarray(0, WORDS)
  if (head[word.mark] !== ORDER_MARK) throw damaged('it was written in another byte order')
  const version = head[word.version]!
  if (version > VERSION)
    throw pinwheelError('SNAPSHOT_NEWER', { name: path, version, known: VERSION })
  if (crc32(bytesOf(head)) !== words[WORDS]) throw damaged('the CRC of its head differs')
  if (version !== VERSION) throw damaged(`version ${version} is not read`)
  const rows = head[word.rows]!
  if (head[word.baseRows]! > rows) throw damaged('its graph links more rows than there are')
  const differs = (option: string, value: string | number, other: string | number | undefined) => {
    const expected = `${other}, as in ${path}`
    throw pinwheelError('ANN_OPTIONS', { option, value, expected })
  }
  const dimensions = head[word.dimensions]!
  if (dimensions !== shape.dimensions) differs('dimensions', shape.dimensions, dimensions)
  const written = metrics[head[word.metric]!]
  if (written !== metric) differs('metric', metric, written)
  if (rows > shape.capacity) {
    const limit = shape.capacity
    throw pinwheelError('CAPACITY', { what: 'vectors', count: rows, limit, setting: 'capacity' })
  }
  return head
}

function eachPiece(path: string, take: (piece: Uint8Array) => void): void {
  const file = openSync(path, 'r')
  try {
    const piece = new Uint8Array(CHUNK)
    for (let at = 0; ; ) {
      const got = readSync(file, piece, 0, CHUNK, at)
      if (got === 0) return
      take(piece.subarray(0, got))
      at += got
    }
  } finally {
    closeSync(file)
  }
}

function writeFully(file: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, at + done)
  }
}

function flushFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function bytesOf(array: Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}
