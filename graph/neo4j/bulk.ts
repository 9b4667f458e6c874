/**
 * The graph as files for `neo4j-admin database import full`: several times faster than a push, but
 * only into a database that is not running, replacing it. Nodes are joined by numbers, their ids
 * stand once, quoted. The state node comes along, so that a sync can go on from there.
 */
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type BoardRows, edgeDigest } from '../board-rows.ts'
import { type LogCursor, stateProperties } from './load-state.ts'

export type BulkOptions = {
  readonly rows: BoardRows
  readonly directory: string
  readonly gzip?: boolean
  readonly cursor?: LogCursor
}

export type BulkFiles = {
  readonly digest: string
  /** Words after `neo4j-admin`. */
  readonly words: readonly string[]
}

const LINES_PER_CHUNK = 4096

/** Writes the files; existing ones are replaced. */
export async function writeBulkFiles(options: BulkOptions, database: string): Promise<BulkFiles> {
  const { rows, directory, gzip = false, cursor } = options
  const digest = edgeDigest(rows)
  const edges = rows.pinOf.length
  const state = { load: digest, complete: true, edges, ...(cursor && { cursor }) }
  await mkdir(directory, { recursive: true })
  const write = async (name: string, lines: Iterable<string>): Promise<string> => {
    const path = join(resolve(directory), gzip ? `${name}.csv.gz` : `${name}.csv`)
    const source = Readable.from(chunks(lines))
    const file = createWriteStream(path)
    await (gzip ? pipeline(source, createGzip({ level: 1 }), file) : pipeline(source, file))
    return path
  }
  const boards = await write('boards', nodeLines('Board', rows.boards))
  const pins = await write('pins', nodeLines('Pin', rows.pins))
  const holds = await write('holds', edgeLines(rows))
  const states = await write('state', stateLines(stateProperties(state)))
  return {
    digest,
    words: [
      ...['database', 'import', 'full', database, '--overwrite-destination=true'],
      ...['--id-type=integer', '--array-delimiter=;'],
      `--report-file=${join(resolve(directory), 'import.report')}`,
      ...[`--nodes=Board=${boards}`, `--nodes=Pin=${pins}`, `--nodes=Pinwheel=${states}`],
      `--relationships=HOLDS=${holds}`,
    ],
  }
}

/** A field in quotes; quotes within are doubled, nothing else is special there. */
export function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

function* nodeLines(space: string, ids: readonly string[]): Iterable<string> {
  yield `:ID(${space}),id`
  for (const [number, id] of ids.entries()) yield `${number},${quoted(id)}`
}

function* edgeLines({ offsets, pinOf }: BoardRows): Iterable<string> {
  yield ':START_ID(Board),:END_ID(Pin)'
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) yield `${row},${pinOf[i]!}`
  }
}

function* stateLines(state: ReturnType<typeof stateProperties>): Iterable<string> {
  yield ':ID(State),id,turn:long,load,complete:boolean,edges:long,positions:long[],fingerprint:long'
  const { load, complete, edges, positions, fingerprint } = state
  yield `0,graph,1,${load},${complete},${edges},${positions?.join(';') ?? ''},${fingerprint ?? ''}`
}

function* chunks(lines: Iterable<string>): Iterable<string> {
  let chunk: string[] = []
  for (const line of lines) {
    chunk.push(line)
    if (chunk.length < LINES_PER_CHUNK) continue
    yield `${chunk.join('\n')}\n`
    chunk = []
  }
  if (chunk.length > 0) yield `${chunk.join('\n')}\n`
}
