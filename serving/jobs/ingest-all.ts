/**
 * Pushes many entries through a host's real ingest path: batches of a few thousand, two on their
 * way at a time, so that one is packed while the other is flushed.
 */
import type { Runtime } from '../../actors/index.ts'
import type { Entry } from '../../base/index.ts'

export const BATCH_ENTRIES = 8192

/** Resolves with the number of entries once all of them are durable and applied. */
export async function ingestAll(
  runtime: Runtime,
  entries: Iterable<Entry>,
  onProgress: (done: number) => void = () => {},
): Promise<number> {
  let done = 0
  let batch: Entry[] = []
  let before: Promise<unknown> = Promise.resolve()
  const push = async () => {
    const now = runtime.ingest(batch)
    done += batch.length
    batch = []
    // Observed when the next batch is full; until then a rejection must not count as unhandled.
    now.catch(() => {})
    await before
    before = now
    onProgress(done)
  }
  for (const entry of entries) {
    batch.push(entry)
    if (batch.length === BATCH_ENTRIES) await push()
  }
  await push()
  await before
  await runtime.settled()
  return done
}
