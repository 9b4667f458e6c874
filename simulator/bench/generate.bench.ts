/**
 * How fast the simulator makes what others consume: replay events as numbers (against the same
 * events as entries with outside ids), the demo's log, pictures.
 */
import { type Clock, hash32 } from '../../base/index.ts'
import { demoDefaults, demoEntries, demoWorld, replayRecord, replayWorkload } from '../index.ts'
import { pinPicture } from '../world/index.ts'

type Size = 'small' | 'large'
const sizes = {
  small: { events: 50_000, demoEvents: 20_000, pictures: 20, runs: 3 },
  large: { events: 2_000_000, demoEvents: 300_000, pictures: 300, runs: 7 },
} as const
const SEED = 1

export const bench = {
  name: 'simulator/generate',

  run({ size, clock }: { readonly size: Size; readonly clock: Clock }) {
    const options = sizes[size]
    const { runs, events } = options
    const numbers = measure(clock, runs, () => replayNumbers(events))
    const entries = measure(clock, runs, () => replayEntries(events))
    const demo = measure(clock, runs, () => demoLog(options.demoEvents))
    const pictures = measure(clock, runs, () => drawPictures(options.pictures))
    return {
      seed: SEED,
      options,
      eventsPerSecond: Math.round((1_000 * events) / numbers.medianMs),
      baseline: {
        name: 'the same events as entries',
        eventsPerSecond: Math.round((1_000 * events) / entries.medianMs),
      },
      ratio: Math.round((100 * entries.medianMs) / numbers.medianMs) / 100,
      replayMs: numbers,
      demoMs: demo,
      pictureMs: Math.round((1_000 * pictures.medianMs) / options.pictures) / 1_000,
      digest: [numbers, entries, demo, pictures].map(({ checksum }) => checksum).join('-'),
    }
  },
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

function replayNumbers(events: number): number {
  const workload = replayWorkload({ seed: SEED })
  const event = replayRecord()
  let sum = 0
  for (let i = 0; i < events; i++) {
    workload.at(i, event)
    sum = (Math.imul(sum, 31) + event.user + event.pin + event.kind) | 0
  }
  return sum >>> 0
}

function replayEntries(events: number): number {
  const workload = replayWorkload({ seed: SEED })
  let sum = 0
  for (let i = 0; i < events; i++) {
    const entry = workload.entryAt(i)
    sum = (Math.imul(sum, 31) + entry.user.length + entry.time) | 0
  }
  return sum >>> 0
}

function demoLog(events: number): number {
  const share = events / demoDefaults.events
  const scaled = (count: number) => Math.ceil(count * share)
  const { users, pins, boards } = demoDefaults
  let sum = 0
  const options = { users: scaled(users), pins: scaled(pins), boards: scaled(boards), events }
  for (const entry of demoEntries(options)) {
    sum = hash32(entry.id, sum)
  }
  return sum
}

function drawPictures(count: number): number {
  const world = demoWorld()
  let sum = 0
  for (let pin = 0; pin < count; pin++) sum = (sum * 31 + pinPicture(world, pin * 17).length) >>> 0
  return sum
}
