/** Redis with an append-only file that is flushed at every write. */
import { greets } from './ports.ts'
import { answering, type Program, startProgram, type Waiting } from './program.ts'
import type { ServerStart } from './servers.ts'

/** One that asks for a password is one, too. */
export const greetRedis = (port: number) =>
  greets(port, { say: 'PING\r\n', hears: (said) => /^(\+PONG|-NOAUTH|-LOADING)/.test(said) })

/** Resolves when it answers. */
export function startRedis(
  program: string,
  { port, ...given }: ServerStart,
  waiting: Waiting = {},
): Promise<Program> {
  const words = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', given.folder, '--save', '']
  const kept = ['--appendonly', 'yes', '--appendfsync', 'always']
  const started = startProgram(program, [...words, ...kept], { name: 'redis', ...given })
  return answering(started, () => greetRedis(port), waiting)
}
