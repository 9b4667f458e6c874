import type { Clock } from './clock.ts'

/** What `work` gives within so long, else undefined; it goes on then, and nobody hears it. */
export async function inTime<T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
): Promise<T | undefined> {
  const over = new AbortController()
  const late = clock.sleep(ms, over.signal).then(
    () => undefined,
    () => undefined,
  )
  try {
    return await Promise.race([work, late])
  } finally {
    over.abort('over')
  }
}
