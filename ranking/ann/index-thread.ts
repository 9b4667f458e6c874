/** A thread that does one long task with an index, tells how far it is, and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { assert, toWire, type WireError } from '../../base/index.ts'
import { buildGraphFile, type GraphOptions, readGraphFile } from './hnsw-index.ts'
import { type IndexFile, readIndexFile, writeIndexFile } from './index-file.ts'
import { told, type VectorMemory, type VectorShape, vectorMemory } from './vector-memory.ts'
import { VectorStore } from './vector-store.ts'

export type SentMemory = Pick<VectorMemory, 'wasm'> & { readonly shape: VectorShape }

export type IndexTask =
  | {
      readonly kind: 'rebuild'
      readonly from: SentMemory
      readonly to: SentMemory
      readonly graph: GraphOptions
      readonly graphFile: string
      /** Up to so many vectors no graph is built. */
      readonly scanMax: number
    }
  | { readonly kind: 'save'; readonly from: SentMemory; readonly file: IndexFile }
  | { readonly kind: 'load'; readonly to: SentMemory; readonly file: IndexFile }

export type TaskMessage =
  | { readonly kind: 'progress'; readonly done: number; readonly of: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: WireError; readonly reason: string }

/** Rows between two words of progress. */
const TELL_EVERY = 4_096

const received = ({ shape, wasm }: SentMemory) => vectorMemory(shape, wasm)

async function perform(task: IndexTask, tell: (message: TaskMessage) => void): Promise<void> {
  if (task.kind === 'save') return writeIndexFile(received(task.from), task.file)
  const to = received(task.to)
  if (task.kind === 'load') {
    readIndexFile(to, task.file)
    if (Atomics.load(to.told, told.baseRows) > 0) await readGraphFile(to, task.file.graphFile)
    return
  }
  gather(received(task.from), to)
  const rows = Atomics.load(to.told, told.rowCount)
  if (rows <= task.scanMax) return
  Atomics.store(to.told, told.baseRows, rows)
  const onRow = (row: number) => {
    if (row % TELL_EVERY === 0) tell({ kind: 'progress', done: row, of: rows })
  }
  await buildGraphFile(to, { ...task.graph, file: task.graphFile, onRow })
}

/** By id, so that what is built depends on what is held alone. */
function gather(from: VectorMemory, to: VectorMemory): void {
  const store = new VectorStore(from)
  const next = new VectorStore(to)
  for (let id = 0; id < from.shape.idLimit; id++) {
    const row = store.rowOf(id)
    if (row >= 0) next.set(id, store.floatsOf(row))
  }
}

assert(parentPort !== null, 'this file is the entry of a worker thread')
const port = parentPort
try {
  await perform(workerData as IndexTask, (message) => port.postMessage(message))
  port.postMessage({ kind: 'done' } satisfies TaskMessage)
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error)
  port.postMessage({ kind: 'failed', error: toWire(error), reason } satisfies TaskMessage)
}
