/** `pinwheel graph bulk`: files for Neo4j's offline importer, and that importer on request. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pinwheelError, systemClock } from '../../base/index.ts'
import { writeBulkFiles } from '../../graph/neo4j/index.ts'
import { type GraphSource, sourceRows } from '../jobs/graph-source.ts'
import type { AddCommand, CommandContext } from './command.ts'
import { sourceOptions } from './graph-neo4j.ts'
import { printResult } from './print.ts'

type Flags = GraphSource & { out: string; gzip?: boolean; admin?: string; json?: true }

export const addBulk: AddCommand = (graph, context) => {
  sourceOptions(graph.command('bulk').exitOverride())
    .description('Write files for `neo4j-admin database import`: fast, replaces the database.')
    .requiredOption('--out <DIR>', 'folder for the files')
    .option('--gzip', 'compress them')
    .option('--admin <PROGRAM>', 'neo4j-admin: import them, too; the server must not run')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel graph bulk --data ./data --out ./bulk\n' +
        '  NEO4J_HOME=… pinwheel graph bulk --generated 5000000 --out ./bulk --admin neo4j-admin',
    )
    .action(async ({ json, ...flags }: Flags) => {
      printResult(await bulk(flags, context), json === true)
    })
}

async function bulk({ out, gzip = false, admin, ...source }: Flags, context: CommandContext) {
  const { rows, cursor } = await sourceRows(source)
  const started = systemClock.monotonic()
  const secondsSince = (start: number) => (systemClock.monotonic() - start) / 1000
  const { words, digest } = await writeBulkFiles(
    { rows, directory: out, gzip, ...(cursor && { cursor }) },
    context.config({}).neo4jDatabase,
  )
  const writeSeconds = secondsSince(started)
  const importing = systemClock.monotonic()
  if (admin !== undefined) await runImporter(admin, words)
  const edges = rows.pinOf.length
  return {
    edges,
    boards: rows.boards.length,
    pins: rows.pins.length,
    writeSeconds,
    ...(admin !== undefined && { importSeconds: secondsSince(importing) }),
    /** Writing the files and, with --admin, importing them. */
    edgesPerSecond: Math.round(edges / secondsSince(started)),
    digest,
    command: ['neo4j-admin', ...words].map(shellWord).join(' '),
    next: 'Start Neo4j, then run `pinwheel graph sync` or `graph push`: they make the constraints.',
  }
}

/** NEO4J_FAILED with the end of what the importer said. */
async function runImporter(program: string, words: readonly string[]): Promise<void> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const hear = (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-2_000)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const failed = (reason: string, cause?: unknown) =>
    pinwheelError('NEO4J_FAILED', { address: program, reason }, cause)
  let code: unknown
  try {
    ;[code] = await once(child, 'close')
  } catch (error) {
    throw failed((error as Error).message, error)
  }
  if (code !== 0) throw failed(said.trim().split('\n').slice(-3).join(' ') || `exit code ${code}`)
}

/** As a shell takes it for one word. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
