/** Starts a thread for a task with an index, and hears how it ends. */
import type { Worker } from 'node:worker_threads'
import { endThread, fromWire, pinwheelError, startThread } from '../../base/index.ts'
import type { IndexTask, TaskMessage } from './index-thread.ts'

/** Of a thread: vectors and graphs lie outside of it. */
const HEAP_MB = 256

export type TaskContext = {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number, of: number) => void) | undefined
  /** Starts a thread; tests start others. */
  readonly start: (task: IndexTask) => Worker
}

export function startTask(task: IndexTask): Worker {
  return startThread(new URL('./index-thread.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
}

/** Resolves when it is done; the thread's error, ANN_TASK_LOST, or the signal's reason. */
export async function runTask(task: IndexTask, context: TaskContext): Promise<void> {
  const { signal, onProgress, start } = context
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const lost = (reason: string, cause?: unknown) =>
    reject(pinwheelError('ANN_TASK_LOST', { task: task.kind, reason }, cause))
  const stop = () => reject(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  const worker = start(task)
  worker.on('message', (message: TaskMessage) => {
    if (message.kind === 'progress') onProgress?.(message.done, message.of)
    else if (message.kind === 'done') resolve()
    else if (message.error.code === 'INTERNAL') lost(message.reason)
    else reject(fromWire(message.error))
  })
  worker.once('error', (error) => lost(error.message, error))
  worker.once('exit', (code) => lost(`it ended with ${code}`))
  try {
    await promise
  } finally {
    signal?.removeEventListener('abort', stop)
    await endThread(worker)
  }
}
