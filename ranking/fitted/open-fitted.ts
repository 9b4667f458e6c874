/** Reads a fitted model off the thread that asks: that one has requests to serve. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { fromWire, type Interner } from '../../base/index.ts'
import type { FittedMemory } from './fitted-memory.ts'
import type { FittedManifest } from './fitted-store.ts'
import type { FittedRead, FittedReading } from './fitted-thread.ts'

/** `pins` must lie in shared memory. MODEL_UNFIT, MODEL_TOO_LARGE. */
export async function openFitted(
  folder: string,
  manifest: FittedManifest,
  pins: Interner,
): Promise<FittedMemory> {
  const workerData: FittedReading = { folder, manifest, pins: pins.memory() }
  const thread = new Worker(new URL('./fitted-thread.ts', import.meta.url), { workerData })
  try {
    const [read] = (await once(thread, 'message')) as [FittedRead]
    if ('error' in read) throw fromWire(read.error)
    return read.memory
  } finally {
    await thread.terminate()
  }
}
