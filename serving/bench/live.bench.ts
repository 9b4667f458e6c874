/**
 * What the live load itself takes, against a server that does nothing but answer, in a process of
 * its own: the share of a core at a fixed rate, with people, books and probes. The baseline is the
 * same people through `node:http` with an agent. Then a stall is planted in the server: the p99
 * must show it.
 */
import { spawn } from 'node:child_process'
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Clock, hash32 } from '../../base/index.ts'
import { demoWorldOptions, runLive, worldPeople } from '../../simulator/index.ts'
import { type ClientReply, type ClientRequest, HttpClient } from '../load/http-client.ts'
import { type Client, LiveTarget } from '../load/live-target.ts'

type Size = 'small' | 'large'
const sizes = {
  small: { rate: 200, seconds: 1, warmUp: 0.5, stallSeconds: 1, stallMs: 80 },
  large: { rate: 1_000, seconds: 20, warmUp: 5, stallSeconds: 10, stallMs: 800 },
} as const
const SEED = 1
const RUN = 'bench'

export const bench = {
  name: 'serving/live',

  async run({ size, clock }: { readonly size: Size; readonly clock: Clock }) {
    const { rate, seconds, warmUp, stallSeconds, stallMs } = sizes[size]
    const bare = await startBare()
    const own = new HttpClient({
      address: new URL(bare.address),
      clock,
      connectionsMax: 1_002,
      timeoutMs: 10_000,
    })
    const agent = new AgentClient(bare.address)
    try {
      const load = { rate, seconds, warmUpSeconds: warmUp }
      const ours = await measure(own, clock, load)
      const theirs = await measure(agent, clock, load)
      const stalls = clock
        .sleep((warmUp + stallSeconds * 0.4) * 1_000)
        .then(() => own.request({ method: 'GET', path: `/stall/${stallMs}` }))
      const stalled = await measure(own, clock, { ...load, seconds: stallSeconds })
      await stalls
      return {
        seed: SEED,
        options: { rate, seconds, stallMs, stallSeconds },
        requestsPerSecond: ours.requestsPerSecond,
        cpuShare: ours.client.cpuShare,
        latenessMs: ours.client.latenessMs,
        latencyMs: ours.latencyMs,
        trusted: ours.client.trusted,
        baseline: { what: 'node:http with an agent', cpuShare: theirs.client.cpuShare },
        ratio: Math.round((100 * theirs.client.cpuShare!) / ours.client.cpuShare!) / 100,
        stalled: { latencyMs: stalled.latencyMs, answered: stalled.arrivals.answered },
        digest: hash32(JSON.stringify([ours.arrivals.scheduled, stalled.arrivals.scheduled])),
      }
    } finally {
      own.close()
      agent.close()
      bare.stop()
    }
  },
}

type Load = { readonly rate: number; readonly seconds: number; readonly warmUpSeconds: number }

function measure(client: Client, clock: Clock, load: Load) {
  const people = worldPeople({ world: demoWorldOptions(), seed: SEED, run: RUN })
  const cpuMs = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000
  }
  const options = { ...load, seed: SEED, run: RUN }
  return runLive(options, { target: new LiveTarget(client), people, clock, cpuMs })
}

async function startBare() {
  const file = fileURLToPath(new URL('./bare-server.ts', import.meta.url))
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] })
  for await (const address of createInterface({ input: child.stdout })) {
    return { address, stop: () => child.stdin.end() }
  }
  throw new Error('the bare server did not start')
}

/** The baseline: the client of Node's own library. */
class AgentClient implements Client {
  readonly #address: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1_000 })

  constructor(address: string) {
    this.#address = address
  }

  request({ method, path, body }: ClientRequest): Promise<ClientReply> {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const headers = { 'content-type': 'application/json', ...length }
    return new Promise((hear) => {
      const sent = request(
        `${this.#address}${path}`,
        { method, headers, agent: this.#agent },
        (reply) => {
          const parts: Buffer[] = []
          reply.on('data', (part: Buffer) => parts.push(part))
          reply.on('end', () =>
            hear({ status: reply.statusCode ?? 0, body: Buffer.concat(parts), isKept: true }),
          )
        },
      )
      sent.on('error', ({ message }) => hear({ failure: 'LOST', reason: message }))
      sent.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
