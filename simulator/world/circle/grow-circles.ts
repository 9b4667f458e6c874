/** Grows the patterns of a world on threads, one each at a time. */
import { endThread, startThread } from '../../../base/index.ts'
import { type CirclePlan, type CircleWorld, circleWorld } from './circle-world.ts'
import type { SeedGraph, SeedGraphOptions } from './seed-graph.ts'

export type GrowHow = {
  readonly threads: number
  /** A graph that was grown before, if there is one. */
  readonly find?: (options: SeedGraphOptions) => Promise<SeedGraph | undefined>
  readonly keep?: (options: SeedGraphOptions, graph: SeedGraph) => Promise<void>
}

/** The same world for any number of threads. */
export async function growCircles(plan: CirclePlan, how: GrowHow): Promise<CircleWorld> {
  const graphs: SeedGraph[] = []
  let next = 0
  const work = async () => {
    while (next < plan.patterns) {
      const pattern = next++
      const options = { laws: plan.laws, seed: plan.seed, pattern }
      const found = await how.find?.(options)
      const graph = found ?? (await growOnThread(options))
      if (!found) await how.keep?.(options, graph)
      graphs[pattern] = graph
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, how.threads) }, work))
  return circleWorld(plan, graphs)
}

async function growOnThread(options: SeedGraphOptions): Promise<SeedGraph> {
  const entry = new URL('./grow-thread.ts', import.meta.url)
  const thread = startThread(entry, { workerData: options })
  try {
    return await new Promise<SeedGraph>((resolve, reject) => {
      thread.once('message', resolve)
      thread.once('error', reject)
      thread.once('exit', (code) => reject(new Error(`the growing thread ended with ${code}`)))
    })
  } finally {
    await endThread(thread)
  }
}
