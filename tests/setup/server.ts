/** The real program in a process of its own, as `npm start` runs it, on a free port. */
import {
  type RunningServer,
  type ServerStart,
  startProgram,
  stopProgram,
} from '../../simulator/faults/process/server-process.ts'

export type { RunningServer }

/** Resolves when `pinwheel serve` has said where it listens. It ends with this process at the latest. */
export function startServer(
  words: readonly string[] = [],
  options: Pick<ServerStart, 'before' | 'env'> = {},
): Promise<RunningServer> {
  return startProgram({ program: 'serving/pinwheel.mjs', words, ...options })
}

/** Ctrl-C; resolves to the exit code. */
export function stopServer(server: RunningServer): Promise<unknown> {
  return stopProgram(server)
}
