/**
 * Queries over 200 M edges by a pool of walking threads: three pins of a user with two interests,
 * the best thousand, an early stop. One set of options serves both what is asked of a query's
 * answer, its overlap with the walk of all steps, and what is asked of its speed.
 *
 * The load is an open loop: arrivals drawn from the seed, latency from the scheduled instant, all
 * queries counted; one that the pool refuses is never answered, so its latency has no end. Users of
 * the load are not those that the overlap was measured with. Then a closed loop, which tells
 * saturation and no latency. The baseline is `walk` alone on one thread.
 */
import { type Clock, errorCode, errorTable } from '../../base/index.ts'
import { openLoop, summary } from '../../tests/open-loop.ts'
import {
  buildGraph,
  GraphDelta,
  GraphView,
  WalkScratch,
  walk,
  walkDefaults,
  wasmStore,
} from '../index.ts'
import { WalkPool } from '../pool/index.ts'
import { type TopicalWorld, topicalWorld, userSeeds } from './worlds.ts'

const sizes = {
  small: { topics: 20, users: 20, warmUp: 20, rates: [200], seconds: 1, saturated: 100 },
  large: {
    topics: 21_750,
    users: 400,
    warmUp: 2000,
    rates: [400, 800, 1200],
    seconds: 20,
    saturated: 10_000,
  },
} as const
/** One edge in twelve repeats another, so 200 M are left of 217 M. */
const A_TOPIC = { pins: 1000, boards: 200, edges: 10_000 }
const SEED = 1
const THREADS = 2
const LATE_MS = 15

/** The walk's own restart; degrees uncorrected and seeds joined by the booster, as in Pixie. */
const full = {
  steps: 100_000,
  restart: walkDefaults.restart,
  top: 1000,
  degreeExponent: 0,
  booster: true,
}
const options = { ...full, earlyStopPins: 100, earlyStopVisits: 18, checkEvery: 1024 }

export const bench = {
  name: 'graph/query',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const { topics, users, warmUp, rates, seconds, saturated } = sizes[size]
    const world = {
      topics,
      pins: topics * A_TOPIC.pins,
      boards: topics * A_TOPIC.boards,
      edges: topics * A_TOPIC.edges,
    }
    const graph = buildGraph(topicalWorld(world, SEED), wasmStore)
    const room = { pinCapacity: 1, boardCapacity: 1, edgeCapacity: 1 }
    const view = new GraphView(graph, GraphDelta.create(graph, room), 1)
    const alone = againstFull(view, world, users, clock)
    const pool = new WalkPool(view, { threads: THREADS })
    const asker = new Asker(pool, world)
    await closedLoop(warmUp, (n) => asker.ask(-1 - n))
    const loads: Record<string, unknown> = {}
    for (const rate of rates) {
      loads[`load${rate}`] = await asker.load({ rate, seconds, seed: SEED, clock })
    }
    const began = clock.monotonic()
    await closedLoop(saturated, (n) => asker.ask(users + n))
    const saturation = (saturated * 1000) / (clock.monotonic() - began)
    await pool.close()
    return {
      seed: SEED,
      edges: graph.edgeCount,
      topics,
      threads: THREADS,
      options,
      ...alone.quality,
      ...loads,
      saturatedPerSecond: Math.round(saturation),
      baseline: { what: 'walk() on one thread', ...alone.speed },
      ratio: round(saturation / alone.speed.perSecond),
      checksum: (asker.checksum >>> 0).toString(16),
    }
  },
}

/** Users 0 to `users`: what an early stop finds of what all steps find, and how long it takes. */
function againstFull(view: GraphView, world: TopicalWorld, users: number, clock: Clock) {
  const scratch = new WalkScratch(view.pinCapacity)
  const times: number[] = []
  let steps = 0
  let overlap = 0
  for (let user = 0; user < users; user++) {
    const seeds = userSeeds(world, user, SEED)
    const expected = new Set(walk(view, seeds, [], scratch, { ...full, seed: user }).pins)
    const began = clock.monotonic()
    const found = walk(view, seeds, [], scratch, { ...options, seed: user })
    times.push(clock.monotonic() - began)
    steps += found.steps
    overlap += found.pins.filter((pin) => expected.has(pin)).length / expected.size
  }
  const meanMs = times.reduce((sum, ms) => sum + ms, 0) / users
  const { p50, p99 } = summary(times)
  return {
    quality: { users, overlap: round(overlap / users), meanSteps: Math.round(steps / users) },
    speed: { meanMs: round(meanMs), perSecond: Math.round(1000 / meanMs), p50Ms: p50, p99Ms: p99 },
  }
}

/** Asks the pool and adds up what it answers, in whatever order. */
class Asker {
  readonly #pool: WalkPool
  readonly #world: TopicalWorld
  checksum = 0

  constructor(pool: WalkPool, world: TopicalWorld) {
    this.#pool = pool
    this.#world = world
  }

  async ask(user: number): Promise<void> {
    const seeds = userSeeds(this.#world, user, SEED)
    const { pins } = await this.#pool.walk({ seeds, options: { ...options, seed: user >>> 0 } })
    let digest = user
    for (let i = 0; i < pins.length; i++) digest = (Math.imul(digest, 31) + pins[i]!) | 0
    this.checksum = (this.checksum + digest) | 0
  }

  async load(load: Parameters<typeof openLoop>[0]) {
    const { rate, seconds, clock } = load
    const refused: number[] = []
    const began = clock.monotonic()
    const latencies = await openLoop(load, async (n) => {
      try {
        await this.ask(rate * 1_000_000 + n)
      } catch (error) {
        const code = errorCode(error)
        if (!code || errorTable[code].retry !== 'later') throw error
        refused.push(n)
      }
    })
    const elapsed = clock.monotonic() - began
    for (const n of refused) latencies[n] = Number.POSITIVE_INFINITY
    const { count, p50, p99, max } = summary(latencies)
    return {
      offeredPerSecond: round(count / seconds),
      answeredPerSecond: round(((count - refused.length) * 1000) / elapsed),
      refused: refused.length,
      late: latencies.filter((ms) => ms > LATE_MS).length,
      p50Ms: p50,
      p99Ms: p99,
      maxMs: max,
    }
  }
}

/** Keeps a few queries waiting for each thread. */
async function closedLoop(count: number, ask: (n: number) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < count) await ask(next++)
  }
  await Promise.all(Array.from({ length: 4 * THREADS }, lane))
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
