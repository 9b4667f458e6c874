/** NATS with JetStream. */
import { join } from 'node:path'
import { greets } from './ports.ts'
import { answering, type Program, startProgram, type Waiting } from './program.ts'
import type { ServerStart } from './servers.ts'

/** Who speaks NATS says so first; without JetStream it is of no use. */
export const greetNats = (port: number) =>
  greets(port, { hears: (said) => said.startsWith('INFO') && said.includes('"jetstream":true') })

/** Resolves when it answers; `words` are further options. */
export function startNats(
  program: string,
  { port, ...given }: ServerStart,
  words: readonly string[] = [],
  waiting: Waiting = {},
): Promise<Program> {
  const store = ['--jetstream', '--store_dir', join(given.folder, 'store')]
  const all = ['--addr', '127.0.0.1', '--port', `${port}`, ...store, ...words]
  const started = startProgram(program, all, { name: 'nats', ...given })
  return answering(started, () => greetNats(port), waiting)
}
