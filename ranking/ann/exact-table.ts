/**
 * Vectors that do not change, searched by their inner product on the threads that ask: a scan over
 * bytes chooses, floats rank. No graph, no queue, no thread of its own.
 *
 * For a large k a scan is faster than a graph (`README.md`), and what is asked within a request is
 * answered before another thread would have woken.
 */
import { assert, pinwheelError } from '../../base/index.ts'
import { Desk, type Ranked } from './desk.ts'
import { margin, ScanIndex } from './scan-index.ts'
import { told, type VectorMemory, type VectorShape, vectorMemory } from './vector-memory.ts'
import { VectorStore } from './vector-store.ts'

/** The most that is answered at once. */
export const TABLE_K_MAX = 4_096
/** Threads that may ever open a table; one that dies does not give its place back. */
const DESKS = 256

/** What threads are sent. */
export type ExactTableMemory = { readonly shape: VectorShape; readonly wasm: WebAssembly.Memory }

/** Rows of `dimensions` finite numbers each, one behind the other. MODEL_TOO_LARGE. */
export function exactTableMemory(vectors: Float32Array, dimensions: number): ExactTableMemory {
  const rows = vectors.length / dimensions
  const deskRows = TABLE_K_MAX + margin(TABLE_K_MAX)
  const shape = { dimensions, capacity: rows, idLimit: rows, desks: DESKS, deskRows }
  const memory = vectorMemory(shape)
  const store = new VectorStore(memory)
  for (let row = 0; row < rows; row++) {
    store.set(row, vectors.subarray(row * dimensions, (row + 1) * dimensions))
  }
  return { shape, wasm: memory.wasm }
}

/** One thread's view of a table. */
export class ExactTable {
  readonly rows: number
  readonly #store: VectorStore
  readonly #desk: Desk
  readonly #scan: ScanIndex

  /** KERNEL_MISSING; CAPACITY when threads have opened it too often. */
  constructor({ shape, wasm }: ExactTableMemory) {
    const memory: VectorMemory = vectorMemory(shape, wasm)
    const desk = Atomics.add(memory.told, told.desksTaken, 1)
    if (desk >= shape.desks) {
      const limit = shape.desks
      throw pinwheelError('CAPACITY', { what: 'desks', count: desk + 1, limit, setting: 'none' })
    }
    this.rows = shape.capacity
    this.#store = new VectorStore(memory)
    this.#desk = new Desk(memory, desk)
    this.#scan = new ScanIndex(this.#desk)
  }

  /** The floats of a row, in place. */
  vectorOf(row: number): Float32Array {
    return this.#store.floatsOf(row)
  }

  /** The k rows of greatest inner product, the best first, ties by row; views until the next. */
  best(vector: Float32Array, k: number): Ranked {
    assert(k <= TABLE_K_MAX, 'there is room at the desk')
    this.#desk.ask(vector, false)
    return this.#scan.search(k)
  }

  /** The inner product of each of these rows of the table, as `best` has it. */
  productsOf(vector: Float32Array, rows: Uint32Array): Float32Array {
    this.#desk.ask(vector, false)
    return this.#desk.score(rows)
  }
}
