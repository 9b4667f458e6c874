/** The demo world's log, replayed through the real ingest path and actors. */
import type { Runtime } from '../../actors/index.ts'
import type { EpochMs } from '../../base/index.ts'
import { Demo, type DemoOptions } from '../../simulator/index.ts'
import { ingestAll } from './ingest-all.ts'

type Bar = { update(done: number, total?: number): void; finish(done: number): void }

const HOUR_MS = 3_600_000

/** The demo's world, its log ending this hour: the same but for its dates, whenever it is made. */
export function demoUntil(now: EpochMs): DemoOptions {
  return { until: now - (now % HOUR_MS) }
}

/** Resolves with a way to draw the world's pictures once everything is applied and walkable. */
export async function fillWithDemo(
  runtime: Runtime,
  bar: Bar,
  now: EpochMs,
): Promise<(pin: string) => Buffer | undefined> {
  const demo = new Demo(demoUntil(now))
  const done = await ingestAll(runtime, demo.entries(), (n) => {
    bar.update(n, Math.max(n, demo.expected))
  })
  bar.finish(done)
  await runtime.open()
  return (pin) => demo.picture(pin)
}
