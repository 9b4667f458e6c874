/** The demo world's log, replayed through the real ingest path and actors. */
import type { Runtime } from '../../actors/index.ts'
import { demoEntries } from '../../simulator/index.ts'
import { ingestAll } from './ingest-all.ts'

type Bar = { update(done: number, total?: number): void; finish(done: number): void }

/** About 25,000 catalogue entries and 300,000 events. */
const EXPECTED = 325_000

export async function fillWithDemo(runtime: Runtime, bar: Bar): Promise<void> {
  const done = await ingestAll(runtime, demoEntries(), (n) => bar.update(n, EXPECTED))
  bar.finish(done)
  await runtime.open()
}
