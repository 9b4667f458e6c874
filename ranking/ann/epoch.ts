/** Vectors, the threads that search them, and the graph's file: swapped whole by a rebuild. */
import { rm } from 'node:fs/promises'
import type { Worker } from 'node:worker_threads'
import { pinwheelError, startThread } from '../../base/index.ts'
import { CellPool } from '../../graph/pool/index.ts'
import {
  answerWords,
  type CellQuery,
  queryWords,
  readAnswer,
  type VectorAnswer,
  writeQuery,
} from './cells.ts'
import type { SearchSetup } from './search-thread.ts'
import { filterWords, padded, type VectorMemory } from './vector-memory.ts'
import { VectorStore } from './vector-store.ts'

export type EpochOptions = {
  readonly threads: number
  readonly cells: number
  readonly batchMax: number
  readonly resultsMax: number
  readonly checkEvery: number
  /** Starts a thread; tests start others. */
  readonly startSearch: (setup: SearchSetup) => Worker
}

/** Of a thread: vectors, graph and queries lie outside of it. */
const HEAP_MB = 256

export function startSearch(setup: SearchSetup): Worker {
  return startThread(new URL('./search-thread.ts', import.meta.url), {
    workerData: setup,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
}

export class Epoch {
  readonly store: VectorStore
  readonly graphFile: string
  readonly #pool: CellPool

  /** `graphFile` is there if the store has rows of a graph. GRAPH_MEMORY. */
  constructor(memory: VectorMemory, graphFile: string, options: EpochOptions) {
    this.store = new VectorStore(memory)
    this.graphFile = graphFile
    const { threads, cells, batchMax, resultsMax, checkEvery, startSearch: start } = options
    const { shape, wasm } = memory
    const vectorWords = batchMax * padded(shape.dimensions)
    const even = (words: number) => words + (words & 1)
    const pool = {
      cells,
      queryWords: even(queryWords(vectorWords, filterWords(shape.idLimit))),
      answerWords: even(answerWords(batchMax, resultsMax)),
    }
    const hasGraph = this.store.baseRows > 0
    this.#pool = new CellPool({
      ...pool,
      threads,
      start: (thread) =>
        start({
          thread,
          pool,
          buffer: this.#pool.memory.buffer,
          shape,
          wasm,
          graphFile: hasGraph ? graphFile : undefined,
          checkEvery,
        }),
      full: (count) => pinwheelError('ANN_FULL', { count }),
      closed: () => pinwheelError('ANN_CLOSED'),
      lost: (count, cause) => {
        const reason = cause instanceof Error ? cause.message : 'ended from outside'
        return pinwheelError('ANN_THREAD_LOST', { count, reason }, cause)
      },
    })
    this.#pool.open()
  }

  get stats() {
    return this.#pool.stats
  }

  ask(
    query: CellQuery,
    { isHeld, signal }: { isHeld: (id: number) => boolean; signal?: AbortSignal | undefined },
  ): Promise<VectorAnswer> {
    const { count, k } = query
    return this.#pool.ask({
      write: (buffer, at) => writeQuery(buffer, at, query),
      read: (buffer, from) => readAnswer(buffer, from, { count, k, isHeld }),
      signal,
    })
  }

  /** Resolves when a thread searches; ANN_THREAD_LOST when none comes up. */
  async ready(): Promise<void> {
    const nothing = {
      vectors: new Float32Array(0),
      count: 0,
      k: 1,
      ef: 1,
      filter: undefined,
      index: undefined,
    }
    await this.ask(nothing, { isHeld: () => true })
  }

  /** Ends when what was asked is answered; aborted, it is cut short. */
  async close(signal?: AbortSignal): Promise<void> {
    await this.#pool.close(signal)
    await rm(this.graphFile, { force: true })
  }
}
