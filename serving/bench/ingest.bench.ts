/**
 * Events over HTTP in batches of a thousand, each acknowledged when it is flushed. The server is a
 * child process over an empty directory; the load comes from this one, on the same cores, its
 * bodies made beforehand.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, Random } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { startServer, stopServer } from '../../tests/setup/server.ts'

const sizes = {
  small: { events: 20_000, rounds: 1, users: 1_000, pins: 2_000 },
  large: { events: 500_000, rounds: 5, users: 50_000, pins: 100_000 },
} as const
const SEED = 1
const BATCH = 1_000
const IN_FLIGHT = 8

export const bench = {
  name: 'serving/ingest',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const data = mkdtempSync(join(tmpdir(), 'pinwheel-ingest-'))
    const server = await startServer(['--data', data])
    const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT })
    try {
      const rates: number[] = []
      for (let round = 0; round < options.rounds; round++) {
        const bodies = bodiesOf(options, round)
        const began = clock.monotonic()
        let next = 0
        const client = async () => {
          while (next < bodies.length) await post(server.address, bodies[next++]!, agent)
        }
        await Promise.all(Array.from({ length: IN_FLIGHT }, client))
        rates.push((options.events / (clock.monotonic() - began)) * 1000)
      }
      return {
        seed: SEED,
        options: { ...options, batch: BATCH, inFlight: IN_FLIGHT },
        eventsPerSecond: Math.round(median(rates)),
        least: Math.round(Math.min(...rates)),
      }
    } finally {
      agent.destroy()
      await stopServer(server)
      rmSync(data, { recursive: true, force: true })
    }
  },
}

function bodiesOf(
  { events, users, pins }: { events: number; users: number; pins: number },
  round: number,
): Buffer[] {
  const random = new Random(SEED, round)
  return Array.from({ length: events / BATCH }, (_, batch) => {
    const entries = Array.from({ length: BATCH }, (_, i) => {
      const id = `e${round}-${batch * BATCH + i}`
      const user = `u${random.below(users)}`
      return { kind: 'impression', id, time: batch, user, pin: `p${random.below(pins)}` }
    })
    return Buffer.from(JSON.stringify({ entries }))
  })
}

function post(address: string, body: Buffer, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const sent = request(`${address}v1/events`, { method: 'POST', agent, headers }, (reply) => {
      reply.resume()
      reply.on('end', () => {
        if (reply.statusCode === 202) resolve()
        else reject(new Error(`the server answered ${reply.statusCode}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
