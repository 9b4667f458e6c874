/**
 * A graph of a thousand million edges on one machine: built from a stream in random order, saved as
 * a snapshot, loaded in another process, walked there. Each process tells its time and its largest
 * resident size. Its arrays need more than one WASM memory; a walk passes between them.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../base/index.ts'

const sizes = {
  small: { pins: 10_000, boards: 2_000, edges: 100_000 },
  large: { pins: 100_000_000, boards: 20_000_000, edges: 1_000_000_000 },
} as const
const SEED = 1

export const bench = {
  name: 'graph/scale',

  run({ size }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const folder = mkdtempSync(join(tmpdir(), 'pinwheel-scale-'))
    const file = join(folder, 'graph.snapshot')
    const entry = fileURLToPath(new URL('scale-process.ts', import.meta.url))
    const part = (name: 'build' | 'load') => {
      const given = JSON.stringify({ part: name, file, seed: SEED, ...options })
      const out = execFileSync(process.execPath, [entry, given], { encoding: 'utf8' })
      return JSON.parse(out) as Record<string, unknown>
    }
    try {
      const build = part('build')
      const snapshotBytes = statSync(file).size
      return { seed: SEED, options, built: build, snapshotBytes, loaded: part('load') }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}
