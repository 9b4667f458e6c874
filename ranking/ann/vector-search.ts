/**
 * Nearest vectors, searched by threads while vectors come, change and go: `README.md` has the laws.
 *
 * It lives on its owner's thread and does little there: a change writes one row, a query is copied
 * into a cell. A rebuild gathers what is held into new memory and links it on a thread of its own;
 * then threads over the new memory take over from those over the old.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pinwheelError } from '../../base/index.ts'
import type { CellQuery, VectorAnswer } from './cells.ts'
import { Epoch } from './epoch.ts'
import { runTask } from './index-task.ts'
import { checkedOptions, checkWhole, type GivenOptions, type VectorOptions } from './options.ts'
import { margin } from './scan-index.ts'
import type { IndexName } from './vector-index.ts'
import { filterWords, told, type VectorMemory, vectorMemory } from './vector-memory.ts'
import { admitted } from './vector-store.ts'

export type Vector = Float32Array | readonly number[]

export type VectorQuery = {
  readonly vectors: readonly Vector[]
  readonly k: number
  readonly ef?: number | undefined
  /** Bits of the ids that may be answered: `filterOf`. */
  readonly filter?: Uint32Array | undefined
  /** Undefined: whichever is expected to be faster. */
  readonly index?: IndexName | undefined
  /** Its reason becomes the query's. */
  readonly signal?: AbortSignal | undefined
}

/** Changes carried into a new epoch between two turns of the event loop: below half a ms. */
const REPLAY_AT_ONCE = 128

export class VectorSearch {
  readonly #options: VectorOptions
  readonly #directory: string
  readonly #closing = new AbortController()
  #epoch: Epoch
  #epochs = 1
  #changes = 0
  /** Ids changed since a rebuild began. */
  #changed: Set<number> | undefined
  #rebuilding: Promise<void> | undefined
  /** Rebuilds and saves, one after the other. */
  #tasks: Promise<unknown> = Promise.resolve()

  private constructor(options: VectorOptions, directory: string, memory: VectorMemory) {
    this.#options = options
    this.#directory = directory
    this.#epoch = new Epoch(memory, this.#graphFile(), options)
  }

  /** Without vectors. ANN_OPTIONS, MODEL_TOO_LARGE, ANN_THREAD_LOST. */
  static async open(given: GivenOptions): Promise<VectorSearch> {
    return VectorSearch.#opened(checkedOptions(given))
  }

