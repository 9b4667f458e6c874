/**
 * Drives a stream of events through a host without a log: fills blocks, hands them in while there
 * is room, takes snapshots, and tells every second what goes on.
 */
import type { BlockHost, WorkerStats } from '../../actors/index.ts'
import type { Clock } from '../../base/index.ts'
import type { EventStream } from '../../simulator/index.ts'
import { StreamBlocks } from './stream-blocks.ts'

export type ReplayPlan = {
  readonly stream: EventStream
  readonly from: number
  readonly to: number
  /** Events between two snapshots; Infinity for none. */
  readonly keepEvery: number
  readonly clock: Clock
  /** Ends the run where it is. */
  readonly signal?: AbortSignal
  /** Hears about once a second how it goes. */
  readonly onSecond?: (second: ReplaySecond) => void
}

export type ReplaySecond = {
  /** Events handed in so far, and how many a second since the last word. */
  readonly events: number
  readonly eventsPerSecond: number
  readonly turnsPerSecond: number
  readonly stats: readonly WorkerStats[]
  readonly residentBytes: number
  /** Records on their way to the worker that is furthest behind. */
  readonly lag: number
}

export type ReplayRun = {
  /** First event that was not handed in. */
  readonly end: number
  /** Of the main thread, on the making of events alone. */
  readonly sourceSeconds: number
  /** From the first event handed in to the last one folded. */
  readonly seconds: number
  readonly rates: readonly number[]
}

const SECOND_MS = 1000
/** Blocks between two looks at the clock and at messages. */
const BLOCKS_PER_LOOK = 32

/** REPLAY_FAILED. */
export async function replayStream(host: BlockHost, plan: ReplayPlan): Promise<ReplayRun> {
  const { stream, from, to, keepEvery, clock, signal } = plan
  const source = new StreamBlocks(stream, host.implicitBoards)
  const began = clock.monotonic()
  const teller = new Teller(host, plan)
  let kept = from
  let sourceMs = 0
  let at = from
  for (let blocks = 1; at < to && !signal?.aborted; blocks++) {
    const block = host.take()
    const before = clock.monotonic()
    at = source.fill(block, at, to)
    sourceMs += clock.monotonic() - before
    host.deliver(block)
    await host.room()
    if (at - kept >= keepEvery && !host.isKeeping) {
      kept = at
      // It is awaited by whoever stops the host; one that fails is told by the next.
      host.keep().catch(() => {})
    }
    if (blocks % BLOCKS_PER_LOOK === 0) {
      await clock.yield()
      teller.look(at)
    }
  }
  await host.settled()
  const seconds = (clock.monotonic() - began) / 1000
  return { end: at, sourceSeconds: sourceMs / 1000, seconds, rates: teller.rates }
}

/** Says once a second how it goes; asks workers without waiting for them. */
class Teller {
  readonly #host: BlockHost
  readonly #plan: ReplayPlan
  readonly rates: number[] = []
  #told: { readonly ms: number; readonly events: number }
  #turns = 0
  #stats: readonly WorkerStats[] = []
  #isAsking = false

  constructor(host: BlockHost, plan: ReplayPlan) {
    this.#host = host
    this.#plan = plan
    this.#told = { ms: plan.clock.monotonic(), events: plan.from }
  }

  look(events: number): void {
    const ms = this.#plan.clock.monotonic()
    const passed = ms - this.#told.ms
    if (passed < SECOND_MS) return
    const perSecond = (count: number) => Math.round((1000 * count) / passed)
    const turns = this.#stats.reduce((sum, stats) => sum + stats.turns, 0)
    const eventsPerSecond = perSecond(events - this.#told.events)
    this.rates.push(eventsPerSecond)
    this.#plan.onSecond?.({
      events,
      eventsPerSecond,
      turnsPerSecond: perSecond(turns - this.#turns),
      stats: this.#stats,
      residentBytes: process.memoryUsage.rss(),
      lag: this.#host.lag,
    })
    // Whoever hears of seconds and counts them by the same clock sees a whole one each time.
    this.#told = { ms: this.#plan.clock.monotonic(), events }
    this.#turns = turns
    void this.#ask()
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    try {
      this.#stats = await this.#host.stats()
    } catch {
      // Who has ended is told of by the next block.
    } finally {
      this.#isAsking = false
    }
  }
}
