/**
 * Threads that are ended from outside, though never in the midst of native code: an addon that
 * Node-API refuses a call throws what cannot be caught then, and the whole process is aborted
 * (seen with onnxruntime-node and hnswlib-node). Between a thread and who ends it stands a gate, a
 * word in shared memory: the thread is inside, or it is closed, not both.
 */
import {
  getEnvironmentData,
  setEnvironmentData,
  Worker,
  type WorkerOptions,
} from 'node:worker_threads'

const KEY = 'pinwheel.gate'

const OPEN = 0
const INSIDE = 1
/** The thread is inside, and somebody waits for it to come out. */
const AWAITED = 2
/** The thread is ended where it stands. */
const CLOSED = 3

const gates = new WeakMap<Worker, Int32Array>()

/** A worker that `endThread` ends safely, if what it runs calls addons by `unbroken`. */
export function startThread(entry: URL, options: WorkerOptions): Worker {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  setEnvironmentData(KEY, gate)
  try {
    const worker = new Worker(entry, options)
    gates.set(worker, gate)
    return worker
  } finally {
    setEnvironmentData(KEY, undefined)
  }
}

/** How long a thread may take to leave native code, ms. */
const PATIENCE_MS = 5_000

/**
 * Ends a thread at once, or as soon as it has left native code. One that does not leave it for
 * `patienceMs` is ended where it is: what hangs is a loop of its own beside a call that waits.
 */
export async function endThread(worker: Worker, patienceMs = PATIENCE_MS): Promise<void> {
  const gate = gates.get(worker)
  if (gate) await closed(gate, worker, patienceMs)
  await worker.terminate()
}

async function closed(gate: Int32Array, worker: Worker, patienceMs: number): Promise<void> {
  const exited = new Promise((resolve) => worker.once('exit', resolve))
  // Waiting for a word alone keeps no process alive.
  worker.ref()
  while (worker.threadId !== -1) {
    const was = Atomics.compareExchange(gate, 0, OPEN, CLOSED)
    if (was === OPEN || was === CLOSED) return
    Atomics.compareExchange(gate, 0, INSIDE, AWAITED)
    const left = Atomics.waitAsync(gate, 0, AWAITED, patienceMs).value
    if ((await Promise.race([left, exited])) === 'timed-out') return
  }
}

const own = getEnvironmentData(KEY) as Int32Array | undefined
// Threads that this one starts have gates of their own, or none.
setEnvironmentData(KEY, undefined)
let callsInside = 0

/** Calls native code; until the call or its promise has ended, nobody ends this thread. */
export function unbroken<T>(call: () => T): T {
  enter()
  let result: T
  try {
    result = call()
  } catch (error) {
    leave()
    throw error
  }
  if (result instanceof Promise) return result.finally(leave) as T
  leave()
  return result
}

function enter(): void {
  if (callsInside++ > 0 || !own) return
  if (Atomics.compareExchange(own, 0, OPEN, INSIDE) === CLOSED) Atomics.wait(own, 0, CLOSED)
}

function leave(): void {
  if (--callsInside > 0 || !own) return
  if (Atomics.compareExchange(own, 0, INSIDE, OPEN) === INSIDE) return
  Atomics.store(own, 0, CLOSED)
  Atomics.notify(own, 0)
  Atomics.wait(own, 0, CLOSED)
}
