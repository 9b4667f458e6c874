/**
 * The one memory in which vectors lie, shared by their owner and the threads that search: what is
 * where.
 *
 * Bytes, with d dimensions rounded up to 16: a row 5 d + 20, an id 4.25; a desk 12.5 a row it may
 * choose, and 1 for 8 ids. It is one WASM memory of at most 4 GiB (64 dimensions: some 12 M
 * vectors), committed by the system where it is touched.
 *
 * Rows are only ever appended; a row that `rowCount` covers never changes again. `rowOf` says which
 * row is an id's (row + 1; 0: none), by one word, so that a change is seen whole or not at all.
 */
import { pinwheelError } from '../../base/index.ts'

export type VectorShape = {
  readonly dimensions: number
  /** Rows: vectors, and those replaced or deleted since the last rebuild. */
  readonly capacity: number
  /** Ids are below it. */
  readonly idLimit: number
  /** Places at which one query at a time is searched. */
  readonly desks: number
  /** Rows that a desk can choose and rank. */
  readonly deskRows: number
}

/** Words that owner and threads tell each other. */
export const told = Object.freeze({
  /** Rows there are; below `baseRows` they are in the graph. */
  rowCount: 0,
  baseRows: 1,
  /** Ids there are. */
  held: 2,
  /** Rows in `dead`. */
  deadCount: 3,
  /** Raised by every change. */
  version: 4,
  /** Of the recall monitor: queries checked, ids found of those wanted, checks given up. */
  checks: 5,
  hits: 6,
  wanted: 7,
  dropped: 8,
  /** Of an exact table: desks that threads have taken. */
  desksTaken: 9,
})
const TOLD_WORDS = 16
const TABLE_WORDS = 16
const PAGE = 65_536
const BYTES_MAX = 65_536 * PAGE

export type VectorMemory = {
  readonly shape: VectorShape
  readonly wasm: WebAssembly.Memory
  readonly told: Int32Array
  readonly ids: Uint32Array
  readonly rowOf: Uint32Array
  /** A bit for every id that is held. */
  readonly heldBits: Uint32Array
  /** Rows that ceased to be an id's, in the order in which they did. */
  readonly dead: Uint32Array
  readonly scales: Float32Array
  readonly sums: Int32Array
  readonly codes: Int8Array
  readonly floats: Float32Array
}

export type DeskMemory = {
  /** Address of the table that the kernel reads. */
  readonly table: number
  readonly query: Float32Array
  readonly queryCodes: Uint8Array
  readonly keys: Float32Array
  readonly rows: Uint32Array
  readonly filter: Uint32Array
}

/** Bytes of a row, and so floats, as the kernel takes them: sixteen at once. */
export const padded = (dimensions: number) => Math.ceil(dimensions / 16) * 16
export const filterWords = (idLimit: number) => Math.ceil(idLimit / 32)

const lined = (bytes: number) => Math.ceil(bytes / 64) * 64

/** Places in bytes, in the order of the kernel's table where it has them. */
function places(shape: VectorShape) {
  const { dimensions, capacity, idLimit, desks, deskRows } = shape
  const width = padded(dimensions)
  let end = 0
  const place = (bytes: number) => {
    const at = end
    end += lined(bytes)
    return at
  }
  const words = filterWords(idLimit)
  const base = {
    told: place(TOLD_WORDS * 4),
    tables: place(desks * TABLE_WORDS * 4),
    ids: place(capacity * 4),
    rowOf: place(idLimit * 4),
    heldBits: place(words * 4),
    dead: place(capacity * 4),
    scales: place(capacity * 4),
    sums: place(capacity * 4),
    codes: place(capacity * width),
    floats: place(capacity * width * 4),
  }
  const desk = () => ({
    queryCodes: place(width),
    query: place(width * 4),
    keys: place(deskRows * 4),
    rows: place(deskRows * 4),
    filter: place(words * 4),
  })
  return { ...base, desks: Array.from({ length: desks }, desk), bytes: end }
}

/** Lays it out in new memory, or where it was sent from. MODEL_TOO_LARGE. */
export function vectorMemory(shape: VectorShape, sent?: WebAssembly.Memory): VectorMemory {
  const at = places(shape)
  const { capacity, idLimit, dimensions } = shape
  const width = padded(dimensions)
  const wasm = sent ?? allocate(at.bytes)
  const { buffer } = wasm
  return {
    shape,
    wasm,
    told: new Int32Array(buffer, at.told, TOLD_WORDS),
    ids: new Uint32Array(buffer, at.ids, capacity),
    rowOf: new Uint32Array(buffer, at.rowOf, idLimit),
    heldBits: new Uint32Array(buffer, at.heldBits, filterWords(idLimit)),
    dead: new Uint32Array(buffer, at.dead, capacity),
    scales: new Float32Array(buffer, at.scales, capacity),
    sums: new Int32Array(buffer, at.sums, capacity),
    codes: new Int8Array(buffer, at.codes, capacity * width),
    floats: new Float32Array(buffer, at.floats, capacity * width),
  }
}

/** One desk of it, its table written. */
export function deskMemory({ shape, wasm }: VectorMemory, desk: number): DeskMemory {
  const at = places(shape)
  const { dimensions, idLimit, deskRows } = shape
  const width = padded(dimensions)
  const own = at.desks[desk]!
  const table = at.tables + desk * TABLE_WORDS * 4
  const { buffer } = wasm
  new Uint32Array(buffer, table, TABLE_WORDS).set([
    width,
    width * 4,
    idLimit,
    at.ids,
    at.rowOf,
    at.scales,
    at.sums,
    at.codes,
    at.floats,
    own.queryCodes,
    own.query,
    own.keys,
    own.rows,
  ])
  return {
    table,
    query: new Float32Array(buffer, own.query, width),
    queryCodes: new Uint8Array(buffer, own.queryCodes, width),
    keys: new Float32Array(buffer, own.keys, deskRows),
    rows: new Uint32Array(buffer, own.rows, deskRows),
    filter: new Uint32Array(buffer, own.filter, filterWords(idLimit)),
  }
}

function allocate(bytes: number): WebAssembly.Memory {
  if (bytes > BYTES_MAX) {
    throw pinwheelError('MODEL_TOO_LARGE', { bytes, reason: `the most is ${BYTES_MAX}` })
  }
  const pages = Math.ceil(bytes / PAGE)
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  } catch (error) {
    throw pinwheelError('MODEL_TOO_LARGE', { bytes, reason: 'the machine has less' }, error)
  }
}
