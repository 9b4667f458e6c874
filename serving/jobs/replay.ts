/**
 * Drives frames of events through a host without a log: fills blocks, hands them in while there is
 * room, takes snapshots, and tells every second what goes on.
 */
import { type BlockHost, type RecordBlock, roles, type WorkerStats } from '../../actors/index.ts'
import { type Clock, kindCode, NONE } from '../../base/index.ts'
import type { EventFrames } from '../../simulator/index.ts'

export type ReplayPlan = {
  readonly frames: EventFrames
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
/** Parts that play a role by kind: only saves are edges. */
const rolesOf = Uint8Array.from({ length: 256 }, (_, kind) => {
  const isEdge = kind === kindCode.save || kind === kindCode.unsave
  return roles.user | roles.pin | (isEdge ? roles.graph : 0)
})

/** REPLAY_FAILED. */
export async function replayFrames(host: BlockHost, plan: ReplayPlan): Promise<ReplayRun> {
  const { frames, from, to, keepEvery, clock, signal } = plan
  const began = clock.monotonic()
  const teller = new Teller(host, plan)
  let kept = from
  let sourceMs = 0
  let at = from
  for (let blocks = 1; at < to && !signal?.aborted; blocks++) {
    const block = host.take()
    const before = clock.monotonic()
    at = fillBlock(block, frames, at, to)
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

/** Fills a block with events from `at` on, up to the end of their frame; the first not in it. */
function fillBlock(block: RecordBlock, frames: EventFrames, at: number, to: number): number {
  const { frameEvents, boards } = frames
  const frame = Math.floor(at / frameEvents)
  const first = frame * frameEvents
  frames.fill(frame, block)
  const count = Math.min(to - first, frameEvents)
  const skipped = at - first
  for (const column of [block.kind, block.owner, block.pin, block.board, block.time]) {
    if (skipped > 0) column.copyWithin(0, skipped, count)
  }
  block.count = count - skipped
  const { kind, owner, board, position, roles: masks } = block
  for (let i = 0; i < block.count; i++) {
    const mask = rolesOf[kind[i]!]!
    masks[i] = mask
    position[i] = at + i
    if (board[i] === NONE && (mask & roles.graph) !== 0) board[i] = boards + owner[i]!
  }
  block.label.fill(NONE, 0, block.count)
  block.weight.fill(1, 0, block.count)
  block.partition.fill(0, 0, block.count)
  return first + count
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
    this.#told = { ms, events }
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
