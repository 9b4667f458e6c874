/** The real program in a process of its own, as `npm start` runs it, on a free port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export type RunningServer = { readonly child: ChildProcess; readonly address: string }

export type ServerStart = {
  /** Words for Node. */
  readonly before?: readonly string[]
  /** Instead of our own environment. */
  readonly env?: NodeJS.ProcessEnv
}

const endsWithUs = new URL('./ends-with-parent.ts', import.meta.url).href

/** Resolves when `pinwheel serve` has said where it listens. It ends with this process at the latest. */
export async function startServer(
  words: readonly string[] = [],
  { before = [], env }: ServerStart = {},
): Promise<RunningServer> {
  const child = spawn(
    process.execPath,
    ['--import', endsWithUs, ...before, 'serving/pinwheel.mjs', 'serve', '--port', '0', ...words],
    { stdio: ['pipe', 'pipe', 'pipe'], ...(env && { env }) },
  )
  child.stderr?.resume()
  for await (const line of createInterface({ input: child.stdout! })) {
    const found = /Feed\s+(http:\S+)/.exec(line)
    if (found) return { child, address: found[1]! }
  }
  throw new Error('the server ended before it said where it listens')
}

/** Ctrl-C; resolves to the exit code. */
export async function stopServer({ child }: RunningServer): Promise<unknown> {
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  return (await ended)[0]
}
