/** `pinwheel graph communities`: groups of pins that share boards, by Louvain. */
import {
  communityDefaults,
  findCommunities,
  projectionDefaults,
  projectPins,
} from '../../graph/analysis/index.ts'
import { buildGraph } from '../../graph/index.ts'
import { openGraph } from '../jobs/open-graph.ts'
import type { AddCommand } from './command.ts'
import { idsOf, type PlaceFlags, placedCommand } from './graph-place.ts'
import { numberFrom, wholeNumber } from './numbers.ts'
import { printResult, printTable } from './print.ts'

type Flags = PlaceFlags & {
  seed: number
  resolution: number
  limit: number
  top: number
}

export const addGraphCommunities: AddCommand = (graph) => {
  const { pinsMax } = projectionDefaults
  placedCommand(graph, 'communities', 'Groups of pins that stand on the same boards.')
    .option('--limit <N>', 'pins that take part, the most popular', wholeNumber, pinsMax)
    .option('--resolution <X>', 'above 1 finds smaller groups', numberFrom(0), 1)
    .option('--top <N>', 'groups to show', wholeNumber, 20)
    .option('--seed <N>', 'seed of Louvain', wholeNumber, communityDefaults.seed)
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel graph communities --dataset DIR/pinterest --format lightgcn\n' +
        '  pinwheel graph communities --data ./data --resolution 2 --json',
    )
    .action(async ({ json, limit, top, seed, resolution, ...place }: Flags) => {
      const named = await openGraph(place)
      const projection = projectPins(buildGraph(named.edges), { pinsMax: limit })
      const found = findCommunities(projection, { seed, resolution })
      const communities = found.communities
        .slice(0, top)
        .map(({ size, representatives }) => ({ size, pins: idsOf(named.pins, representatives) }))
      const summary = {
        communities: found.communities.length,
        modularity: found.modularity,
        pins: projection.pins.length,
        pairs: projection.from.length,
        truncated: projection.truncated,
        seed,
      }
      if (json) printResult({ ...summary, largest: communities }, true)
      else {
        printResult(summary, false)
        const rows = communities.map(({ size, pins }, i) => [i, size, pins.join(' ')] as const)
        printTable(['community', 'pins', 'at its heart'], rows)
      }
    })
}
