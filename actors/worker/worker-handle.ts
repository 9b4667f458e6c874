/**
 * The main thread's end of a worker: hands blocks over through a ring, asks with a deadline, and
 * says when the worker died. What is handed over while the ring is full waits here, asks behind
 * blocks, so that reads see earlier writes.
 */
import { type Clock, fromWire, pinwheelError, toWire, type WireError } from '../../base/index.ts'
import type { JobMemory } from '../../ranking/index.ts'
import type { DeadLetter } from '../shard/dead-letter.ts'
import { RecordBlock } from '../shard/record-block.ts'
import type { Section } from '../snapshots/section.ts'
import { BlockRing, ringMemory } from './block-ring.ts'
import type { Channel } from './channel.ts'
import type { Ask, EpochMemory, FromWorker, ToWorker, WorkerSetup } from './messages.ts'
import { realThreads, type Threads, type WorkerEnd } from './threads.ts'
import { type CarefulStep, doing, Vitals } from './vitals.ts'

export type WorkerEvents = {
  /** A block was handed over; it may be filled again. */
  readonly onTaken: (block: RecordBlock) => void
  readonly onEpoch: (epoch: number, shared?: EpochMemory) => void
  readonly onDeadLetter: (letter: DeadLetter) => void
  /** It ranks, and another worker may take part. */
  readonly onJob: (job: JobMemory) => void
  /** `step`: what it was at, if it was taking care and that is to blame. */
  readonly onDeath: (reason: string, step: CarefulStep | undefined) => void
}

type Pending = { readonly resolve: (value: unknown) => void; readonly reject: (e: unknown) => void }

/** An ask whose asker has gone. */
const abandoned: Pending = { resolve: () => {}, reject: () => {} }

/**
 * Blocks in the ring, records in a block, asks that may wait at a worker, and how long one turn or
 * one block of turns may take: a thread that stands still for longer is ended.
 */
export const workerBounds = Object.freeze({
  blocks: 16,
  records: 4096,
  asks: 512,
  stuckMs: 10_000,
})
/** How often a worker is looked at. */
const WATCH_MS = 500
export type WorkerBounds = { readonly [K in keyof typeof workerBounds]: number }

/** Where a worker runs and how much may wait for it. */
export type WorkerPlacement = { readonly threads?: Threads; readonly bounds?: WorkerBounds }

export class WorkerHandle {
  readonly #channel: Channel<ToWorker, FromWorker>
  readonly #asksMax: number
  readonly #ended: Promise<void>
  readonly #clock: Clock
  readonly #pending = new Map<number, Pending>()
  #nextId = 1
  readonly #ring: BlockRing
  readonly #events: WorkerEvents
  readonly #vitals = new Vitals()
  readonly #endWatch: () => void
  /** What it had begun when it was last looked at, and for how long it has been at it. */
  #seen = { begun: 0, ms: 0 }
  #stuck: string | undefined
  /** What waits for room in the ring, in order. */
  readonly #backlog: (RecordBlock | ToWorker)[] = []
  /** Records, modulo 2^32. */
  #posted = 0
  #pumping = false
  #roomWaiters: (() => void)[] = []
  /** Who waits for this worker's part of a snapshot. */
  #keeping:
    | { resolve: (made: readonly Section[]) => void; reject: (e: unknown) => void }
    | undefined
  #stopping = false
  #dead: WireError | undefined

