/**
 * Requests one after the other, so that nothing waits, and what each takes of a processor: the
 * times of the server's threads are read before and after it, and so do not count what else the
 * machine does. For benches, on Linux.
 */
import { Agent, request } from 'node:http'
import { type Clock, hash32 } from '../base/index.ts'
import { threadTimes } from './thread-times.ts'

/** Points of a quantile function, at even shares from 0 to 1. */
const POINTS = 101
const LIMIT = 25

/** On a machine that has much else to do a request may take its time: what counts is its work. */
export const patient = { env: { ...process.env, PINWHEEL_REQUEST_DEADLINE_MS: '30000' } }

export type Asked = { readonly method: string; readonly path: string; readonly body?: string }

export function feedOf(user: string, generation: string): Asked {
  const query = `limit=${LIMIT}&generation=${generation}`
  return { method: 'GET', path: `v1/users/${user}/recommendations?${query}` }
}

export class RequestSeries {
  readonly #address: string
  readonly #pid: number
  readonly #clock: Clock
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(address: string, pid: number, clock: Clock) {
    this.#address = address
    this.#pid = pid
    this.#clock = clock
  }

  close(): void {
    this.#agent.destroy()
  }

  async rung(user: string, generation: string): Promise<string> {
    return rungOf(await this.send(feedOf(user, generation)))
  }

  /** The requests n = 0, 1, ... one after the other; those to warm up are not counted. */
  async run(
    { asks, warmUp }: { readonly asks: number; readonly warmUp: number },
    make: (n: number) => Asked,
  ) {
    const times = { mainMs: [], workerMs: [], helperMs: [], clientMs: [], elapsedMs: [] } as Record<
      'mainMs' | 'workerMs' | 'helperMs' | 'clientMs' | 'elapsedMs',
      number[]
    >
    const rungs: Record<string, number> = {}
    let [bytes, digest] = [0, 0]
    for (let n = 0; n < warmUp + asks; n++) {
      const asked = make(n)
      const own = process.threadCpuUsage()
      const before = threadTimes(this.#pid)
      const began = this.#clock.monotonic()
      const reply = await this.send(asked)
      const elapsed = this.#clock.monotonic() - began
      const after = threadTimes(this.#pid)
      const { user, system } = process.threadCpuUsage(own)
      if (n < warmUp) continue
      times.mainMs.push(after.main - before.main)
      times.workerMs.push(after.workers - before.workers)
      times.helperMs.push(after.helpers - before.helpers)
      times.clientMs.push((user + system) / 1_000)
      times.elapsedMs.push(elapsed)
      bytes += reply.length
      digest = hash32(reply.length, digest)
      const rung = rungOf(reply)
      rungs[rung] = (rungs[rung] ?? 0) + 1
    }
    const spread = Object.entries(times).map(([name, list]) => [name, quantiles(list)])
    return {
      ...(Object.fromEntries(spread) as typeof times),
      replyBytes: Math.round(bytes / asks),
      rungs,
      digest: digest.toString(16),
    }
  }

  send({ method, path, body }: Asked): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = body ? { 'content-type': 'application/json' } : {}
      const options = { method, headers, agent: this.#agent }
      const sent = request(new URL(path, this.#address), options, (reply) => {
        let text = ''
        reply.setEncoding('utf8')
        reply.on('data', (chunk: string) => {
          text += chunk
        })
        reply.on('end', () => {
          if ((reply.statusCode ?? 500) < 300) resolve(text)
          else reject(new Error(`${path}: ${reply.statusCode} ${text}`))
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
}

function rungOf(reply: string): string {
  return /"rung":"(\w+)"/.exec(reply)?.[1] ?? 'none'
}

function quantiles(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b)
  return Array.from({ length: POINTS }, (_, i) => {
    const at = (i / (POINTS - 1)) * (sorted.length - 1)
    const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0]
    return Math.round(1_000 * (low + (at % 1) * (high - low))) / 1_000
  })
}
