/**
 * Clients of a server that fails: each saves a batch, and sends it again under the same ids until
 * it is acknowledged; readers look whether what was acknowledged is there, and stays.
 */
import { Agent } from 'node:http'
import type { Clock, Random } from '../../../base/index.ts'
import { type Answer, ask } from '../../faults/process/http-ask.ts'
import type { Oracle, Work } from './oracle.ts'

/** A read that begins so long after an acknowledgement, with no fault meanwhile, must show it. */
export const STALE_MS = 1_000
/** A request without an answer for so long is sent again. */
const PATIENCE_MS = 10_000
const THINK_MS = 10
const RETRY_MS = 20
/** Reads are of the pins acknowledged last, where something could be missing. */
const RECENT = 2_000

export type ClientCounts = {
  acknowledged: number
  resent: number
  reads: number
  /** Ends of requests that were no acknowledgement: a code, or how the connection ended. */
  readonly refusals: Map<string, number>
  /** Reads that missed what they had to show. */
  stale: number
  /** Reads that missed what an earlier one had shown. */
  wentBack: number
  /** Answers that no fault explains. */
  readonly wrong: string[]
}

export type ClientOptions = {
  readonly address: string
  readonly oracle: Oracle
  readonly clock: Clock
  readonly random: Random
  /** When the last fault was over; undefined while one lasts. */
  readonly calmSince: () => number | undefined
}

/** A pin whose save was acknowledged: when the request left, and when the answer came. */
type Told = { readonly pin: string; readonly sent: number; readonly at: number }
type Save = Extract<Work, { readonly what: 'save' }>

export class SavingClients {
  readonly #options: ClientOptions
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 })
  readonly #told: Told[] = []
  readonly #shown = new Set<string>()
  #stops = false
  #isClosed = false
  readonly counts: ClientCounts = {
    acknowledged: 0,
    resent: 0,
    reads: 0,
    refusals: new Map(),
    stale: 0,
    wentBack: 0,
    wrong: [],
  }

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** When the first save was acknowledged that was sent at `since` or later. */
  acknowledgedSince(since: number): number | undefined {
    let first: number | undefined
    for (let n = this.#told.length - 1; n >= 0 && this.#told[n]!.at >= since; n--) {
      // One that was sent before may have been answered by who is dead now.
      if (this.#told[n]!.sent >= since) first = this.#told[n]!.at
    }
    return first
  }

  /** Runs until `finish` is called and every open batch is acknowledged. */
  async run(lanes: { readonly savers: number; readonly readers: number }): Promise<void> {
    const savers = Array.from({ length: lanes.savers }, () => this.#save())
    const readers = Array.from({ length: lanes.readers }, () => this.#read())
    await Promise.all([...savers, ...readers])
  }

  finish(): void {
    this.#stops = true
  }

  /** Whatever is open then is given up. */
  close(): void {
    this.#isClosed = true
    this.#agent.destroy()
  }

  async #save(): Promise<void> {
    const { oracle, clock } = this.#options
    while (!this.#stops) {
      const work = oracle.next() as Save
      for (let again = false; !(await this.#send(work)); again = true) {
        if (this.#isClosed) return
        if (again) this.counts.resent++
        await clock.sleep(RETRY_MS)
      }
      await clock.sleep(THINK_MS)
    }
  }

  /** False where it is to be sent again. */
  async #send(work: Save): Promise<boolean> {
    const { oracle, clock } = this.#options
    const sent = clock.monotonic()
    const answer = await this.#ask('POST', 'v1/events', { entries: work.entries })
    if (typeof answer === 'string' || answer.status !== 202) {
      this.#refused(answer)
      return false
    }
    oracle.acknowledge(work)
    const at = clock.monotonic()
    this.counts.acknowledged += work.entries.length
    for (const { pin } of work.entries as readonly { readonly pin: string }[]) {
      this.#told.push({ pin, sent, at })
    }
    return true
  }

  async #read(): Promise<void> {
    const { clock, random } = this.#options
    while (!this.#stops) {
      const back = random.below(Math.min(RECENT, this.#told.length) || 1)
      const told = this.#told.at(-1 - back)
      if (told) await this.#look(told)
      await clock.sleep(THINK_MS)
    }
  }

  async #look({ pin, at }: Told): Promise<void> {
    const { clock, calmSince } = this.#options
    const began = clock.monotonic()
    const calm = calmSince()
    const wasShown = this.#shown.has(pin)
    const answer = await this.#ask('GET', `v1/pins/${pin}`)
    if (typeof answer === 'string' || (answer.status !== 200 && answer.status !== 404)) {
      this.#refused(answer)
      return
    }
    this.counts.reads++
    const isThere = answer.status === 200 && (answer.body as { saves: number }).saves > 0
    if (isThere) this.#shown.add(pin)
    else if (wasShown) this.counts.wentBack++
    else if (calm !== undefined && began - Math.max(at, calm) > STALE_MS) this.counts.stale++
  }

  #refused(answer: Answer): void {
    const why = typeof answer === 'string' ? answer : codeOf(answer)
    this.counts.refusals.set(why, (this.counts.refusals.get(why) ?? 0) + 1)
    // A server may say "later"; anything else is no answer to a good request.
    if (typeof answer === 'string' || answer.status === 503 || answer.status === 504) return
    this.counts.wrong.push(`answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  }

  #ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const url = `${this.#options.address}${path}`
    const common = { agent: this.#agent, method, url, patienceMs: PATIENCE_MS }
    return ask({ ...common, ...(body && { body }) })
  }

  /** Saves of each pin, -1 for one never heard of; throws where the server does not answer. */
  async savesOf(pins: readonly string[], lanes = 8): Promise<number[]> {
    const saves: number[] = new Array(pins.length)
    let next = 0
    const lane = async () => {
      for (let n = next++; n < pins.length; n = next++) {
        const answer = await this.#ask('GET', `v1/pins/${pins[n]}`)
        if (typeof answer === 'string') throw new Error(`the server is ${answer} when it is judged`)
        const { status, body } = answer
        if (status !== 200 && status !== 404) throw new Error(`pin ${pins[n]}: status ${status}`)
        saves[n] = status === 404 ? -1 : (body as { saves: number }).saves
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    return saves
  }
}

function codeOf({ status, body }: Exclude<Answer, string>): string {
  const code = (body as { error?: { code?: string } } | null)?.error?.code
  return code ?? `status ${status}`
}
