/** `pinwheel graph path`: over which boards and pins two pins hang together. */
import { pathBetween, pathDefaults, toGexf } from '../../graph/analysis/index.ts'
import { buildGraph } from '../../graph/index.ts'
import { openGraph } from '../jobs/open-graph.ts'
import type { AddCommand } from './command.ts'
import { type PlaceFlags, pinNumber, placedCommand, writeText } from './graph-place.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'

type Flags = PlaceFlags & { from: string; to: string; visits: number; gexf?: string }

export const addGraphPath: AddCommand = (graph) => {
  placedCommand(graph, 'path', 'A shortest path between two pins.')
    .requiredOption('--from <ID>', 'a pin')
    .requiredOption('--to <ID>', 'another pin')
    .option('--visits <N>', 'give up after so many nodes', wholeNumber, pathDefaults.visitsMax)
    .option('--gexf <FILE>', 'write all shortest paths to a file')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel graph path --data ./data --from kettle --to tent\n' +
        '  pinwheel graph path --dataset DIR/pinterest --from 12 --to 34 --gexf paths.gexf',
    )
    .action(async (flags: Flags) => printResult(await run(flags), flags.json === true))
}

async function run({ from, to, visits, gexf, ...place }: Flags) {
  const named = await openGraph(place)
  const frozen = buildGraph(named.edges)
  const [a, b] = [pinNumber(named, frozen, from), pinNumber(named, frozen, to)]
  const { path, part, gaveUp } = pathBetween(frozen, a, b, { visitsMax: visits })
  if (gexf !== undefined) await writeText(gexf, toGexf(part, named))
  const name = { pin: named.pins, board: named.boards }
  return {
    found: path.length > 0,
    gaveUp,
    hops: Math.max(0, path.length - 1),
    path: path.map(({ kind, number }) => `${kind} ${name[kind].id(number)}`),
    onShortestPaths: part.nodes.length,
    truncated: part.truncated,
  }
}
