/**
 * Whole requests of generation 3 over HTTP, in an open loop: up to 10,000 candidates of a large
 * world, all scored by the deep ranker, 20 pins answered. The world is imported
 * (tests/deep-world.ts), the server is a process of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, Random } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { importWorld, placeRankers, untilCalm, untilFull } from '../../tests/deep-world.ts'
import { openLoop, summary } from '../../tests/open-loop.ts'
import { type RunningServer, startServer, stopServer } from '../../tests/setup/server.ts'

const sizes = {
  small: { pins: 2_000, users: 300, saves: 20, topics: 20, rates: [5], seconds: 1, pinRows: 1_024 },
  large: {
    pins: 1_000_000,
    users: 250_000,
    saves: 20,
    topics: 100,
    rates: [10, 15, 20],
    seconds: 30,
    pinRows: 262_144,
  },
} as const
const SEED = 1

export const bench = {
  name: 'serving/deep',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const { rates, seconds, ...options } = sizes[size]
    const folder = await mkdtemp(join(tmpdir(), 'pinwheel-deep-'))
    let server: RunningServer | undefined
    try {
      const data = join(folder, 'data')
      await importWorld(options, folder, data)
      await placeRankers(data, options, clock)
      server = await startServer(['--data', data])
      const asked = server
      await untilFull(async () => (await ask(asked, 1)).rung, clock)
      await untilCalm(server, clock)
      const results = []
      for (const rate of rates)
        results.push(await feeds(server, { rate, seconds, ...options }, clock))
      return { seed: SEED, options: { ...options, seconds, limit: 20 }, rates: results }
    } finally {
      if (server) await stopServer(server)
      await rm(folder, { recursive: true })
    }
  },
}

type Reply = {
  readonly rung: string
  readonly items: readonly object[]
  readonly trace?: readonly { readonly stage: string; readonly candidatesOut: number }[]
}

async function ask({ address }: RunningServer, user: number, more = ''): Promise<Reply> {
  const path = `v1/users/${user}/recommendations?limit=20&generation=deep${more}`
  const reply = await fetch(new URL(path, address))
  if (!reply.ok) throw new Error(`${path}: ${reply.status}`)
  return (await reply.json()) as Reply
}

async function feeds(
  server: RunningServer,
  {
    rate,
    seconds,
    users,
  }: { readonly rate: number; readonly seconds: number; readonly users: number },
  clock: Clock,
) {
  const random = new Random(SEED).split(rate)
  for (let warm = 0; warm < 2 * rate; warm++) await ask(server, random.below(users))
  const rungs: Record<string, number> = {}
  const latencies = await openLoop({ rate, seconds, seed: SEED, clock }, async () => {
    // Beyond what it can take the server refuses: that is told, too.
    const rung = await ask(server, random.below(users)).then(
      (reply) => reply.rung,
      () => 'refused',
    )
    rungs[rung] = (rungs[rung] ?? 0) + 1
  })
  const counts: number[] = []
  for (let n = 0; n < 20; n++) {
    const { trace = [] } = await ask(server, random.below(users), '&explain=true')
    counts.push(trace.find(({ stage }) => stage === 'deep')?.candidatesOut ?? 0)
  }
  return {
    requestsPerSecond: rate,
    rungs,
    candidates: median(counts),
    latencyMs: summary(latencies),
  }
}
