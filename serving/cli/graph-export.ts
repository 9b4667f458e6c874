/** `pinwheel graph export`: the surroundings of a pin as a file that Gephi reads. */
import { NONE } from '../../base/index.ts'
import {
  centralityOf,
  communityTopics,
  egoDefaults,
  egoNetwork,
  toGexf,
} from '../../graph/analysis/index.ts'
import { buildGraph, type PinTopics } from '../../graph/index.ts'
import { openGraph } from '../jobs/open-graph.ts'
import type { AddCommand } from './command.ts'
import { type PlaceFlags, pinNumber, placedCommand, writeText } from './graph-place.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'

type Flags = PlaceFlags & {
  gexf: string
  pin: string
  radius: number
  limit: number
  edges: number
  communities?: true
}

export const addGraphExport: AddCommand = (graph) => {
  const { radius, nodesMax, edgesMax } = egoDefaults
  placedCommand(graph, 'export', 'Write what surrounds a pin as GEXF.')
    .requiredOption('--gexf <FILE>', 'file to write')
    .requiredOption('--pin <ID>', 'the pin in the middle')
    .option('--radius <N>', 'hops from it; a board is one hop away', wholeNumber, radius)
    .option('--limit <N>', 'pins and boards at most', wholeNumber, nodesMax)
    .option('--edges <N>', 'edges at most', wholeNumber, edgesMax)
    .option('--communities', 'colour pins by their community in the whole graph')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  pinwheel graph export --data ./data --pin kettle --gexf kettle.gexf\n' +
        '  pinwheel graph export --dataset DIR/pinterest --pin 12 --radius 3 --limit 500 \\\n' +
        '    --gexf 12.gexf --communities',
    )
    .action(async (flags: Flags) => printResult(await run(flags), flags.json === true))
}

async function run({ gexf, pin, radius, limit, edges, communities, ...place }: Flags) {
  const named = await openGraph(place)
  const frozen = buildGraph(named.edges)
  const centre = pinNumber(named, frozen, pin)
  const ego = egoNetwork(frozen, centre, { radius, nodesMax: limit, edgesMax: edges })
  const centrality = centralityOf(ego)
  const colours = communities && communityTopics(frozen)
  const { pins, boards } = named
  const community = colours && { community: (number: number) => topicOf(colours, number) }
  await writeText(gexf, toGexf(ego, { pins, boards, centrality, ...community }))
  const count = (kind: string) => ego.nodes.filter((node) => node.kind === kind).length
  return {
    file: gexf,
    pins: count('pin'),
    boards: count('board'),
    edges: ego.edges.length,
    truncated: ego.truncated,
    options: { pin, radius, limit, edges },
  }
}

function topicOf({ of }: PinTopics, pin: number): number | undefined {
  return of[pin] === NONE ? undefined : of[pin]
}