  /** What `save` wrote. SNAPSHOT_DAMAGED, SNAPSHOT_NEWER, ANN_OPTIONS where the file has others. */
  static async load(path: string, given: GivenOptions): Promise<VectorSearch> {
    const options = checkedOptions(given)
    return VectorSearch.#opened(options, async (to, graphFile) => {
      const file = { path, graphFile, metric: options.metric }
      await runTask({ kind: 'load', to: sent(to), file }, { start: options.startTask })
    })
  }

  static async #opened(
    options: VectorOptions,
    fill?: (memory: VectorMemory, graphFile: string) => Promise<void>,
  ): Promise<VectorSearch> {
    const memory = vectorMemory(shapeOf(options))
    const directory = await mkdtemp(join(tmpdir(), 'pinwheel-vectors-'))
    try {
      await fill?.(memory, graphFileIn(directory, 1))
      const search = new VectorSearch(options, directory, memory)
      try {
        await search.#epoch.ready()
      } catch (error) {
        await search.close()
        throw error
      }
      return search
    } catch (error) {
      await rm(directory, { recursive: true, force: true })
      throw error
    }
  }

  get stats() {
    const { store, stats } = this.#epoch
    const words = store.memory.told
    const [checks, hits, wanted, dropped] = [told.checks, told.hits, told.wanted, told.dropped].map(
      (word) => Atomics.load(words, word),
    ) as [number, number, number, number]
    return {
      ...stats,
      vectors: store.size,
      linked: store.baseRows,
      /** Rows that the graph does not know, or knows though they are dead. */
      fresh: store.rowCount - store.baseRows,
      dead: store.deadCount,
      epoch: this.#epochs,
      isRebuilding: this.#rebuilding !== undefined,
      /** Recall@10 of this epoch, undefined before the first check. */
      recall: { at10: wanted > 0 ? hits / wanted : undefined, checks, dropped },
    }
  }

  has(id: number): boolean {
    return this.#epoch.store.has(id)
  }

  /** ANN_ID_TAKEN, ANN_VECTOR, CAPACITY, ANN_CLOSED. Searched from now on. */
  add(id: number, vector: Vector): void {
    if (this.has(id)) throw pinwheelError('ANN_ID_TAKEN', { id })
    this.set(id, vector)
  }

  /** Adds or replaces. ANN_VECTOR, CAPACITY, ANN_CLOSED. */
  set(id: number, vector: Vector): void {
    this.#checkOpen()
    checkWhole('id', id, 0, this.#options.idLimit - 1)
    const { dimensions, metric } = this.#options
    this.#epoch.store.set(id, admitted(vector, { dimensions, metric, what: `vector ${id}` }))
    this.#hasChanged(id)
  }

  /** Whether there was one. No answer that is given from now on has it. */
  delete(id: number): boolean {
    this.#checkOpen()
    const was = this.#epoch.store.delete(id)
    if (was) this.#hasChanged(id)
    return was
  }

  /** A filter that allows these ids. */
  filterOf(ids: Iterable<number>): Uint32Array {
    const { idLimit } = this.#options
    const bits = new Uint32Array(filterWords(idLimit))
    for (const id of ids) {
      checkWhole('id', id, 0, idLimit - 1)
      bits[id >>> 5]! |= 1 << (id & 31)
    }
    return bits
  }

  /**
   * The k nearest of each vector, all there are where they are fewer. ANN_VECTOR, ANN_OPTIONS,
   * ANN_FULL, ANN_CLOSED, ANN_THREAD_LOST, or the signal's reason.
   */
  async search(query: VectorQuery): Promise<VectorAnswer> {
    this.#checkOpen()
    const isHeld = (id: number) => this.#epoch.store.has(id)
    return this.#epoch.ask(this.#cellQuery(query), { isHeld, signal: query.signal })
  }

  #cellQuery({ vectors, k, ef = this.#options.ef, filter, index }: VectorQuery): CellQuery {
    const { dimensions, metric, kMax, batchMax, resultsMax, idLimit } = this.#options
    const count = vectors.length
    checkWhole('k', k, 1, kMax)
    checkWhole('ef', ef, 1, 1_000_000)
    checkWhole('vectors', count, 0, Math.min(batchMax, Math.floor(resultsMax / k)))
    if (filter)
      checkWhole('filter.length', filter.length, filterWords(idLimit), filterWords(idLimit))
    const all = new Float32Array(count * dimensions)
    vectors.forEach((vector, i) => {
      all.set(admitted(vector, { dimensions, metric, what: `query ${i}` }), i * dimensions)
    })
    return { vectors: all, count, k, ef: Math.max(ef, 2 * k), filter, index }
  }

  /**
   * Builds anew beside what is searched, then takes it over whole, with the changes that came
   * meanwhile. One that runs is joined. ANN_NATIVE_MISSING, ANN_TASK_LOST, MODEL_TOO_LARGE,
   * ANN_THREAD_LOST; then all is as it was.
   */
  rebuild(onProgress?: (done: number, of: number) => void): Promise<void> {
    this.#rebuilding ??= this.#afterOthers(() => this.#rebuild(onProgress)).finally(() => {
      this.#rebuilding = undefined
    })
    return this.#rebuilding
  }

  /** Writes a file, whole or not at all. FILE_UNWRITABLE, ANN_TASK_LOST. */
  save(path: string): Promise<void> {
    return this.#afterOthers(() => {
      const { store, graphFile } = this.#epoch
      const file = { path, graphFile, metric: this.#options.metric }
      return this.#run({ kind: 'save', from: sent(store.memory), file })
    })
  }

  /** What was asked is answered first; aborted, it is cut short. A rebuild is given up. */
  async close(signal?: AbortSignal): Promise<void> {
    this.#closing.abort(pinwheelError('ANN_CLOSED'))
    await this.#tasks
    await this.#epoch.close(signal)
    await rm(this.#directory, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #graphFile(): string {
    return graphFileIn(this.#directory, this.#epochs)
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw pinwheelError('ANN_CLOSED')
  }

  #run(task: Parameters<typeof runTask>[0], onProgress?: (done: number, of: number) => void) {
    const { startTask: start } = this.#options
    return runTask(task, { start, signal: this.#closing.signal, onProgress })
  }

  #afterOthers<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tasks.then(() => {
      this.#checkOpen()
      return task()
    })
    this.#tasks = result.catch(() => {})
    return result
  }

  #hasChanged(id: number): void {
    this.#changed?.add(id)
    this.#changes++
    const { rebuildAfter, onError } = this.#options
    if (rebuildAfter === 0 || this.#rebuilding || this.#changes < rebuildAfter) return
    if (this.#changes < this.#epoch.store.size / 8) return
    // One that fails is tried again after as many changes more.
    this.#changes = 0
    this.rebuild().catch(onError)
  }

  async #rebuild(onProgress?: (done: number, of: number) => void): Promise<void> {
    const before = this.#epoch
    const memory = vectorMemory(shapeOf(this.#options))
    const graphFile = graphFileIn(this.#directory, this.#epochs + 1)
    const { links, efBuild, seed, scanMax } = this.#options
    const graph = { links, efBuild, seed }
    this.#changed = new Set()
    let next: Epoch | undefined
    try {
      const places = { from: sent(before.store.memory), to: sent(memory) }
      await this.#run({ kind: 'rebuild', ...places, graph, graphFile, scanMax }, onProgress)
      next = new Epoch(memory, graphFile, this.#options)
      await next.ready()
      while (!this.#carryOver(next, this.#changed)) await this.#options.clock.yield()
      this.#checkOpen()
      this.#epoch = next
      this.#epochs++
      this.#changes = 0
    } catch (error) {
      await next?.close(AbortSignal.abort())
      throw error
    } finally {
      this.#changed = undefined
    }
    await before.close()
  }

  /** Some of what the new epoch does not know; whether that was all: then it is swapped at once. */
  #carryOver({ store: next }: Epoch, changed: Set<number>): boolean {
    const { store } = this.#epoch
    let left = REPLAY_AT_ONCE
    for (const id of changed) {
      if (left-- === 0) return false
      changed.delete(id)
      const row = store.rowOf(id)
      if (row >= 0) next.set(id, store.floatsOf(row))
      else next.delete(id)
    }
    return true
  }
}

const graphFileIn = (directory: string, epoch: number) => join(directory, `graph-${epoch}`)

const sent = ({ shape, wasm }: VectorMemory) => ({ shape, wasm })

/** A desk for queries and one for checks, for each thread. */
function shapeOf({ dimensions, capacity, idLimit, threads, kMax }: VectorOptions) {
  return { dimensions, capacity, idLimit, desks: 2 * threads, deskRows: 2 * kMax + margin(kMax) }
}
