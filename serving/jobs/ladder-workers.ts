/**
 * Worlds at a time, each in a process of its own: what it takes of the processor is its own, too.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { endsWithUs } from '../../simulator/index.ts'

export type WorkerPlan = {
  readonly workers: number
  /** Of `pinwheel simulate ladder`, for one world each. */
  readonly commands: readonly (readonly string[])[]
  readonly say: (line: string) => void
  /** Hears which of the commands has ended, and is waited for. */
  readonly onDone: (command: number) => Promise<void>
}

/** Each command leaves its results in a folder; the first that fails ends all. */
export async function runWorkers({ workers, commands, say, onDone }: WorkerPlan): Promise<void> {
  const waiting = [...commands.entries()]
  const running = new Set<ReturnType<typeof spawn>>()
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, command] = next
      await runOne(command, running, say)
      await onDone(place)
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(workers, commands.length) }, work))
  } finally {
    waiting.length = 0
    for (const other of running) other.kill()
  }
}

async function runOne(
  flags: readonly string[],
  running: Set<ReturnType<typeof spawn>>,
  say: (line: string) => void,
): Promise<void> {
  const program = fileURLToPath(new URL('../pinwheel.mjs', import.meta.url))
  const command = ['--import', endsWithUs, program, 'simulate', 'ladder', ...flags]
  const other = spawn(process.execPath, command, { stdio: ['pipe', 'ignore', 'pipe'] })
  running.add(other)
  const ended = new Promise<number | string | null>((resolve, reject) => {
    other.once('error', reject)
    other.once('close', (code, signal) => resolve(code ?? signal))
  })
  // What it said is read first; until then a failure must not count as unhandled.
  ended.catch(() => {})
  const said: string[] = []
  for await (const line of createInterface({ input: other.stderr })) {
    if (line.startsWith('seed ')) say(line)
    else if (!line.startsWith('ladder ')) said.push(line)
  }
  const end = await ended
  running.delete(other)
  if (end !== 0) throw new Error(`the process of a world ended with ${end}: ${said.join(' ')}`)
}
