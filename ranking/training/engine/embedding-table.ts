/**
 * Vectors by row number, of which a batch reads a few: they are gathered before a step, their
 * gradients come back row by row, and only those rows move. Memory: 12 bytes a number of the table,
 * 8 a number of a batch.
 */
import { assert, type Random } from '../../../base/index.ts'
import { KernelMemory } from './kernel-memory.ts'
import type { Step } from './optimiser.ts'

export type TableShape = {
  readonly name: string
  readonly rows: number
  /** Numbers of a row, a multiple of 4. */
  readonly width: number
  /** Rows that a batch reads, repeats counted. */
  readonly lookups: number
  /** Of the normal numbers about 0 that it starts with. */
  readonly deviation: number
  /** Of the learning rate, what its rows move by; the whole where absent. */
  readonly speed?: number
}

export class EmbeddingTable {
  readonly shape: TableShape
  /** Which rows the next batch reads; the caller's to fill, below `shape.rows`. */
  readonly ids: Uint32Array
  /** Those rows, after `gather`: [lookups, width]. */
  readonly gathered: Float32Array
  /** Of the loss by `gathered`; spent by `step`. */
  readonly gradient: Float32Array
  readonly #memory: KernelMemory
  readonly #lists: Readonly<Record<'table' | 'means' | 'squares', Float32Array>>
  readonly #firsts: Uint32Array
  /** Place + 1 of a row in the batch; 0 between batches. */
  readonly #placeOf: Uint32Array

  /** MODEL_TOO_LARGE beyond 4 GiB. */
  constructor(shape: TableShape, random: Random) {
    const { name, rows, width, lookups, deviation } = shape
    assert(width % 4 === 0, 'an embedding has a multiple of four numbers')
    const [all, read] = [rows * width, lookups * width]
    this.shape = shape
    const lengths = [all, all, all, read, read, lookups, lookups]
    this.#memory = new KernelMemory(`the embeddings ${name}`, lengths)
    const list = () => this.#memory.floats(all)
    this.#lists = { table: list(), means: list(), squares: list() }
    this.gathered = this.#memory.floats(read)
    this.gradient = this.#memory.floats(read)
    this.ids = this.#memory.words(lookups)
    this.#firsts = this.#memory.words(lookups)
    this.#placeOf = new Uint32Array(rows)
    const own = random.split(name)
    const { table } = this.#lists
    for (let i = 0; i < all; i++) table[i] = deviation * own.normal()
  }

  /** What a checkpoint keeps. */
  get state(): Readonly<Record<'table' | 'means' | 'squares', Float32Array>> {
    return this.#lists
  }

  row(id: number): Float32Array {
    const { width } = this.shape
    return this.#lists.table.subarray(id * width, (id + 1) * width)
  }

  gather(): void {
    const { rows, width, lookups } = this.shape
    assert(
      this.ids.every((id) => id < rows),
      'a batch reads rows that are in the table',
    )
    const { kernel } = this.#memory
    const { table } = this.#lists
    const [from, ids, to] = [table.byteOffset, this.ids.byteOffset, this.gathered.byteOffset]
    kernel.gather(from, width, ids, lookups, to)
  }

  step({ optimiser, rate, spread, keep }: Step): void {
    const { width, lookups } = this.shape
    const { kernel } = this.#memory
    const { table, means, squares } = this.#lists
    this.#findFirsts()
    const gradients = this.gradient.byteOffset
    const firsts = this.#firsts.byteOffset
    kernel.sumRows(gradients, width, firsts, lookups)
    const [w, m, ids] = [table.byteOffset, means.byteOffset, this.ids.byteOffset]
    if (optimiser.kind === 'adam') {
      const v = squares.byteOffset
      kernel.adamRows(w, m, v, gradients, width, ids, firsts, lookups, rate, spread, keep)
    } else {
      const { momentum } = optimiser
      kernel.sgdRows(w, m, gradients, width, ids, firsts, lookups, rate, momentum, keep)
    }
  }

  /** A row that a batch reads several times moves once, by the sum of its gradients. */
  #findFirsts(): void {
    const { ids } = this
    for (let i = 0; i < ids.length; i++) {
      const known = this.#placeOf[ids[i]!]!
      if (known === 0) this.#placeOf[ids[i]!] = i + 1
      this.#firsts[i] = known === 0 ? i : known - 1
    }
    for (const id of ids) this.#placeOf[id] = 0
  }
}
