/** The real program over HTTP: it knows nothing of tests, and is killed from outside. */
import { Agent } from 'node:http'
import type { Question, Seen, Work } from '../../simulator/checkers/process/oracle.ts'
import { type Answer, ask } from '../../simulator/faults/process/http-ask.ts'
import { type RunningServer, startServer } from '../setup/server.ts'
import { endOf, type Mutant, type Victim, withCache } from './victim.ts'

type Reply = Exclude<Answer, string>

export class ServerVictim implements Victim {
  readonly #server: RunningServer | undefined
  readonly #mutant: Mutant | undefined
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 })
  readonly ready: Promise<boolean>
  readonly ended: Promise<'killed' | 'left'>

  private constructor(server: RunningServer | undefined, mutant: Mutant | undefined) {
    this.#server = server
    this.#mutant = mutant
    this.ready = Promise.resolve(server !== undefined)
    this.ended = server ? endOf(server.child) : Promise.resolve('left')
    void this.ended.then(() => this.#agent.destroy())
  }

  static async start(setup: {
    readonly directory: string
    readonly cache: string
    readonly mutant?: Mutant
  }): Promise<ServerVictim> {
    const { directory, cache, mutant } = setup
    const late = new URL('../setup/writes-late.ts', import.meta.url).href
    const before = mutant === 'acknowledges-early' ? ['--import', late] : []
    const options = { before, env: withCache(cache) }
    // It refuses to start when it finds its own files wrong.
    const server = await startServer(['--data', directory], options).catch(() => undefined)
    return new ServerVictim(server, mutant)
  }

  async send(work: Work): Promise<'acknowledged' | undefined> {
    if (work.what !== 'save') throw new Error('the server has no counters')
    const { entries } = work
    if (this.#mutant === 'applies-twice') {
      void this.#ask('POST', 'v1/events', {
        entries: entries.map((entry) => ({ ...entry, id: `again ${entry.id}` })),
      })
    }
    const reply = await this.#ask('POST', 'v1/events', { entries })
    if (!reply) return undefined
    if (reply.status === 202) return 'acknowledged'
    throw new Error(`the server answered ${reply.status}: ${JSON.stringify(reply.body)}`)
  }

  async look({ pins }: Question): Promise<Seen | undefined> {
    const replies = await Promise.all(pins.map((id) => this.#ask('GET', `v1/pins/${id}`)))
    const saves: number[] = []
    for (const reply of replies) {
      if (!reply) return undefined
      if (reply.status !== 200 && reply.status !== 404) throw new Error(`status ${reply.status}`)
      saves.push(reply.status === 404 ? -1 : (reply.body as { saves: number }).saves)
    }
    return { saves, sums: [], told: [] }
  }

  kill(): void {
    this.#server?.child.kill('SIGKILL')
  }

  async end(): Promise<void> {
    this.#server?.child.kill('SIGINT')
    await this.ended
  }

  /** Undefined when the connection broke: whether the request was heard is not known then. */
  async #ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Reply | undefined> {
    const url = `${this.#server?.address}${path}`
    const answer = await ask({ agent: this.#agent, method, url, ...(body && { body }) })
    return typeof answer === 'string' ? undefined : answer
  }
}
