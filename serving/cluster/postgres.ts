/** PostgreSQL: its files made once, for a user and a database. */
import { execFile, execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pinwheelError } from '../../base/index.ts'
import { greets } from './ports.ts'
import { answering, type Environment, type Program, startProgram, type Waiting } from './program.ts'
import type { ServerStart } from './servers.ts'

/** A request for TLS: a server answers yes or no once it takes connections. */
const greeting = Buffer.from('0000000804d2162f', 'hex')

export const greetPostgres = (port: number) =>
  greets(port, { say: greeting, hears: (said) => said === 'S' || said === 'N' })

/** It refuses to run as root; root runs it as the user that came with it. */
export function postgresAccount(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

export type PostgresNames = { readonly user: string; readonly database: string }

/**
 * Makes the files of a server in `folder`/data, where there are none. DIRECTORY_UNWRITABLE where the
 * user that it runs as cannot get there.
 */
export async function makePostgresFiles(
  programs: string,
  folder: string,
  { user, database }: PostgresNames,
  env: Environment,
): Promise<void> {
  const data = join(folder, 'data')
  const account = postgresAccount()
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid!)
  if (existsSync(data)) return
  const made = join(folder, 'data.new')
  rmSync(made, { recursive: true, force: true })
  const run = (program: string, words: readonly string[], says = '') => {
    const given = { ...account, cwd: folder, env: { ...env } }
    const started = promisify(execFile)(join(programs, program), words, given)
    started.child.stdin?.on('error', () => {}).end(says)
    return started
  }
  try {
    await run('initdb', ['-D', made, '-U', user, '--auth=trust', '--locale=C', '-E', 'UTF8'])
    // The server alone can do this, with no client installed.
    const name = database.replaceAll('"', '""')
    const single = ['--single', '-D', made, 'postgres']
    if (database !== 'postgres') await run('postgres', single, `CREATE DATABASE "${name}"\n`)
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string }
    const said = (stderr ?? '').trim() || message
    const isOutOfReach = /EACCES|Permission denied|could not (access|create) directory/.test(said)
    const who = account.uid === undefined ? '' : ' (PostgreSQL runs as user postgres)'
    if (isOutOfReach) {
      const reason = `${said.split('\n').at(-1)}${who}`
      throw pinwheelError('DIRECTORY_UNWRITABLE', { directory: folder, reason })
    }
    const problems = said.replaceAll('\n', ' | ')
    const log = join(folder, 'initdb')
    throw pinwheelError('PROGRAM_FAILED', { name: 'initdb', reason: 'failed', log, problems })
  }
  renameSync(made, data)
}

/** Resolves when it takes connections. */
export function startPostgres(
  programs: string,
  { port, folder, ...given }: ServerStart,
  waiting: Waiting = {},
): Promise<Program> {
  mkdirSync(folder, { recursive: true })
  // No socket in the file system: its path may be no longer than 107 bytes.
  const words = ['-D', join(folder, 'data'), '-p', `${port}`, '-h', '127.0.0.1', '-k', '']
  const started = startProgram(join(programs, 'postgres'), words, {
    name: 'postgres',
    folder,
    ...given,
    ...postgresAccount(),
    // Who is connected is not waited for.
    endsBy: 'SIGINT',
  })
  return answering(started, () => greetPostgres(port), waiting)
}
