/**
 * How fast the simulator makes what others consume: frames of events (against the same events
 * as entries with outside ids), the demo's log, pictures.
 */
import { type Clock, hash32 } from '../../base/index.ts'
import {
  type CircleWorld,
  demoDefaults,
  demoEntries,
  EventStream,
  emptyFrame,
  FRAME_EVENTS,
  growCircles,
  planCircles,
  streamEntries,
} from '../index.ts'
import { LatentWorld, pinPicture } from '../world/index.ts'

type Size = 'small' | 'large'
const sizes = {
  small: { frames: 20, entries: 50_000, share: 0.02, demoEvents: 20_000, pictures: 20, runs: 3 },
  large: { frames: 500, entries: 500_000, share: 1, demoEvents: 300_000, pictures: 300, runs: 9 },
} as const
const SEED = 1

export const bench = {
  name: 'simulator/generate',

  async run({ size, clock }: { readonly size: Size; readonly clock: Clock }) {
    const options = sizes[size]
    const { runs } = options
    const growing = clock.monotonic()
    const stream = new EventStream(await world(options.share))
    const growSeconds = (clock.monotonic() - growing) / 1_000
    const events = options.frames * FRAME_EVENTS
    const before = process.memoryUsage().heapUsed
    const numbers = measure(clock, runs, () => frames(stream, options.frames))
    const allocated = process.memoryUsage().heapUsed - before
    const entries = measure(clock, runs, () => entriesOf(stream, options.entries))
    const demo = measure(clock, runs, () => demoLog(options.demoEvents))
    const pictures = measure(clock, runs, () => drawPictures(options.pictures))
    const rate = (count: number, ms: number) => Math.round((1_000 * count) / ms)
    return {
      seed: SEED,
      options,
      circles: stream.world.circles,
      growSeconds: Math.round(growSeconds * 10) / 10,
      eventsPerSecond: rate(events, numbers.medianMs),
      eventsPerSecondBest: rate(events, numbers.minMs),
      /** Of the heap, while nobody collected it. */
      bytesPerEvent: Math.round((1_000 * allocated) / (events * (runs + 1))) / 1_000,
      baseline: {
        name: 'the same events as entries',
        eventsPerSecond: rate(options.entries, entries.medianMs),
      },
      ratio:
        Math.round(
          (100 * rate(events, numbers.medianMs)) / rate(options.entries, entries.medianMs),
        ) / 100,
      framesMs: numbers,
      demoMs: demo,
      pictureMs: Math.round((1_000 * pictures.medianMs) / options.pictures) / 1_000,
      digest: [numbers, entries, demo, pictures].map(({ checksum }) => checksum).join('-'),
    }
  },
}

/** A million people; in small a share of each circle's. */
function world(share: number): Promise<CircleWorld> {
  const plan = planCircles({ seed: SEED, users: 1_000_000 })
  const scaled = (count: number) => Math.ceil(count * share)
  const laws = { ...plan.laws, users: scaled(plan.laws.users), saves: scaled(plan.laws.saves) }
  return growCircles({ ...plan, laws }, { threads: 2 })
}

function measure(clock: Clock, runs: number, work: () => number) {
  let checksum = work() // The first run warms the compiler.
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const start = clock.monotonic()
    checksum = work()
    times.push(clock.monotonic() - start)
  }
  times.sort((a, b) => a - b)
  const mean = times.reduce((a, b) => a + b) / runs
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / runs
  const round = (ms: number) => Math.round(ms * 100) / 100
  return {
    minMs: round(times[0]!),
    medianMs: round(times[runs >> 1]!),
    deviationMs: round(Math.sqrt(variance)),
    checksum,
  }
}

function frames(stream: EventStream, count: number): number {
  const frame = emptyFrame()
  let sum = 0
  for (let n = 0; n < count; n++) {
    stream.fill(frame, n * FRAME_EVENTS)
    sum = (Math.imul(sum, 31) + frame.words[n % frame.words.length]!) | 0
  }
  return sum >>> 0
}

function entriesOf(stream: EventStream, count: number): number {
  let sum = 0
  for (const entry of streamEntries(stream, { from: 0, to: count })) {
    sum = (Math.imul(sum, 31) + entry.user.length + entry.time) | 0
  }
  return sum >>> 0
}

function demoLog(events: number): number {
  const share = events / demoDefaults.events
  const scaled = (count: number) => Math.ceil(count * share)
  const { users, pins } = demoDefaults
  let sum = 0
  const options = { users: scaled(users), pins: scaled(pins), events }
  for (const entry of demoEntries(options)) {
    sum = hash32(entry.id, sum)
  }
  return sum
}

function drawPictures(count: number): number {
  const world = new LatentWorld({ seed: SEED, users: 1, pins: count })
  let sum = 0
  for (let pin = 0; pin < count; pin++) sum = (sum * 31 + pinPicture(world, pin).length) >>> 0
  return sum
}
