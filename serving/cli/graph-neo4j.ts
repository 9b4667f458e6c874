/** `pinwheel graph push` and `graph pull`: the graph into Neo4j and out of it. */
import type { Command } from 'commander'
import { systemClock } from '../../base/index.ts'
import { boardRows, buildGraph, edgeDigest, saveGraph } from '../../graph/index.ts'
import { type Neo4jConnection, pullGraph, pushGraph } from '../../graph/neo4j/index.ts'
import { checkSource, type GraphSource, sourceRows } from '../jobs/graph-source.ts'
import type { AddCommand } from './command.ts'
import { type Neo4jFlags, neo4jOptions, withNeo4j } from './neo4j.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

/** The flags that name a graph to send. */
export function sourceOptions(command: Command): Command {
  return command
    .option('--data <DIR>', 'data directory; a server may have it')
    .option('--dataset <PATH>', 'folder of a data set; its rows are boards')
    .option('--format <F>', 'format of the data set')
    .option('--generated <EDGES>', 'a made-up graph, to measure', wholeNumber)
    .option('--seed <N>', 'seed of the made-up graph', wholeNumber, 1)
}

export const addPush: AddCommand = (graph, context) => {
  neo4jOptions(sourceOptions(graph.command('push').exitOverride()))
    .description('Make the graph in Neo4j equal to a source; goes on where it was cut off.')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel graph push --data ./data\n' +
        '  PINWHEEL_NEO4J_PASSWORD=… pinwheel graph push --generated 1000000 --neo4j-url bolt://127.0.0.1:7687 --json',
    )
    .action(async ({ json, ...flags }: GraphSource & Neo4jFlags & { json?: true }) => {
      checkSource(flags)
      const report = await withNeo4j(context, flags, async (connection) => {
        const source = await sourceRows(flags)
        const progress = new Progress('push', 'edges', systemClock)
        const onProgress = (done: number, total: number) => progress.update(done, total)
        const pushed = await pushGraph(connection, { ...source, clock: systemClock, onProgress })
        progress.finish(pushed.edges)
        return pushed
      })
      printResult(report, json === true)
    })
}

export const addPull: AddCommand = (graph, context) => {
  neo4jOptions(graph.command('pull').exitOverride())
    .description('Read the graph from Neo4j, and compare it by its digest or save it.')
    .option('--snapshot <FILE>', 'write the built graph to this file')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel graph pull\n  pinwheel graph pull --snapshot graph.bin --json',
    )
    .action(async ({ json, ...flags }: Neo4jFlags & { snapshot?: string; json?: true }) => {
      const report = await withNeo4j(context, flags, (connection) => pull(connection, flags))
      printResult(report, json === true)
    })
}

async function pull(connection: Neo4jConnection, { snapshot }: { readonly snapshot?: string }) {
  const progress = new Progress('pull', 'edges', systemClock)
  const { graph, complete, seconds } = await pullGraph(connection, {
    clock: systemClock,
    onProgress: (done, total) => progress.update(done, total),
  })
  const { edgeCount } = graph.edges
  progress.finish(edgeCount)
  if (snapshot !== undefined) await saveGraph(buildGraph(graph.edges), snapshot)
  const rows = boardRows(graph)
  return {
    edges: rows.pinOf.length,
    boards: rows.boards.length,
    pins: rows.pins.length,
    /** False: a push or sync was on its way, so this is no state that a source ever had. */
    complete,
    seconds,
    edgesPerSecond: Math.round(edgeCount / seconds),
    digest: edgeDigest(rows),
    ...(snapshot !== undefined && { snapshot }),
  }
}
