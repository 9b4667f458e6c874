/**
 * Fresh edges over a graph without structure: how fast one thread appends them, how soon a walk of
 * another thread sees one, and what steady appending with merges costs that thread's walks.
 *
 * Appending is measured twice, with edges the caller vouches are new (as a log's fold knows) and
 * with edges that are looked for first. The walking thread makes queries of three seeds and 100,000
 * steps throughout; its static rate is taken before anything is appended.
 */
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../base/index.ts'
import { type EdgeChunk, type GraphView, LiveGraph } from '../index.ts'
import type { WalkerSetup } from './delta-walker.ts'
import { evenWorld } from './worlds.ts'

const sizes = {
  small: {
    world: { pins: 20_000, boards: 4_000, edges: 200_000 },
    appendSeconds: 0.2,
    edgesMax: 1_000_000,
    staticSeconds: 0.2,
    liveSeconds: 1,
    edgesPerSecond: 100_000,
  },
  large: {
    world: { pins: 2_000_000, boards: 400_000, edges: 20_000_000 },
    appendSeconds: 10,
    edgesMax: 90_000_000,
    staticSeconds: 10,
    liveSeconds: 60,
    edgesPerSecond: 500_000,
  },
} as const
const SEED = 1
const STEPS = 100_000
const MARKERS = 20

type Options = (typeof sizes)[keyof typeof sizes]

export const bench = {
  name: 'graph/delta',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const appended = {
      vouched: appendRate(options, clock, true),
      checked: appendRate(options, clock, false),
    }
    const live = await whileWalking(options, clock)
    return {
      seed: SEED,
      options,
      edgesPerSecond: appended.vouched.edgesPerSecond,
      checkedEdgesPerSecond: appended.checked.edgesPerSecond,
      appended,
      ...live,
    }
  },
}

/**
 * Endless edges unlike those of the world, in blocks made beforehand and moved a little each time.
 */
function* fresh({ pins, boards }: Options['world'], from: number): Generator<EdgeChunk, never> {
  for (let round = from; ; round++) {
    const world = { pins, boards, edges: 4_194_304 }
    for (const chunk of evenWorld(world, 1000 + round).chunks()) {
      yield { pins: chunk.pins.slice(), boards: chunk.boards.slice(), count: chunk.count }
    }
  }
}

function capacity({ pins, boards }: Options['world'], edgesMax: number) {
  return { pinCapacity: pins + 4096, boardCapacity: boards + 4096, edgeCapacity: () => edgesMax }
}

/** Appends without a merge for so long; making the edges is not counted. */
function appendRate(options: Options, clock: Clock, areNew: boolean) {
  const { world, edgesMax, appendSeconds } = options
  const live = new LiveGraph(capacity(world, edgesMax), evenWorld(world, SEED))
  const { delta } = live.view
  let ms = 0
  let count = 0
  let slowest = Number.POSITIVE_INFINITY
  for (const chunk of fresh(world, 0)) {
    const began = clock.monotonic()
    const end = delta.addMany(chunk.pins, chunk.boards, 0, chunk.count, areNew)
    const took = clock.monotonic() - began
    ms += took
    count += end
    slowest = Math.min(slowest, end / took)
    if (end < chunk.count || ms >= appendSeconds * 1000) break
  }
  return {
    edgesPerSecond: Math.round((count * 1000) / ms),
    slowestChunkEdgesPerSecond: Math.round(slowest * 1000),
    edges: count,
    shown: delta.edgeCount,
    seconds: Math.round(ms) / 1000,
  }
}

