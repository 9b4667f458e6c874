/** A host in a process of its own that is loaded, looked at and killed. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Question, Seen, Work } from '../../simulator/checkers/process/oracle.ts'
import type { ChildSetup, FromChild, Request } from './crash-child.ts'

/** Bugs that are planted to see that the oracle finds them. */
export type Mutant = 'acknowledges-early' | 'applies-twice'

export interface Victim {
  /** False when it ends before it answers. */
  readonly ready: Promise<boolean>
  /** Whether it was killed: otherwise it ended by itself, or refused to start. */
  readonly ended: Promise<'killed' | 'left'>
  /** Resolves once the work is acknowledged; undefined when it died before. Throws on a refusal. */
  send(work: Work): Promise<'acknowledged' | undefined>
  /** Undefined when it dies before it has told. */
  look(question: Question): Promise<Seen | undefined>
  kill(): void
  /** Stops it in good order. */
  end(): Promise<void>
}

/** Resolves to how the process ended. */
export async function endOf(child: ChildProcess): Promise<'killed' | 'left'> {
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return signal === 'SIGKILL' ? 'killed' : 'left'
}

/** Environment of a child that keeps what V8 and the type stripper made of our modules. */
export function withCache(cache: string): NodeJS.ProcessEnv {
  return { ...process.env, NODE_COMPILE_CACHE: cache }
}

/** The embedded host in a bare process, which can also kill itself at a named point. */
export class EmbeddedVictim implements Victim {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, (message: FromChild | undefined) => void>()
  #requests = 0
  readonly ready: Promise<boolean>
  readonly ended: Promise<'killed' | 'left'>

  constructor(setup: ChildSetup, { cache, isQuiet }: { cache: string; isQuiet: boolean }) {
    const entry = fileURLToPath(new URL('./crash-child.ts', import.meta.url))
    this.#process = fork(entry, [JSON.stringify(setup)], {
      stdio: ['ignore', 'ignore', isQuiet ? 'ignore' : 'inherit', 'ipc'],
      env: withCache(cache),
    })
    this.ended = endOf(this.#process)
    // The first message has number 0, and says that it is ready.
    this.ready = this.#answer(this.#requests++).then((message) => message !== undefined)
    this.#process.on('message', (message: FromChild) => {
      this.#waiting.get(message.number)?.(message)
      this.#waiting.delete(message.number)
    })
    void this.ended.then(() => {
      for (const resolve of this.#waiting.values()) resolve(undefined)
    })
  }

  async send(work: Work): Promise<'acknowledged' | undefined> {
    const reply = await this.#ask(work)
    if (reply?.refusal !== undefined) throw new Error(reply.refusal)
    return reply && 'acknowledged'
  }

  async look(question: Question): Promise<Seen | undefined> {
    return (await this.#ask({ what: 'look', ...question }))?.seen
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  async end(): Promise<void> {
    void this.#ask({ what: 'end' })
    await this.ended
  }

  #ask(request: Request): Promise<FromChild | undefined> {
    const number = this.#requests++
    // It may be dead, and nobody has told us yet.
    if (this.#process.connected) this.#process.send({ number, request }, () => {})
    return this.#answer(number)
  }

  #answer(number: number): Promise<FromChild | undefined> {
    const told = new Promise<FromChild | undefined>((resolve) => {
      this.#waiting.set(number, resolve)
    })
    return Promise.race([told, this.ended.then(() => undefined)])
  }
}
