/**
 * Whole requests of generation 3 over HTTP, in an open loop: up to 10,000 candidates of a large
 * world, all scored by the deep ranker, 20 pins answered. The world is imported, the server is a
 * process of its own with a ranker that has the sizes of a trained one and learned nothing: what a
 * request costs does not hang on what it learned.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, Random } from '../../base/index.ts'
import {
  deepDefaults,
  deepFeatureNames,
  factorBounds,
  featureNames,
  modelsDirectory,
  modelVersion,
  saveModel,
  trainRanker,
} from '../../ranking/index.ts'
import { randomDeepBytes } from '../../ranking/rankers/deep/testing.ts'
import { plantedRows } from '../../ranking/training/testing.ts'
import { median } from '../../tests/bench-contract.ts'
import { openLoop, summary } from '../../tests/open-loop.ts'
import { watchProcess } from '../../tests/process-watch.ts'
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
/** A server that nobody asks takes less of a core. */
const CALM_CORES = 0.1
const LOOK_MS = 1_000
const LOOKS_MAX = 90
/** Saves that stay within a user's topic. */
const FAITHFUL = 0.8

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
      await untilDeep(server, clock)
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

type World = { readonly [name in 'pins' | 'users' | 'saves' | 'topics']: number }

async function importWorld(world: World, folder: string, data: string): Promise<void> {
  const { pins, users, saves, topics } = world
  const random = new Random(SEED)
  const file = join(folder, 'train.txt')
  const out = createWriteStream(file)
  const perTopic = Math.floor(pins / topics)
  for (let user = 0; user < users; user++) {
    const own = random.below(topics)
    const saved = Array.from({ length: saves }, () => {
      const topic = random.unit() < FAITHFUL ? own : random.below(topics)
      return Math.floor(perTopic * random.unit() ** 4) * topics + topic
    })
    if (!out.write(`${user} ${[...new Set(saved)].join(' ')}\n`)) await once(out, 'drain')
  }
  // So that every pin is there, saved or not.
  const every = Array.from({ length: pins }, (_, pin) => pin)
  for (let from = 0; from < pins; from += 1_000) {
    out.write(`${users + from} ${every.slice(from, from + 1_000).join(' ')}\n`)
  }
  out.end()
  await once(out, 'finish')
  const words = ['serving/pinwheel.mjs', 'import', '--format', 'lightgcn', file, '--data', data]
  const [code] = await once(spawn(process.execPath, words, { stdio: 'ignore' }), 'exit')
  if (code !== 0) throw new Error(`the import ended with ${code}`)
}

/** The small one, too: nothing is trained beside the requests then. */
async function placeRankers(
  data: string,
  { pins, pinRows }: { readonly pins: number; readonly pinRows: number },
  clock: Clock,
): Promise<void> {
  // Low numbers are saved most.
  const factored = Array.from(
    { length: Math.min(pins, factorBounds.pinsMax) },
    (_, pin) => `${pin}`,
  )
  const bytes = randomDeepBytes({ ...deepDefaults, pinRows }, SEED, factored)
  await saveModel(modelsDirectory(data, 'deep'), bytes, {
    version: modelVersion(bytes),
    kind: 'deep',
    inputs: deepFeatureNames,
    metrics: {},
    entries: 0,
    trainedAt: clock.now(),
    range: { from: 0, to: 0 },
  })
  const rows = plantedRows(featureNames, { count: 400, seed: SEED }, (f) => f[0]!)
  const light = trainRanker(rows, { epochs: 1 })
  await saveModel(modelsDirectory(data, 'light'), light.bytes, {
    version: light.version,
    inputs: featureNames,
    metrics: {},
    entries: 0,
    trainedAt: clock.now(),
    range: light.range,
  })
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

/** While it is opened a request may be answered by a lower rung, or too late. */
async function untilDeep(server: RunningServer, clock: Clock): Promise<void> {
  const began = clock.monotonic()
  const rung = () =>
    ask(server, 1).then(
      (reply) => reply.rung,
      () => 'none',
    )
  while ((await rung()) !== 'full') {
    if (clock.monotonic() - began > 120_000) throw new Error('no deep ranker within two minutes')
    await clock.sleep(250)
  }
}

/** What a start leaves to be built in the background is built. */
async function untilCalm({ child }: RunningServer, clock: Clock): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const taken = watchProcess(child.pid ?? 0, clock)
    await clock.sleep(LOOK_MS)
    if (taken().cores < CALM_CORES) return
  }
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
