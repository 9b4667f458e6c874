/** `pinwheel graph …`: everything that looks at the graph alone, one file a command. */
import type { AddCommand } from './command.ts'
import { addBulk } from './graph-bulk.ts'
import { addGraphCheck } from './graph-check.ts'
import { addGraphCommunities } from './graph-communities.ts'
import { addExplore } from './graph-explore.ts'
import { addGraphExport } from './graph-export.ts'
import { addPull, addPush } from './graph-neo4j.ts'
import { addGraphPath } from './graph-path.ts'
import { addGraphPrune } from './graph-prune.ts'
import { addGraphStats } from './graph-stats.ts'
import { addSync } from './graph-sync.ts'

const commands: readonly AddCommand[] = [
  addGraphStats,
  addGraphCheck,
  addGraphPrune,
  addGraphCommunities,
  addGraphExport,
  addGraphPath,
  addPush,
  addPull,
  addSync,
  addBulk,
  addExplore,
]

export const addGraph: AddCommand = (program, context) => {
  const graph = program
    .command('graph')
    .description('Look at the graph, and move it about.')
    .exitOverride()
  for (const add of commands) add(graph, context)
}
