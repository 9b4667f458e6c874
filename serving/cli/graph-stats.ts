/** `pinwheel graph stats`: what a graph looks like, beside one of the same degrees by chance. */
import { type GraphStats, graphStats } from '../../graph/analysis/index.ts'
import { buildGraph } from '../../graph/index.ts'
import { topicsOf } from '../jobs/graph-topics.ts'
import { openGraph } from '../jobs/open-graph.ts'
import type { AddCommand } from './command.ts'
import { type PlaceFlags, placedCommand } from './graph-place.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'

export const addGraphStats: AddCommand = (graph) => {
  placedCommand(graph, 'stats', 'Degrees, clustering and topics of the graph, in figures.')
    .option('--seed <N>', 'seed of communities, samples and shuffle', wholeNumber, 1)
    .addHelpText(
      'after',
      '\nclustering is 4 C4 / L3: the share of paths of three edges that close to a cycle.\n' +
        'Beside it stands that of a graph with the same degrees and edges dealt out by chance.\n' +
        '\nExamples:\n  pinwheel graph stats --dataset DIR/pinterest --format lightgcn\n' +
        '  pinwheel graph stats --data ./data --json',
    )
    .action(async ({ json, seed, ...place }: PlaceFlags & { seed: number }) => {
      const named = await openGraph(place)
      const frozen = buildGraph(named.edges)
      const { topics, source } = topicsOf(named, frozen, seed)
      printResult({ ...report(graphStats(frozen, topics, { seed }), source), seed }, json === true)
    })
}

function report(stats: GraphStats, topics: string) {
  const { clustering, effectiveTopics, shuffled, ...sizes } = stats
  const { clustering: value, ...counted } = clustering
  const chance = shuffled?.clustering
  return {
    ...sizes,
    clustering: {
      value,
      ...counted,
      ...(chance && {
        shuffled: chance.clustering,
        ...(!chance.exact && { shuffledStandardError: chance.standardError }),
        ratio: value / chance.clustering,
      }),
    },
    effectiveTopics: {
      topics,
      ...effectiveTopics,
      ...(shuffled && { shuffledMean: shuffled.effectiveTopics.mean }),
    },
    ...(!shuffled && { note: 'Too many edges to shuffle: figures stand without comparison.' }),
  }
}
