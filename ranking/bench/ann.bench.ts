/**
 * Nearest of clustered unit vectors (`clusteredVectors`: a cluster for 200 vectors, noise of 0.7 of
 * a centre's length), searched by one thread, against hnswlib-node alone on a thread of its own
 * with the same graph and the same ef, in turns. ef is the least that reaches the recall on other
 * queries than those that are measured. Then a large k, and filters, by either index.
 */
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { type Clock, hash32 } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import type { BareAsked, BareTold } from '../ann/bare-hnsw.ts'
import { startTask } from '../ann/index-task.ts'
import { clusteredVectors } from '../ann/testing.ts'
import { VectorSearch } from '../ann/vector-search.ts'

const sizes = {
  small: { count: 2_000, queries: 128, judged: 20, rounds: 1, k: 500, few: 4 },
  large: { count: 200_000, queries: 8_192, judged: 100, rounds: 7, k: 10_000, few: 20 },
} as const
type Size = { readonly [name in keyof (typeof sizes)['small']]: number }
const SEED = 1
const DIMENSIONS = 64
const K = 10
const RECALL = 0.99
const BATCH = 64
const IN_FLIGHT = 8
const EFS = [20, 24, 32, 48, 64, 96, 128, 256]
const SHARES = [0.01, 0.1, 0.5]

type Vectors = readonly Float32Array[]

export const bench = {
  name: 'ranking/ann',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const { count, judged, queries } = options
    const world = { seed: SEED, dimensions: DIMENSIONS, clusters: Math.ceil(count / 200) }
    const vectors = clusteredVectors({ ...world, count })
    const chosenOn = clusteredVectors({ ...world, count: judged, stream: 'choose' })
    const asked = clusteredVectors({ ...world, count: queries, stream: 'queries' })
    let graphFile = ''
    await using search = await VectorSearch.open({
      dimensions: DIMENSIONS,
      capacity: count,
      idLimit: count,
      scanMax: 0,
      rebuildAfter: 0,
      startTask: (task) => {
        if (task.kind === 'rebuild') graphFile = task.graphFile
        return startTask(task)
      },
    })
    const added = timed(clock, () =>
      vectors.forEach((vector, id) => {
        search.add(id, vector)
      }),
    )
    const began = clock.monotonic()
    await search.rebuild()
    const buildSeconds = round((clock.monotonic() - began) / 1_000)
    const ef = await chooseEf(search, judge(vectors, chosenOn, K))
    const bare = new Worker(new URL('../ann/bare-hnsw.ts', import.meta.url), {
      workerData: { file: graphFile, dimensions: DIMENSIONS },
    })
    const rates = await turns({ search, bare, ef, asked, rounds: options.rounds, clock })
    const recall = await recallOf(search, judge(vectors, asked.slice(0, judged), K), { k: K, ef })
    const digest = await digestOf(search, asked.slice(0, judged), ef)
    await bare.terminate()
    return {
      seed: SEED,
      options: { ...options, dimensions: DIMENSIONS, k: K, batch: BATCH, ef },
      addMicroseconds: round((1_000 * added) / count),
      buildSeconds,
      recallAt10: recall,
      ...rates,
      largeK: await largeK(search, asked, vectors, options, clock),
      filters: await filters(search, asked, options, clock),
      monitored: search.stats.recall,
      digest,
    }
  },
}

async function chooseEf(search: VectorSearch, judged: Judged) {
  for (const ef of EFS) if ((await recallOf(search, judged, { k: K, ef })) >= RECALL) return ef
  return EFS.at(-1)!
}

/** Queries with the score of the last of their best. */
type Judged = readonly { readonly query: Float32Array; readonly least: number }[]

function judge(vectors: Vectors, queries: Vectors, k: number): Judged {
  const scores = new Float64Array(vectors.length)
  return queries.map((query) => {
    vectors.forEach((vector, i) => {
      let sum = 0
      for (let d = 0; d < DIMENSIONS; d++) sum += vector[d]! * query[d]!
      scores[i] = sum
    })
    return { query, least: scores.slice().sort()[vectors.length - k]! }
  })
}

/** What rounding may take from a score. */
const ROUNDING = 1e-6

type Asked = { readonly k: number; readonly ef?: number; readonly index?: 'graph' | 'scan' }

async function recallOf(
  search: VectorSearch,
  judged: Judged,
  { index = 'graph', ...asked }: Asked,
) {
  let hits = 0
  for (const { query, least } of judged) {
    const { scores } = await search.search({ vectors: [query], index, ...asked })
    hits += scores.filter((score) => score >= least - ROUNDING).length
  }
  return round(hits / (judged.length * asked.k))
}

type Turns = {
  readonly search: VectorSearch
  readonly bare: Worker
  readonly ef: number
  readonly asked: Vectors
  readonly rounds: number
  readonly clock: Clock
}

