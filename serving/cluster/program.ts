/**
 * Programs that run beside this one: their output in a file, ended with this process at the latest.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pinwheelError, systemClock } from '../../base/index.ts'
import { guard, release } from './guard.ts'

/** All variables that a program has. */
export type Environment = Readonly<Record<string, string | undefined>>

export type Program = {
  readonly name: string
  readonly child: ChildProcess
  readonly log: string
  /** How it ended, in words. */
  readonly ended: Promise<string>
  /** In order; after some seconds at once. Resolves when it is gone. */
  stop(): Promise<void>
}

export type ProgramOptions = {
  /** Where its log lies, and where it runs (`cwd` apart). */
  readonly folder: string
  readonly name: string
  readonly cwd?: string
  /** Whole: nothing is added. */
  readonly env: Environment
  /** Another user's. */
  readonly uid?: number
  readonly gid?: number
  /** Ctrl-C in the terminal is then for us alone, who end it in order. */
  readonly apart?: boolean
  /** What asks it to end, and how long it may take. */
  readonly endsBy?: NodeJS.Signals
  readonly patienceMs?: number
}

const PATIENCE_MS = 8_000
const TAIL_LINES = 8

/** What runs, and how it is killed when this process ends, whichever way. */
const running = new Map<ChildProcess, () => void>()
process.once('exit', () => {
  for (const kill of running.values()) kill()
})

export function startProgram(
  path: string,
  args: readonly string[],
  options: ProgramOptions,
): Program {
  const { folder, name, env, uid, gid, apart = false, endsBy = 'SIGTERM' } = options
  const { patienceMs = PATIENCE_MS } = options
  const log = join(folder, `${name}.log`)
  const output = openSync(log, 'a')
  const child = spawn(path, args, {
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    cwd: options.cwd ?? folder,
    stdio: ['ignore', output, output],
    detached: apart,
    env: { ...env },
  })
  closeSync(output)
  const kill = () => {
    // Its own processes, too, where they are a group.
    if (!apart || child.pid === undefined) return child.kill('SIGKILL')
    try {
      return process.kill(-child.pid, 'SIGKILL')
    } catch {
      return false
    }
  }
  const ended = new Promise<string>((done) => {
    child.once('error', (error: NodeJS.ErrnoException) => done(`cannot start: ${error.code}`))
    child.once('exit', (code, signal) => {
      done(code === null ? `was ended by ${signal}` : `ended with exit code ${code}`)
    })
  })
  running.set(child, kill)
  const group = apart ? child.pid : undefined
  if (group !== undefined) guard(group)
  void ended.then(() => {
    running.delete(child)
    if (group !== undefined) release(group)
  })
  const stop = async () => {
    child.kill(endsBy)
    const patience = new AbortController()
    await Promise.race([
      ended,
      systemClock.sleep(patienceMs, patience.signal).then(kill, () => undefined),
    ])
    patience.abort()
    await ended
  }
  return { name, child, log, ended, stop }
}

/** Whether it is neither ended nor failed to start. */
export function isAlive({ child }: Pick<Program, 'child'>): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

/** The last lines of a program's log. */
export function tailOf(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
}

/** PROGRAM_FAILED with the end of its log. */
export function programFailed({ name, log }: Pick<Program, 'name' | 'log'>, reason: string) {
  const problems = tailOf(log).replaceAll('\n', ' | ') || '(nothing)'
  return pinwheelError('PROGRAM_FAILED', { name, reason, log, problems })
}

const LOOK_MS = 25

/**
 * Looks until a program answers. PROGRAM_FAILED when it ended or takes too long; a signal's reason
 * when that aborts.
 */
export async function untilAnswers(
  program: Pick<Program, 'name' | 'child' | 'log'>,
  what: string,
  answers: () => Promise<boolean>,
  { patienceMs = 30_000, signal }: Waiting = {},
): Promise<void> {
  const until = systemClock.monotonic() + patienceMs
  while (!(await answers())) {
    signal?.throwIfAborted()
    const { exitCode, signalCode } = program.child
    if (!isAlive(program)) {
      throw programFailed(program, `ended (${exitCode ?? signalCode ?? 'no such program'})`)
    }
    if (systemClock.monotonic() > until) {
      throw programFailed(program, `does not answer within ${patienceMs / 1_000} s (${what})`)
    }
    await systemClock.sleep(LOOK_MS)
  }
}

export type Waiting = { readonly patienceMs?: number; readonly signal?: AbortSignal | undefined }

/** The program once it answers; one that does not is ended. */
export async function answering(
  program: Program,
  answers: () => Promise<boolean>,
  waiting: Waiting = {},
): Promise<Program> {
  try {
    await untilAnswers(program, program.name, answers, waiting)
    return program
  } catch (error) {
    await program.stop()
    throw error
  }
}
