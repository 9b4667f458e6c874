/** A replay through the log: what a server does with events, but for HTTP. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, createLogger, systemClock } from '../../base/index.ts'
import { type EventStream, streamEntries, streamIdentity } from '../../simulator/index.ts'
import { ingestAll } from '../jobs/ingest-all.ts'
import { startRuntime } from '../jobs/start-runtime.ts'
import { Progress } from './progress.ts'

export async function replayDurable(
  config: Config,
  stream: EventStream,
  { from, events }: { readonly from: number; readonly events: number },
) {
  const directory = mkdtempSync(join(tmpdir(), 'pinwheel-replay-'))
  const how = { purpose: 'bulk', bulk: true } as const
  const runtime = await startRuntime(config, directory, createLogger('warn'), how)
  try {
    const progress = new Progress('replay', 'events', systemClock)
    const started = systemClock.monotonic()
    const entries = streamEntries(stream, { from, to: from + events })
    const done = await ingestAll(runtime, entries, (n) => progress.update(n, events))
    const appliedSeconds = (systemClock.monotonic() - started) / 1000
    await runtime.buildEpoch()
    const seconds = (systemClock.monotonic() - started) / 1000
    progress.finish(done)
    const stats = await runtime.stats()
    const sum = (of: (s: (typeof stats)[number]) => number) => stats.reduce((n, s) => n + of(s), 0)
    const turns = sum((s) => s.turns)
    return {
      events: done,
      /** Durable, applied to user and pin actors, and in the walkable graph. */
      seconds,
      eventsPerSecond: Math.round(done / seconds),
      eventsPerSecondApplied: Math.round(done / appliedSeconds),
      turnsPerSecond: Math.round(turns / seconds),
      turns,
      users: sum((s) => s.users),
      pins: sum((s) => s.pins),
      edges: sum((s) => s.edges),
      fsyncs: runtime.log.stats.fsyncs,
      logBytes: runtime.log.stats.bytes,
      residentBytes: process.memoryUsage.rss(),
      digest: await runtime.digest(),
      deadLetters: runtime.deadLetters.length,
      seed: stream.world.seed,
      options: {
        ...streamIdentity(stream),
        first: from,
        workers: runtime.workers,
        partitions: runtime.log.partitions,
      },
    }
  } finally {
    await runtime.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}
