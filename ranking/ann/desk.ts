/** A place at which one query at a time is searched: the kernel over the shared memory. */
import { kernelModule } from '../../graph/index.ts'
import { deskMemory, filterWords, type VectorMemory } from './vector-memory.ts'
import { quantiseQuery } from './vector-store.ts'

type Kernel = {
  readonly bindVectors: (table: number) => void
  readonly beginChoice: (most: number) => void
  readonly chosen: () => number
  readonly scanRows: (first: number, end: number, filter: number) => void
  readonly scanAllowed: (first: number, end: number, filter: number) => void
  readonly countAllowed: (filter: number, held: number, words: number) => number
  readonly rank: (given: number) => number
  readonly score: (given: number) => number
}

/** An answer at the desk: views that are good until the next query. */
export type Ranked = { readonly ids: Uint32Array; readonly scores: Float32Array }

export class Desk {
  readonly memory: VectorMemory
  /** The query that lies here. */
  readonly query: Float32Array
  /** Bits of the ids that the query allows, where `hasFilter`. */
  readonly filter: Uint32Array
  hasFilter = false
  readonly #kernel: Kernel
  readonly #rows: Uint32Array
  readonly #keys: Float32Array
  readonly #queryCodes: Uint8Array
  readonly #words: number

  /** KERNEL_MISSING. */
  constructor(memory: VectorMemory, desk: number) {
    const { table, query, queryCodes, keys, rows, filter } = deskMemory(memory, desk)
    const { dimensions, idLimit } = memory.shape
    this.memory = memory
    this.query = query.subarray(0, dimensions)
    this.filter = filter
    this.#queryCodes = queryCodes
    this.#rows = rows
    this.#keys = keys
    this.#words = filterWords(idLimit)
    const env = { memory: memory.wasm }
    const module = kernelModule('ranking/vectors-kernel.wasm')
    this.#kernel = new WebAssembly.Instance(module, { env }).exports as Kernel
    this.#kernel.bindVectors(table)
  }

  /** Lays a vector that has been admitted here; a filter is put into `filter` before. */
  ask(vector: Float32Array, hasFilter: boolean): void {
    this.query.set(vector)
    quantiseQuery(this.query, this.#queryCodes)
    this.hasFilter = hasFilter
  }

  /** Ids held that the query's filter allows. O(ids / 32). */
  countAllowed(): number {
    const { heldBits } = this.memory
    return this.#kernel.countAllowed(this.filter.byteOffset, heldBits.byteOffset, this.#words)
  }

  /** Whether the query's filter allows this row's id. */
  allowsRow(row: number): boolean {
    const id = this.memory.ids[row]!
    return ((this.filter[id >>> 5]! >>> (id & 31)) & 1) !== 0
  }

  beginChoice(most: number): void {
    this.#kernel.beginChoice(most)
  }

  /** Rows [first, end) that the query allows. */
  scanRows(first: number, end: number): void {
    this.#kernel.scanRows(first, end, this.hasFilter ? this.filter.byteOffset : 0)
  }

  /** All that the filter allows, id by id. */
  scanAllowed(): void {
    this.#kernel.scanAllowed(0, this.#words, this.filter.byteOffset)
  }

  /** The inner product of each of these rows, by the floats. */
  score(rows: Uint32Array): Float32Array {
    const products = new Float32Array(rows.length)
    for (let from = 0; from < rows.length; from += this.#rows.length) {
      const some = rows.subarray(from, from + this.#rows.length)
      this.#rows.set(some)
      this.#kernel.score(some.length)
      products.set(this.#keys.subarray(0, some.length), from)
    }
    return products
  }

  /** The best k of what was chosen and of `more` rows, by the floats. */
  rank(k: number, more: readonly number[] = []): Ranked {
    const chosen = this.#kernel.chosen()
    for (let i = 0; i < more.length; i++) this.#rows[chosen + i] = more[i]!
    const count = Math.min(k, this.#kernel.rank(chosen + more.length))
    return { ids: this.#rows.subarray(0, count), scores: this.#keys.subarray(0, count) }
  }
}
