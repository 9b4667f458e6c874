/**
 * Feed requests over HTTP at a fixed rate, in an open loop. The server is a child process
 * (`pinwheel serve` over the demo world); the load comes from this one. The baseline is
 * `GET /livez` by the same arrivals: what HTTP, this load generator and the machine take by
 * themselves. Also: the time from the 202 of a save until a feed without that pin has been
 * answered.
 */
import { Agent, request } from 'node:http'
import { type Clock, Random } from '../../base/index.ts'
import { openLoop, summary } from '../../tests/open-loop.ts'
import { startServer, stopServer } from '../../tests/setup/server.ts'

const sizes = {
  small: { rate: 20, seconds: 2, warmUp: 10, saves: 3, trained: false },
  large: { rate: 50, seconds: 30, warmUp: 200, saves: 50, trained: true },
} as const
const SEED = 1

export const bench = {
  name: 'serving/feed',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const { rate, seconds, warmUp, saves, trained } = sizes[size]
    const started = clock.monotonic()
    const server = await startServer()
    try {
      const startSeconds = (clock.monotonic() - started) / 1000
      const client = new Client(server.address.replace(/\/$/, ''))
      const trainedSeconds = trained ? await untilTrained(client, clock) : undefined
      for (let i = 0; i < warmUp; i++) await client.feed(`u${i % 2000}`)
      const load = { rate, seconds, seed: SEED, clock }
      const rungs: Record<string, number> = {}
      const users = new Random(SEED).split('users')
      const feeds = await openLoop(load, async () => {
        const { rung } = await client.feed(`u${users.below(2000)}`)
        rungs[rung] = (rungs[rung] ?? 0) + 1
      })
      const nothing = await openLoop(load, () => client.alive())
      const visible = await savesShow(client, saves, clock)
      client.close()
      return {
        seed: SEED,
        options: { rate, seconds, users: 2000, generation: 'mixed' },
        startSeconds,
        ...(trainedSeconds !== undefined && { trainedSeconds }),
        requestsPerSecond: rate,
        rungs,
        latencyMs: summary(feeds),
        baseline: { what: 'GET /livez, same arrivals', latencyMs: summary(nothing) },
        saveVisibleMs: summary(visible),
      }
    } finally {
      await stopServer(server)
    }
  },
}

type Feed = {
  readonly rung: string
  readonly model?: string
  readonly items: readonly { readonly pin: string }[]
}

class Client {
  readonly #address: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 })

  constructor(address: string) {
    this.#address = address
  }

  async feed(user: string, more = ''): Promise<Feed> {
    const path = `/v1/users/${user}/recommendations?limit=25${more}`
    return (await this.#send('GET', path)) as Feed
  }

  async alive(): Promise<void> {
    await this.#send('GET', '/livez')
  }

  async save(user: string, pin: string, n: number, now: number): Promise<string> {
    const entries = [{ kind: 'save', id: `bench${n}`, time: now, user, pin }]
    const reply = (await this.#send('POST', '/v1/events', { entries })) as { position: string }
    return reply.position
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(method: string, path: string, body?: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const headers = body ? { 'content-type': 'application/json' } : {}
      const sent = request(
        `${this.#address}${path}`,
        { method, headers, agent: this.#agent },
        (reply) => {
          let text = ''
          reply.setEncoding('utf8')
          reply.on('data', (chunk: string) => {
            text += chunk
          })
          reply.on('end', () => {
            if ((reply.statusCode ?? 500) < 300) resolve(JSON.parse(text))
            else reject(new Error(`${path}: ${reply.statusCode} ${text}`))
          })
        },
      )
      sent.on('error', reject)
      sent.end(body && JSON.stringify(body))
    })
  }
}

async function untilTrained(client: Client, clock: Clock): Promise<number> {
  const started = clock.monotonic()
  while (clock.monotonic() - started < 120_000) {
    if ((await client.feed('u1')).model !== undefined) return (clock.monotonic() - started) / 1000
    await clock.sleep(250)
  }
  throw new Error('no ranker was trained within two minutes')
}

/** Milliseconds from the 202 to the end of a feed that no longer has the pin. */
async function savesShow(client: Client, saves: number, clock: Clock): Promise<number[]> {
  const times: number[] = []
  for (let n = 0; n < saves; n++) {
    const user = `u${n}`
    const pin = (await client.feed(user)).items[0]!.pin
    const position = await client.save(user, pin, n, clock.now())
    const acknowledged = clock.monotonic()
    const after = await client.feed(user, `&after=${position}`)
    if (after.items.some((item) => item.pin === pin)) throw new Error(`${pin} is shown again`)
    times.push(clock.monotonic() - acknowledged)
  }
  return times
}
