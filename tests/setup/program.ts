/**
 * Programs that tests start beside themselves, as the local cluster starts them
 * (serving/cluster/program.ts): in our own environment, ended with the test process at the latest.
 */
import {
  type Environment,
  type Program,
  startProgram as start,
  untilAnswers as waitFor,
} from '../../serving/cluster/program.ts'

export { isProgram } from '../../serving/cluster/find.ts'
export { freePorts, greets } from '../../serving/cluster/ports.ts'
export { type Program, tailOf } from '../../serving/cluster/program.ts'

/** Our own variables, and those given. */
export function ownEnvironment(more: Environment = {}): Environment {
  // The sidecar finds the address of its host by routes that a machine without network lacks.
  return { ...process.env, DAPR_HOST_IP: '127.0.0.1', ...more }
}

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
  return start(path, args, { ...options, env: ownEnvironment(options.env) })
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
export function untilAnswers(
  program: Program,
  name: string,
  answers: () => Promise<boolean>,
  patienceMs = 30_000,
): Promise<void> {
  return waitFor(program, name, answers, { patienceMs })
}
