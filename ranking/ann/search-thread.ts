/**
 * A thread that searches: takes cells that wait, answers them, sleeps. It never returns to its
 * event loop. An error of the table is an answer; any other ends the thread, and another takes
 * over.
 */
import { workerData } from 'node:worker_threads'
import { PinwheelError } from '../../base/index.ts'
import {
  answerOf,
  control,
  DONE,
  type PoolMemory,
  type PoolShape,
  poolMemory,
  queryOf,
  takeWaiting,
} from '../../graph/pool/index.ts'
import { AnswerWriter, readQuery, writeRefusal } from './cells.ts'
import { Desk } from './desk.ts'
import { HnswIndex, readGraphFile } from './hnsw-index.ts'
import { RecallMonitor } from './recall-monitor.ts'
import { ScanIndex } from './scan-index.ts'
import type { IndexName, VectorIndex } from './vector-index.ts'
import { told, type VectorShape, vectorMemory } from './vector-memory.ts'

/** What a thread is started with. */
export type SearchSetup = {
  readonly thread: number
  readonly pool: PoolShape
  readonly buffer: SharedArrayBuffer
  readonly shape: VectorShape
  readonly wasm: WebAssembly.Memory
  /** Undefined: there is no graph, everything is scanned. */
  readonly graphFile: string | undefined
  readonly checkEvery: number
}

/**
 * Vectors that are scanned in the time in which the graph looks at one more of `ef`: measured, see
 * `README.md`. A filter that allows a share s of all makes the graph look at ef / s.
 */
export const SCAN_PER_EF = 100

class SearchThread {
  readonly #pool: PoolMemory
  readonly #thread: number
  readonly #desk: Desk
  readonly #scan: ScanIndex
  readonly #graph: HnswIndex | undefined
  readonly #monitor: RecallMonitor

  constructor(setup: SearchSetup, desk: Desk, graph: HnswIndex | undefined) {
    this.#pool = poolMemory(setup.pool, setup.buffer)
    this.#thread = setup.thread
    this.#desk = desk
    this.#scan = new ScanIndex(desk)
    this.#graph = graph
    this.#monitor = new RecallMonitor(desk.memory, 2 * setup.thread + 1, setup.checkEvery)
  }

  run(): void {
    const { control: words } = this.#pool
    for (;;) {
      // Before all that it is raised for: what comes behind this look ends the sleep.
      const asked = Atomics.load(words, control.asked)
      if (Atomics.load(words, control.stop) !== 0) return
      const cell = takeWaiting(this.#pool, this.#thread)
      if (cell >= 0) this.#answer(cell)
      else if (!this.#monitor.work()) Atomics.wait(words, control.asked, asked)
    }
  }

  #answer(cell: number): void {
    const { control: words, states, cuts, buffer } = this.#pool
    const to = answerOf(this.#pool, cell)
    try {
      const query = readQuery(buffer, queryOf(this.#pool, cell))
      const { vectors, count, k, filter } = query
      const answer = new AnswerWriter(buffer, to, query)
      if (filter) this.#desk.filter.set(filter)
      const { dimensions } = this.#desk.memory.shape
      const index = this.#choose(query)
      for (let i = 0; i < count; i++) {
        if (Atomics.load(cuts, cell) !== 0) break
        this.#desk.ask(vectors.subarray(i * dimensions, (i + 1) * dimensions), filter !== undefined)
        const { ids, scores } = index.search(k, query.ef)
        answer.add(ids, scores, index.name)
        if (index.name === 'graph') this.#monitor.note(this.#desk, scores)
      }
      answer.end()
    } catch (error) {
      if (!(error instanceof PinwheelError)) throw error
      writeRefusal(buffer, to, error.toWire())
    }
    Atomics.store(states, cell, DONE)
    Atomics.add(words, control.ended, 1)
    Atomics.notify(words, control.ended)
  }

  /** Whichever is expected to be faster, unless the query names one. */
  #choose({ filter, ef, index }: { filter: unknown; ef: number; index?: IndexName | undefined }) {
    const graph = this.#graph
    if (!graph || index === 'scan') return this.#scan
    if (index === 'graph') return graph
    const held = Atomics.load(this.#desk.memory.told, told.held)
    const allowed = filter ? this.#desk.countAllowed() : held
    return isScanFaster(held, allowed, ef) ? this.#scan : (graph as VectorIndex)
  }
}

function isScanFaster(held: number, allowed: number, ef: number): boolean {
  return allowed * allowed <= SCAN_PER_EF * ef * held
}

const setup = workerData as SearchSetup
const memory = vectorMemory(setup.shape, setup.wasm)
const desk = new Desk(memory, 2 * setup.thread)
const graph =
  setup.graphFile === undefined
    ? undefined
    : new HnswIndex(desk, await readGraphFile(memory, setup.graphFile))
new SearchThread(setup, desk, graph).run()