  constructor(
    setup: Omit<WorkerSetup, 'ring' | 'vitals'>,
    clock: Clock,
    events: WorkerEvents,
    { threads = realThreads, bounds = workerBounds }: WorkerPlacement = {},
  ) {
    this.#clock = clock
    this.#events = events
    const ring = ringMemory({ slots: bounds.blocks, records: bounds.records })
    this.#ring = new BlockRing(ring, threads.signals)
    this.#asksMax = bounds.asks
    let ended = () => {}
    this.#ended = new Promise((resolve) => (ended = resolve))
    this.#channel = threads.start({ ...setup, ring, vitals: this.#vitals.memory }, (end) => {
      this.#die(end)
      ended()
    })
    this.#channel.onMessage((message) => this.#hear(message, events))
    this.#endWatch = clock.every(WATCH_MS, () => this.#watch(bounds.stuckMs))
  }

  get isDead(): boolean {
    return this.#dead !== undefined
  }

  /** Records that were posted and are not folded. */
  get lag(): number {
    return (this.#posted - this.#vitals.folded) | 0
  }

  get waiting(): number {
    return this.#pending.size
  }

  /**
   * The ring's next block, to be filled in place and given to `commit`; undefined when there is no
   * room, or something waits that comes before.
   */
  open(): RecordBlock | undefined {
    return this.#dead || this.#backlog.length > 0 ? undefined : this.#ring.open()
  }

  /** Hands over the block that `open` gave. */
  commit(slot: RecordBlock): void {
    this.#posted = (this.#posted + slot.count) | 0
    this.#announce(this.#ring.commit(), slot)
  }

  post(block: RecordBlock): void {
    if (this.#dead) {
      // The log has what it says; nobody is there to fold it.
      this.#events.onTaken(block)
      return
    }
    this.#posted = (this.#posted + block.count) | 0
    this.#backlog.push(block)
    void this.#pump()
  }

  /** Resolves when nothing waits for room in the ring. */
  async room(): Promise<void> {
    while (this.#backlog.length > 0 && !this.#dead) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve))
    }
  }

  /** Resolves when every posted block is applied. */
  async settled(): Promise<void> {
    await this.room()
    while (!this.#dead) {
      const { folded, length } = this.#ring
      if (length === 0) return
      await this.#ring.waitForRoom(folded)
    }
  }

  share(epoch: EpochMemory): void {
    this.#send({ type: 'epoch', epoch })
  }

  /** OVERLOADED when too many wait; DEADLINE when no answer comes in `deadlineMs`. */
  ask<T>(ask: Ask, deadlineMs?: number): Promise<T> {
    if (this.#dead) return Promise.reject(fromWire(this.#dead))
    if (this.#pending.size >= this.#asksMax) {
      return Promise.reject(pinwheelError('OVERLOADED', { count: this.#pending.size }))
    }
    const id = this.#nextId++
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#send({ type: 'ask', id, ask, after: 0 })
    })
    if (deadlineMs === undefined) return answer as Promise<T>
    return this.#within(id, answer, ask.what, deadlineMs) as Promise<T>
  }

  /** Has the worker keep what it has when `block` is folded; the files it made. */
  keep(block: RecordBlock, folder: string): Promise<readonly Section[]> {
    if (this.#dead) return Promise.reject(fromWire(this.#dead))
    block.snapshot = folder
    return new Promise((resolve, reject) => {
      this.#keeping = { resolve, reject }
      this.post(block)
    })
  }

  /** Ends it at once, whatever it is at. */
  end(): void {
    this.#stopping = true
    if (!this.#dead) this.#channel.close()
  }

  /** Resolves when it has folded what it was given, and ended. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#dead) return
    this.#send({ type: 'stop' })
    await this.#ended
  }

  #die({ reason, isError }: WorkerEnd): void {
    this.#dead = (this.#stopping ? pinwheelError('STOPPING') : pinwheelError('SHARD_DOWN')).toWire()
    for (const { reject } of this.#pending.values()) reject(fromWire(this.#dead))
    this.#pending.clear()
    this.#keeping?.reject(fromWire(this.#dead))
    this.#backlog.length = 0
    this.#ring.wakeWriter()
    for (const wake of this.#roomWaiters.splice(0)) wake()
    this.#endWatch()
    if (this.#stopping) return
    this.#events.onDeath(this.#stuck ?? reason, isError ? undefined : this.#vitals.careful)
  }

  /** Ends a thread that has been at one turn, or one block of turns, for too long. */
  #watch(stuckMs: number): void {
    const { what, begun, ask } = this.#vitals
    const isSame = what !== doing.nothing && begun === this.#seen.begun
    this.#seen = { begun, ms: isSame ? this.#seen.ms + WATCH_MS : 0 }
    if (this.#seen.ms < stuckMs || this.#stuck !== undefined) return
    this.#stuck = `a turn did not end in ${stuckMs} ms`
    if (what === doing.answering) {
      // Sent again it would do the same: whoever asked hears that, and others that they may.
      this.#pending.get(ask)?.reject(pinwheelError('TURN_ENDLESS', { ms: stuckMs }))
      this.#pending.delete(ask)
    }
    this.#channel.close()
  }

  #send(message: ToWorker): void {
    if (this.#backlog.length > 0) this.#backlog.push(message)
    else this.#post(message)
  }

  #post(message: ToWorker): void {
    // An ask is answered when what was written before it is folded.
    this.#channel.post(message.type === 'ask' ? { ...message, after: this.#ring.written } : message)
  }

  /** Hands over what waits, as far as there is room, and goes on when there is more. */
  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    const backlog = this.#backlog
    while (backlog.length > 0 && !this.#dead) {
      const { folded } = this.#ring
      const next = backlog[0]!
      if (!(next instanceof RecordBlock)) this.#post(next)
      else if (!this.#handOver(next)) {
        await this.#ring.waitForRoom(folded)
        continue
      }
      backlog.shift()
    }
    this.#pumping = false
    for (const wake of this.#roomWaiters.splice(0)) wake()
  }

  /** False when the ring is full. */
  #handOver(block: RecordBlock): boolean {
    const slot = this.#ring.open()
    if (!slot) return false
    slot.copyAll(block)
    this.#announce(this.#ring.commit(), block)
    this.#events.onTaken(block)
    return true
  }

  /** Sends what of a block does not lie in the ring. */
  #announce(number: number, { payloads, snapshot }: RecordBlock): void {
    if (payloads.size > 0 || snapshot !== undefined) {
      const attachment = { payloads, ...(snapshot !== undefined && { snapshot }) }
      this.#channel.post({ type: 'attachment', number, attachment })
    }
  }

  async #within(id: number, answer: Promise<unknown>, what: string, ms: number): Promise<unknown> {
    const stop = new AbortController()
    const late = this.#clock.sleep(ms, stop.signal).then(
      () => {
        // The worker still has it: until it answers, it takes the room of another.
        this.#pending.set(id, abandoned)
        throw pinwheelError('DEADLINE', { what, ms })
      },
      () => new Promise<never>(() => {}),
    )
    try {
      return await Promise.race([answer, late])
    } finally {
      stop.abort('answered')
    }
  }

  #hear(message: FromWorker, events: WorkerEvents): void {
    switch (message.type) {
      case 'answer':
        this.#pending.get(message.id)?.resolve(message.value)
        this.#pending.delete(message.id)
        return
      case 'refusal':
        this.#pending.get(message.id)?.reject(fromWire(toWire(message.error)))
        this.#pending.delete(message.id)
        return
      case 'snapshot':
        this.#keeping?.resolve(message.sections)
        return
      case 'no-snapshot':
        this.#keeping?.reject(fromWire(message.error))
        return
      case 'epoch':
        events.onEpoch(message.epoch, message.shared)
        return
      case 'job':
        events.onJob(message.job)
        return
      case 'dead-letter':
        events.onDeadLetter(message.letter)
    }
  }
}
