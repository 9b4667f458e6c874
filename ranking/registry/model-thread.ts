/**
 * Models are read, checked and made ready on a thread that lives for it: the one that asks has
 * requests to serve. What comes back lies in shared memory.
 */
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import {
  assert,
  endThread,
  fromWire,
  startThread,
  toWire,
  type WireError,
} from '../../base/index.ts'

type Answer<Memory> = { readonly memory: Memory } | { readonly error: WireError }

/** What the thread at `entry` makes of `data`, or the error that it met. */
export async function openOnThread<Data, Memory>(entry: URL, data: Data): Promise<Memory> {
  const thread = startThread(entry, { workerData: data })
  try {
    const [answer] = (await once(thread, 'message')) as [Answer<Memory>]
    if ('error' in answer) throw fromWire(answer.error)
    return answer.memory
  } finally {
    await endThread(thread)
  }
}

/** For the entry of such a thread: answers, once. */
export async function answerOnThread<Data, Memory>(
  open: (data: Data) => Promise<Memory>,
): Promise<void> {
  assert(parentPort !== null, 'this file is the entry of a worker thread')
  let answer: Answer<Memory>
  try {
    answer = { memory: await open(workerData as Data) }
  } catch (error) {
    answer = { error: toWire(error) }
  }
  parentPort.postMessage(answer)
}
