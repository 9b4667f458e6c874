/**
 * Programs that tests start beside themselves: their output in a file, on ports that are free,
 * ended with the test process at the latest.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, openSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { systemClock } from '../../base/index.ts'

export type Program = { readonly child: ChildProcess; readonly log: string; stop(): Promise<void> }

/** Starts a program whose output goes to a file; it ends with this process at the latest. */
export function startProgram(
  path: string,
  args: readonly string[],
  options: {
    /** Where it runs (`cwd` apart) and its log lies. */
    readonly folder: string
    readonly name: string
    readonly cwd?: string
    readonly env?: Readonly<Record<string, string>>
    /** Another user's. */
    readonly uid?: number
    readonly gid?: number
  },
): Program {
  const log = join(options.folder, `${options.name}.log`)
  const output = openSync(log, 'a')
  const { uid, gid } = options
  const child = spawn(path, args, {
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    cwd: options.cwd ?? options.folder,
    stdio: ['ignore', output, output],
    // The sidecar finds the address of its host by routes that a machine without network lacks.
    env: { ...process.env, DAPR_HOST_IP: '127.0.0.1', ...options.env },
  })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async () => {
    child.kill('SIGTERM')
    const patience = new AbortController()
    await Promise.race([
      ended,
      systemClock.sleep(8_000, patience.signal).then(kill, () => undefined),
    ])
    patience.abort()
    await ended
    process.removeListener('exit', kill)
  }
  return { child, log, stop }
}

/** The last lines of a program's log. */
export function tailOf(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-8).join('\n')
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((done) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            done(address && typeof address === 'object' ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** SIGKILL; resolves when it is gone. */
export async function killed(program: Program | undefined): Promise<void> {
  const child = program?.child
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGKILL')
  await ended
}

/** Looks until a program answers; one that ended, or takes too long, is an error with its log. */
export async function untilAnswers(
  { child, log }: Program,
  name: string,
  answers: () => Promise<boolean>,
  patienceMs = 30_000,
): Promise<void> {
  const until = systemClock.monotonic() + patienceMs
  while (!(await answers())) {
    if (child.exitCode !== null || systemClock.monotonic() > until) {
      throw new Error(`${name} does not answer (exit code ${child.exitCode}):\n${tailOf(log)}`)
    }
    await systemClock.sleep(25)
  }
}

/** Whether a server on loopback says what it should, once it is greeted where it wants to be. */
export function greets(
  port: number,
  { say, hears }: { readonly say?: string | Uint8Array; readonly hears: (said: string) => boolean },
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 })
    const end = (isRight: boolean) => {
      socket.destroy()
      resolve(isRight)
    }
    if (say !== undefined) socket.once('connect', () => socket.write(say))
    socket.once('data', (bytes) => end(hears(bytes.toString('latin1'))))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}