async function whileWalking(options: Options, clock: Clock) {
  const { world, staticSeconds, liveSeconds, edgesPerSecond } = options
  const live = new LiveGraph(
    {
      ...capacity(world, 0),
      edgeCapacity: (frozen) => Math.max(1_000_000, frozen),
      dueAfter: (frozen) => Math.max(50_000, frozen / 4),
    },
    evenWorld(world, SEED),
  )
  const shared = new Int32Array(new SharedArrayBuffer(64))
  const setup: WalkerSetup = {
    shared,
    pinCapacity: world.pins + 4096,
    steps: STEPS,
    pins: world.pins,
  }
  const worker = new Worker(new URL('./delta-walker.ts', import.meta.url), { workerData: setup })
  const ended = new Promise<void>((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', () => resolve())
  })
  const hand = (view: GraphView) => worker.postMessage(view.memory())
  hand(live.view)
  while (Atomics.load(shared, 0) === 0) await clock.sleep(5)
  const rate = async (during: () => Promise<void>) => {
    const steps = Atomics.load(shared, 0)
    const began = clock.monotonic()
    await during()
    return ((Atomics.load(shared, 0) - steps) * 1e6) / (clock.monotonic() - began)
  }
  const staticRate = await rate(() => clock.sleep(staticSeconds * 1000))
  const visibleMs = await markers(live, shared, world, clock)
  let steady = { appended: 0, merges: 0, mergeSeconds: [] as number[] }
  const liveRate = await rate(async () => {
    steady = await append({ live, hand, clock, world, liveSeconds, edgesPerSecond })
  })
  Atomics.store(shared, 1, 1)
  await ended
  visibleMs.sort((a, b) => a - b)
  return {
    static: { stepsPerSecond: Math.round(staticRate) },
    live: { stepsPerSecond: Math.round(liveRate), ...steady },
    ratio: Math.round((1000 * liveRate) / staticRate) / 1000,
    visibleMs: { p50: visibleMs[MARKERS >> 1], max: visibleMs.at(-1) },
    digest: (live.view.frozen.edgeCount + live.view.delta.edgeCount).toString(16),
  }
}

/** How long until a walk of the other thread, busy with its queries, returns a pin just added. */
async function markers(
  live: LiveGraph,
  shared: Int32Array,
  { pins, boards }: Options['world'],
  clock: Clock,
): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < MARKERS; i++) {
    const marker = pins + 2 * i + 1
    const began = clock.monotonic()
    live.add(marker - 1, boards + i)
    live.add(marker, boards + i)
    Atomics.store(shared, 2, marker)
    const seen = Atomics.load(shared, 3)
    const change = Atomics.waitAsync(shared, 3, seen, 5000)
    await change.value
    times.push(Math.round((clock.monotonic() - began) * 100) / 100)
  }
  return times
}

type Appending = {
  readonly live: LiveGraph
  readonly hand: (view: GraphView) => void
  readonly clock: Clock
  readonly world: Options['world']
  readonly liveSeconds: number
  readonly edgesPerSecond: number
}

/** Appends at the rate asked for, merging in between whenever a merge is due. */
async function append(work: Appending) {
  const { live, hand, clock, world, liveSeconds, edgesPerSecond } = work
  const edges = fresh(world, 100)
  let chunk = edges.next().value
  let at = 0
  let appended = 0
  let merges = 0
  const mergeSeconds: number[] = []
  let merge: Generator<void, GraphView> | undefined
  let mergeBegan = 0
  const began = clock.monotonic()
  for (;;) {
    const elapsed = (clock.monotonic() - began) / 1000
    if (elapsed >= liveSeconds) break
    let due = Math.floor(elapsed * edgesPerSecond) - appended
    while (due > 0) {
      if (at === chunk.count) {
        chunk = edges.next().value
        at = 0
      }
      const some = Math.min(due, chunk.count - at, 4096)
      live.addMany(chunk.pins, chunk.boards, at, at + some)
      at += some
      appended += some
      due -= some
    }
    if (!merge && live.isDue) {
      merge = live.mergeSteps()
      mergeBegan = clock.monotonic()
    }
    const step = merge?.next()
    if (step?.done) {
      merge = undefined
      merges++
      mergeSeconds.push(Math.round(clock.monotonic() - mergeBegan) / 1000)
      hand(step.value)
    }
    await clock.yield()
    // Nothing to merge: the walking thread shall have the memory to itself meanwhile.
    if (!merge) await clock.sleep(1)
  }
  return { appended, merges, mergeSeconds }
}
