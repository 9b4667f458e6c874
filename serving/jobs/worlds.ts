/** Worlds for replay: grown once, then read from the cache. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  type CirclePlan,
  type CircleWorld,
  decodeSeedGraph,
  encodeSeedGraph,
  growCircles,
  seedGraphName,
} from '../../simulator/index.ts'

export type WorldHow = {
  readonly threads: number
  /** Where grown graphs are kept; ~/.cache/pinwheel by default. */
  readonly cache: string | undefined
  /** Grows anew, whatever is kept. */
  readonly isFresh?: boolean
}

export async function openWorld(plan: CirclePlan, how: WorldHow): Promise<CircleWorld> {
  const folder = join(how.cache ?? join(homedir(), '.cache', 'pinwheel'), 'worlds')
  const file = (name: string) => join(folder, `${name}.seed`)
  return growCircles(plan, {
    threads: how.threads,
    find: async (options) => {
      if (how.isFresh) return undefined
      try {
        return decodeSeedGraph(await readFile(file(seedGraphName(options))), options)
      } catch {
        return undefined
      }
    },
    keep: async (options, graph) => {
      await mkdir(folder, { recursive: true })
      const path = file(seedGraphName(options))
      await writeFile(`${path}.new`, encodeSeedGraph(options, graph))
      await rename(`${path}.new`, path)
    },
  })
}
