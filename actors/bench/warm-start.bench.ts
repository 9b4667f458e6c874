/**
 * A ranker that starts: from the whole log, and from a base snapshot and the log behind it, each in
 * a process of its own as a host is, until its first graph can be walked; what a process takes to
 * begin is left out. The whole log is made as it is read, which counts; what is read behind a
 * snapshot (a window of duplicates before it among it) lies in memory. So nothing is told of a
 * stream: `ingest/jetstream` tells what reading one takes.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../base/index.ts'

const sizes = {
  small: { saves: 20_000, behind: 1_000, users: 500, pins: 2_000, boards: 1_000 },
  large: { saves: 20_000_000, behind: 200_000, users: 400_000, pins: 2_000_000, boards: 1_000_000 },
} as const
/** Frame n of the log is drawn by n. */
const SEED = 1
/** From the snapshot it starts so often: each start is told. */
const STARTS = 3

type Told = Readonly<Record<string, number>>

export const bench = {
  name: 'actors/warm-start',

  run({ size }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const directory = mkdtempSync(join(tmpdir(), 'pinwheel-warm-start-'))
    const entry = fileURLToPath(new URL('warm-start-process.ts', import.meta.url))
    const part = (name: 'whole' | 'warm') => {
      const given = JSON.stringify({ part: name, directory, ...options })
      return JSON.parse(
        execFileSync(process.execPath, [entry, given], { encoding: 'utf8' }),
      ) as Told
    }
    try {
      const { partitions, startSeconds, snapshotSeconds } = part('whole')
      const starts = Array.from({ length: STARTS }, () => part('warm'))
      const { edges, entries } = starts[0]!
      const warm = starts.map((each) => each['startSeconds']!)
      const median = warm.toSorted((a, b) => a - b)[STARTS >> 1]!
      return {
        seed: SEED,
        options: { ...options, partitions },
        wholeLogSeconds: startSeconds,
        snapshotSeconds,
        snapshotBytes: bytesIn(directory),
        warmStartSeconds: median,
        warmStarts: warm,
        cpuSeconds: starts.map((each) => each['cpuSeconds']!),
        ratio: startSeconds! / median,
        baseline: 'reading the whole log',
        ...{ edges, entries },
      }
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  },
}

function bytesIn(directory: string): number {
  const files = readdirSync(directory, { recursive: true }).map((file) =>
    statSync(join(directory, String(file))),
  )
  return files.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
}
