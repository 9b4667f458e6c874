/**
 * The graph: HNSW (Malkov & Yashunin, "Efficient and robust approximate nearest neighbor search
 * using hierarchical navigable small world graphs", 2018) by hnswlib, beside a scan of the rows
 * that came since it was built.
 *
 * hnswlib has no memory that threads share: each thread reads the file into a copy of its own. The
 * graph's labels are rows. Rows that died are marked in it before a search, in the order in which
 * they died, so that all copies stay equal.
 */
import type { HierarchicalNSW } from 'hnswlib-node'
import { pinwheelError, unbroken } from '../../base/index.ts'
import type { Desk, Ranked } from './desk.ts'
import { margin } from './scan-index.ts'
import type { VectorIndex } from './vector-index.ts'
import { told, type VectorMemory } from './vector-memory.ts'
import { VectorStore } from './vector-store.ts'

export type GraphOptions = {
  /** Links of a vector. */
  readonly links: number
  /** How far a vector that is linked looks around. */
  readonly efBuild: number
  readonly seed: number
}

export class HnswIndex implements VectorIndex {
  readonly name = 'graph'
  readonly #desk: Desk
  readonly #graph: HierarchicalNSW
  readonly #baseRows: number
  /** The query as the addon takes it; one array for all, as making one costs a microsecond. */
  readonly #query: number[]
  #buried = 0
  #ef = 0

  constructor(desk: Desk, graph: HierarchicalNSW) {
    this.#desk = desk
    this.#graph = graph
    this.#query = Array.from(desk.query)
    this.#baseRows = Atomics.load(desk.memory.told, told.baseRows)
  }

  search(k: number, ef: number): Ranked {
    const desk = this.#desk
    this.#bury()
    if (this.#ef !== ef) {
      unbroken(() => this.#graph.setEf(ef))
      this.#ef = ef
    }
    const allows = desk.hasFilter ? (row: number) => desk.allowsRow(row) : undefined
    for (let i = 0; i < desk.query.length; i++) this.#query[i] = desk.query[i]!
    const count = Math.min(k, this.#baseRows)
    const { neighbors } = unbroken(() => this.#graph.searchKnn(this.#query, count, allows))
    desk.beginChoice(k + margin(k))
    desk.scanRows(this.#baseRows, Atomics.load(desk.memory.told, told.rowCount))
    return desk.rank(k, neighbors)
  }

  /** Marks what died since the last search. */
  #bury(): void {
    const { told: words, dead } = this.#desk.memory
    for (const end = Atomics.load(words, told.deadCount); this.#buried < end; this.#buried++) {
      const row = dead[this.#buried]!
      if (row < this.#baseRows) unbroken(() => this.#graph.markDelete(row))
    }
  }
}

/** ANN_NATIVE_MISSING where the addon was not compiled. */
async function hnswlib() {
  try {
    return await import('hnswlib-node')
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw pinwheelError('ANN_NATIVE_MISSING', { reason }, error)
  }
}

/** Links the rows [0, `baseRows`) of a store and writes the graph to a file. */
export async function buildGraphFile(
  memory: VectorMemory,
  options: GraphOptions & { readonly file: string; readonly onRow: (row: number) => void },
): Promise<void> {
  const { HierarchicalNSW } = (await hnswlib()).default
  const store = new VectorStore(memory)
  const { links, efBuild, seed, file, onRow } = options
  const graph = new HierarchicalNSW('ip', memory.shape.dimensions)
  unbroken(() => graph.initIndex(store.baseRows, links, efBuild, seed))
  for (let row = 0; row < store.baseRows; row++) {
    const floats = Array.from(store.floatsOf(row))
    unbroken(() => graph.addPoint(floats, row))
    onRow(row)
  }
  unbroken(() => graph.writeIndexSync(file))
}

/** Reads a graph that links the rows [0, `baseRows`) of a store. SNAPSHOT_DAMAGED. */
export async function readGraphFile(memory: VectorMemory, file: string): Promise<HierarchicalNSW> {
  const { HierarchicalNSW } = (await hnswlib()).default
  const graph = new HierarchicalNSW('ip', memory.shape.dimensions)
  const refuse = (reason: string, cause?: unknown) =>
    pinwheelError('SNAPSHOT_DAMAGED', { name: file, reason }, cause)
  try {
    unbroken(() => graph.readIndexSync(file))
  } catch (error) {
    throw refuse(`its graph cannot be read (${(error as Error).message})`, error)
  }
  const rows = Atomics.load(memory.told, told.baseRows)
  const links = graph.getCurrentCount()
  if (links !== rows) throw refuse(`its graph links ${links} vectors, not ${rows}`)
  return graph
}
