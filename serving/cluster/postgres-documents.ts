/**
 * The documents of a cluster as PostgreSQL's own programs save and load them: the table of the
 * state component (components/cluster) and that in which the component keeps its version.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ArchivedDocument, DocumentArchive } from '../../actors/index.ts'
import { pinwheelError } from '../../base/index.ts'
import { findPostgresClients } from './find.ts'
import { connectionOf } from './places.ts'
import type { Environment } from './program.ts'

const TABLE = 'pinwheel_state'
const TABLES = [TABLE, 'dapr_metadata'].map((table) => `--table=${table}`)
/** Of another server's users and rights nothing is kept. */
const PLAIN = ['--no-owner', '--no-privileges']
const CONNECT_S = '10'
const NO_TABLE = 'no matching tables were found'

/** PROGRAM_MISSING, CONFIG_INVALID. What it does fails with POSTGRES_FAILED. */
export function postgresDocuments(connection: string, env: Environment): DocumentArchive {
  const programs = findPostgresClients(env)
  if (programs === undefined) {
    throw pinwheelError('PROGRAM_MISSING', { name: 'pg_dump', script: 'postgresql.sh' })
  }
  const { host, port, database } = connectionOf(connection)
  const address = `${host}:${port}/${database}`
  const { words, password } = withoutPassword(connection)
  const given = {
    ...env,
    PGCONNECT_TIMEOUT: CONNECT_S,
    ...(password !== undefined && { PGPASSWORD: password }),
  }
  const run = (name: string, args: readonly string[], input = '') => {
    return rowsOf({ program: join(programs, name), name, args, env: given, address, input })
  }
  const store = `--dbname=${words}`
  return {
    async save(file) {
      const args = ['--format=custom', ...PLAIN, ...TABLES, `--file=${file}`, store]
      for await (const _ of run('pg_dump', args));
    },
    async load(file) {
      const whole = ['--single-transaction', '--clean', '--if-exists']
      for await (const _ of run('pg_restore', [...whole, ...PLAIN, store, file]));
    },
    saved: (file) => run('pg_restore', ['--data-only', `--table=${TABLE}`, '--file=-', file]),
    async *stored() {
      try {
        yield* run('pg_dump', ['--data-only', `--table=${TABLE}`, store])
      } catch (error) {
        // The component makes it when a sidecar starts.
        if (!String((error as Error).message).includes(NO_TABLE)) throw error
      }
    },
    async change({ put, remove }) {
      const args = ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', store]
      // Where we are killed it reads no COMMIT; its own --single-transaction commits at the end.
      const all = ['BEGIN;', ...put.map(upsert), ...remove.map(removal), 'COMMIT;']
      for await (const _ of run('psql', args, all.join('\n')));
    },
  }
}

const text = (value: string) => `'${value.replaceAll("'", "''")}'`

/** With another etag: whoever has read the one before cannot write over it. */
function upsert({ key, value }: ArchivedDocument): string {
  const bytes = `'\\x${Buffer.from(value).toString('hex')}'`
  const changed = 'value = excluded.value, etag = gen_random_uuid(), updated_at = now()'
  return (
    `INSERT INTO ${TABLE} (key, value) VALUES (${text(key)}, ${bytes}) ` +
    `ON CONFLICT (key) DO UPDATE SET ${changed};`
  )
}

const removal = (key: string) => `DELETE FROM ${TABLE} WHERE key = ${text(key)};`

type Run = {
  readonly program: string
  readonly name: string
  readonly args: readonly string[]
  readonly env: Environment
  readonly address: string
  /** What it is told. */
  readonly input: string
}

/** Runs a program; the rows of our table in what it says. */
async function* rowsOf({ program, name, args, env, address, input }: Run) {
  const child = spawn(program, args, { env: { ...env }, stdio: 'pipe' })
  // One that ends before it has read all says why.
  child.stdin.on('error', () => {}).end(input)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = new Promise<string | undefined>((done) => {
    child.once('error', (error) => done(error.message))
    child.once('close', (code) => done(code === 0 ? undefined : said.trim() || `code ${code}`))
  })
  let columns: readonly string[] | undefined
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (!columns) columns = columnsOf(line)
      else if (line === '\\.') columns = undefined
      else yield documentOf(line.split('\t'), columns)
    }
  } finally {
    child.kill()
  }
  const reason = await ended
  if (reason === undefined) return
  const problems = reason.replaceAll('\n', ' | ')
  throw pinwheelError('POSTGRES_FAILED', { name, address, problems })
}

/** Of the line that begins the rows of our table. */
function columnsOf(line: string): readonly string[] | undefined {
  const [, table, names] = /^COPY (?:\S+\.)?(\w+) \((.*)\) FROM stdin;$/.exec(line) ?? []
  return table === TABLE ? names!.split(', ') : undefined
}

function documentOf(fields: readonly string[], columns: readonly string[]): ArchivedDocument {
  const field = (name: string) => fields[columns.indexOf(name)]!.replaceAll('\\\\', '\\')
  return { key: field('key'), value: Buffer.from(field('value').slice('\\x'.length), 'hex') }
}

/** What everybody on the machine may read in a list of processes, and what nobody shall. */
export function withoutPassword(connection: string): { words: string; password?: string } {
  const url = /^(postgres(?:ql)?:\/\/[^:@/]*):([^@/]*)@/.exec(connection)
  if (url) {
    const words = `${url[1]}@${connection.slice(url[0].length)}`
    return { words, password: decodeURIComponent(url[2]!) }
  }
  const word = /(?:^|\s)password\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))/.exec(connection)
  if (!word) return { words: connection }
  const password = (word[1] ?? word[2]!).replace(/\\(.)/g, '$1')
  return { words: connection.replace(word[0], ''), password }
}