/** In turns, so that what else the machine does meets both. */
async function turns({ search, bare, ef, asked, rounds, clock }: Turns) {
  const queries = asked.map((query) => [...query])
  const alone: number[] = []
  const ours: number[] = []
  const perCpu = { alone: [] as number[], ours: [] as number[] }
  const asking: number[] = []
  const idle = await delayOf(() => clock.sleep(200))
  const delays: number[] = []
  for (let turn = 0; turn <= rounds; turn++) {
    const before = cpuSeconds()
    bare.postMessage({ queries, k: K, ef } satisfies BareAsked)
    const [told] = (await once(bare, 'message')) as [BareTold]
    const between = cpuSeconds()
    const askedBefore = askingSeconds()
    let ms = 0
    const delay = await delayOf(async () => {
      const began = clock.monotonic()
      await flood(search, asked, ef)
      ms = clock.monotonic() - began
    })
    const after = cpuSeconds()
    const own = askingSeconds() - askedBefore
    // The first turn warms both.
    if (turn === 0) continue
    alone.push(told.perSecond)
    ours.push((1_000 * asked.length) / ms)
    delays.push(delay)
    perCpu.alone.push(asked.length / (between - before))
    perCpu.ours.push(asked.length / (after - between - own))
    asking.push((1e6 * own) / asked.length)
  }
  const ratios = ours.map((rate, i) => rate / alone[i]!)
  const rate = (values: readonly number[]) => ({
    min: Math.round(Math.min(...values)),
    p50: Math.round(median(values)),
    max: Math.round(Math.max(...values)),
  })
  return {
    queriesPerSecond: rate(ours),
    baseline: { name: 'hnswlib-node alone', queriesPerSecond: rate(alone) },
    ratio: round(median(ratios)),
    // Of the searching thread; what asking takes of the event loop's is apart.
    perCpuSecond: {
      ours: Math.round(median(perCpu.ours)),
      alone: Math.round(median(perCpu.alone)),
      ratio: round(median(perCpu.ours.map((rate, i) => rate / perCpu.alone[i]!))),
      askingMicroseconds: round(median(asking)),
    },
    eventLoopDelayMs: { p99: median(delays), worstTurnP99: Math.max(...delays), idleP99: idle },
  }
}

/** Of the thread that asks. */
function askingSeconds(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1e6
}

/** Of all threads: what other processes take of the machine is not in it. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** All queries in batches, some in flight at once. */
async function flood(search: VectorSearch, asked: Vectors, ef: number): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < asked.length) {
      const vectors = asked.slice(next, next + BATCH)
      next += BATCH
      await search.search({ vectors, k: K, ef, index: 'graph' })
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
}

/** The 99th percentile of how late the event loop was, beyond the ms that lies between looks. */
async function delayOf(work: () => Promise<void>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  await work()
  histogram.disable()
  return round(Math.max(0, histogram.percentile(99) / 1e6 - 1))
}

async function largeK(
  search: VectorSearch,
  asked: Vectors,
  vectors: Vectors,
  { k, few }: Size,
  clock: Clock,
) {
  const queries = asked.slice(0, few)
  const judged = judge(vectors, queries.slice(0, 5), k)
  const told: Record<string, unknown> = { k }
  for (const index of ['scan', 'graph'] as const) {
    const ms = await oneByOne(search, queries, { k, ef: k, index }, clock)
    told[index] = { ms, recall: await recallOf(search, judged, { k, ef: k, index }) }
  }
  return told
}

async function filters(search: VectorSearch, asked: Vectors, { few, count }: Size, clock: Clock) {
  const told: Record<string, unknown> = {}
  for (const share of SHARES) {
    const ids = Array.from({ length: count }, (_, id) => id)
    const filter = search.filterOf(ids.filter((id) => hash32(id, SEED) / 2 ** 32 < share))
    const queries = asked.slice(0, 4 * few)
    const chosen = await search.search({ vectors: [queries[0]!], k: K, filter })
    told[share] = {
      graphMs: await oneByOne(search, queries, { k: K, index: 'graph', filter }, clock),
      scanMs: await oneByOne(search, queries, { k: K, index: 'scan', filter }, clock),
      chosen: chosen.byGraph > 0 ? 'graph' : 'scan',
    }
  }
  return told
}

/** The median of what a query takes that is asked alone. */
async function oneByOne(
  search: VectorSearch,
  queries: Vectors,
  asked: Asked & { readonly filter?: Uint32Array },
  clock: Clock,
): Promise<number> {
  const times: number[] = []
  for (const query of queries) {
    const began = clock.monotonic()
    await search.search({ vectors: [query], ...asked })
    times.push(clock.monotonic() - began)
  }
  return round(median(times))
}

async function digestOf(search: VectorSearch, queries: Vectors, ef: number): Promise<string> {
  let digest = 0
  for (const query of queries) {
    const { ids } = await search.search({ vectors: [query], k: K, ef, index: 'graph' })
    for (const id of ids) digest = hash32(id, digest)
  }
  return digest.toString(16)
}

function timed(clock: Clock, work: () => void): number {
  const began = clock.monotonic()
  work()
  return clock.monotonic() - began
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
