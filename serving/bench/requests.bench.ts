/**
 * What a request takes of a processor, by generation: one after the other, so that nothing waits,
 * over HTTP against a server of its own. The processor time of its threads is read before and after
 * each request, and so does not count what else the machine does. Quantiles of it are what
 * `simulate cluster` is calibrated by. Two worlds: the demo, and the large one of generation 3.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, hash32, Random } from '../../base/index.ts'
import { importWorld, placeRankers, untilCalm, untilFull } from '../../tests/deep-world.ts'
import { startServer, stopServer } from '../../tests/setup/server.ts'
import { threadTimes } from '../../tests/thread-times.ts'

const sizes = {
  small: {
    asks: 4,
    warmUp: 2,
    demo: { users: 2_000, trained: false },
    world: { pins: 2_000, users: 300, saves: 20, topics: 20, pinRows: 1_024 },
  },
  large: {
    asks: 600,
    warmUp: 100,
    demo: { users: 2_000, trained: true },
    world: { pins: 1_000_000, users: 250_000, saves: 20, topics: 100, pinRows: 262_144 },
  },
} as const
const SEED = 1
const LIMIT = 25
/** Points of a quantile function, at even shares from 0 to 1. */
const POINTS = 101
const TRAINED_MS_MAX = 180_000

/** On a machine that has much else to do a request may take its time: what counts is its work. */
const patient = { env: { ...process.env, PINWHEEL_REQUEST_DEADLINE_MS: '30000' } }

type Size = (typeof sizes)[keyof typeof sizes]

export const bench = {
  name: 'serving/requests',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const demo = await demoRequests(options, clock)
    const large = await largeRequests(options, clock)
    return { seed: SEED, options: { ...options, limit: LIMIT }, demo, large }
  },
}

async function demoRequests({ asks, warmUp, demo }: Size, clock: Clock) {
  const server = await startServer([], patient)
  const target = new Target(server.address, server.child.pid ?? 0, clock)
  try {
    if (demo.trained) {
      await untilTrained(target, clock)
      await untilCalm(server, clock)
    }
    const users = (n: number) => `u${n % demo.users}`
    const pins = (n: number) => `p${n % 2_000}`
    const how = { asks, warmUp }
    const feed = (generation: string) => target.series(how, (n) => feedOf(users(n), generation))
    const random = new Random(SEED)
    const batch = (events: number) => (n: number) => {
      const name = `b${events}-${n}`
      return batchOf({ name, events, time: clock.now() }, () => ({
        user: users(random.below(demo.users)),
        pin: pins(random.below(2_000)),
      }))
    }
    return {
      mixed: await feed('mixed'),
      tags: await feed('tags'),
      collaborative: await feed('collaborative'),
      alive: await target.series(how, () => ({ method: 'GET', path: 'livez' })),
      event: await target.series(how, batch(1)),
      batch: { events: 100, ...(await target.series(how, batch(100))) },
    }
  } finally {
    target.close()
    await stopServer(server)
  }
}

async function largeRequests({ asks, warmUp, world }: Size, clock: Clock) {
  const folder = await mkdtemp(join(tmpdir(), 'pinwheel-requests-'))
  try {
    const data = join(folder, 'data')
    await importWorld(world, folder, data)
    await placeRankers(data, world, clock)
    const server = await startServer(['--data', data], patient)
    const target = new Target(server.address, server.child.pid ?? 0, clock)
    try {
      await untilFull(() => target.rung('1', 'deep'), clock)
      await untilCalm(server, clock)
      const random = new Random(SEED)
      const feed = (generation: string) =>
        target.series({ asks, warmUp }, () => feedOf(`${random.below(world.users)}`, generation))
      return {
        mixed: await feed('mixed'),
        tags: await feed('tags'),
        collaborative: await feed('collaborative'),
        deep: await feed('deep'),
      }
    } finally {
      target.close()
      await stopServer(server)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

type Asked = { readonly method: string; readonly path: string; readonly body?: string }

function feedOf(user: string, generation: string): Asked {
  const query = `limit=${LIMIT}&generation=${generation}`
  return { method: 'GET', path: `v1/users/${user}/recommendations?${query}` }
}

function batchOf(
  { name, events, time }: { readonly name: string; readonly events: number; readonly time: number },
  draw: () => { readonly user: string; readonly pin: string },
): Asked {
  const entries = Array.from({ length: events }, (_, i) => {
    return { kind: 'impression', id: `${name}-${i}`, time, ...draw() }
  })
  return { method: 'POST', path: 'v1/events', body: JSON.stringify({ entries }) }
}

async function untilTrained(target: Target, clock: Clock): Promise<void> {
  const began = clock.monotonic()
  while (!(await target.send(feedOf('u1', 'mixed'))).includes('"model":')) {
    if (clock.monotonic() - began > TRAINED_MS_MAX) throw new Error('no ranker in three minutes')
    await clock.sleep(250)
  }
}

class Target {
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
  async series(
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
