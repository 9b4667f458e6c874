/** `pinwheel graph sync`: Neo4j follows the log of a data directory. */
import { createLogger, errorCode, type LogLevel, systemClock } from '../../base/index.ts'
import type { Neo4jConnection } from '../../graph/neo4j/index.ts'
import { GraphSync } from '../jobs/sync-graph.ts'
import type { AddCommand, CommandContext } from './command.ts'
import { type Neo4jFlags, neo4jOptions, withNeo4j } from './neo4j.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'
import { stopOnSignals } from './signals.ts'

type Flags = Neo4jFlags & { data: string; follow?: true; lag?: true; json?: true }

const PAUSE_MS = 1_000

export const addSync: AddCommand = (graph, context) => {
  neo4jOptions(graph.command('sync').exitOverride())
    .description('Send to Neo4j what the log has since; a server may have the data directory.')
    .requiredOption('--data <DIR>', 'data directory')
    .option('--follow', 'go on until Ctrl-C')
    .option('--lag', 'only say how many entries Neo4j is behind (ends a sync that was cut off)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel graph sync --data ./data\n  pinwheel graph sync --data ./data --follow',
    )
    .action(async ({ json, ...flags }: Flags) => {
      const report = await withNeo4j(context, flags, (connection) =>
        run(connection, flags, context),
      )
      printResult(report, json === true)
    })
}

async function run(connection: Neo4jConnection, flags: Flags, context: CommandContext) {
  const sync = await GraphSync.open(connection, flags.data)
  const lagBefore = await sync.lag()
  if (flags.lag) return { lagEntries: lagBefore, edges: sync.edges }
  const progress = new Progress('sync', 'edges', systemClock)
  const sent = () => sync.added + sync.removed
  const pass = () => sync.pass((edges) => progress.update(sent() + edges))
  if (flags.follow) await follow(pass, context)
  else await pass()
  progress.finish(sent())
  const { added, removed, edges } = sync
  return { added, removed, edges, lagEntriesBefore: lagBefore, lagEntries: await sync.lag() }
}

/** Passes until a signal. A Neo4j that went away is waited for. */
async function follow(pass: () => Promise<void>, context: CommandContext): Promise<void> {
  const logger = createLogger(context.config({}).logLevel as LogLevel)
  const { signal } = stopOnSignals(logger)
  while (!signal.aborted) {
    try {
      await pass()
    } catch (error) {
      if (errorCode(error) !== 'NEO4J_UNREACHABLE') throw error
      logger.warn({ reason: (error as Error).message }, 'Neo4j is waited for')
    }
    // The signal ends the pause.
    await systemClock.sleep(PAUSE_MS, signal).catch(() => {})
  }
}
