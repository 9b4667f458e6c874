/** The program itself in a process of its own, on a free port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export type RunningServer = {
  readonly child: ChildProcess
  readonly address: string
  /** The last lines on standard error. */
  readonly said: readonly string[]
}

export type ServerStart = {
  /** Path of `pinwheel.mjs`. */
  readonly program: string
  /** Words after `serve`. */
  readonly words?: readonly string[]
  /** Words for Node. */
  readonly before?: readonly string[]
  /** Instead of our own environment. */
  readonly env?: NodeJS.ProcessEnv
}

/** To be imported first by a program whose standard input is a pipe from us: it ends when we do. */
export const endsWithUs: string = new URL('./ends-with-parent.ts', import.meta.url).href

/**
 * Resolves when `pinwheel serve` has said where it listens; rejects when it ends before. It ends
 * with this process at the latest.
 */
export async function startProgram({
  program,
  words = [],
  before = [],
  env,
}: ServerStart): Promise<RunningServer> {
  const child = spawn(
    process.execPath,
    ['--import', endsWithUs, ...before, program, 'serve', '--port', '0', ...words],
    { stdio: ['pipe', 'pipe', 'pipe'], ...(env && { env }) },
  )
  const said: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (said.push(line) > LINES_KEPT) said.shift()
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /Feed\s+(http:\S+)/.exec(line)
    if (found) return { child, address: found[1]!, said }
  }
  throw new Error(`the server ended before it said where it listens: ${said.join(' · ')}`)
}

/** Of what it says on standard error, for the one who asks why it did not start. */
const LINES_KEPT = 5

/** Ctrl-C; resolves to the exit code. */
export async function stopProgram({ child }: RunningServer): Promise<number | null> {
  const ended = once(child, 'exit') as Promise<[number | null]>
  child.kill('SIGINT')
  return (await ended)[0]
}
