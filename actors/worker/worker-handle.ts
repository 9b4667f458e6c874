/**
 * The main thread's end of a worker: posts blocks within a bound, asks with a deadline, and says
 * when the worker died.
 */
import { Worker } from 'node:worker_threads'
import { type Clock, fromWire, pinwheelError, toWire, type WireError } from '../../base/index.ts'
import type { RecordBlock } from '../shard/record-block.ts'
import type { DeadLetter } from '../shard/shard.ts'
import { type Channel, channelOver } from './channel.ts'
import type { Ask, EpochMemory, FromWorker, ToWorker, WorkerSetup } from './messages.ts'

export type WorkerEvents = {
  /** A block was applied; its buffer is free. */
  readonly onApplied: (buffer: ArrayBuffer) => void
  readonly onEpoch: (epoch: EpochMemory) => void
  readonly onDeadLetter: (letter: DeadLetter) => void
  readonly onDeath: (reason: string) => void
}

type Pending = { readonly resolve: (value: unknown) => void; readonly reject: (e: unknown) => void }

/** Blocks and asks that may wait at a worker. */
export const workerBounds = Object.freeze({ blocks: 16, asks: 512 })

export class WorkerHandle {
  readonly #worker: Worker
  readonly #channel: Channel<ToWorker, FromWorker>
  readonly #clock: Clock
  readonly #pending = new Map<number, Pending>()
  #nextId = 1
  #blocks = 0
  #roomWaiters: (() => void)[] = []
  #stopping = false
  #dead: WireError | undefined

  constructor(setup: WorkerSetup, clock: Clock, events: WorkerEvents) {
    this.#clock = clock
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: setup,
      // A request allocates some hundred kilobytes that die with it: a wider nursery spares them
      // the copying of a collection in their midst.
      resourceLimits: { maxYoungGenerationSizeMb: 96 },
    })
    this.#channel = channelOver(this.#worker, () => void this.#worker.terminate())
    this.#channel.onMessage((message) => this.#hear(message, events))
    const died = (reason: string) => {
      if (this.#dead) return
      this.#dead = (
        this.#stopping ? pinwheelError('STOPPING') : pinwheelError('INTERNAL', { ref: 'worker' })
      ).toWire()
      for (const { reject } of this.#pending.values()) reject(fromWire(this.#dead))
      this.#pending.clear()
      for (const wake of this.#roomWaiters.splice(0)) wake()
      if (!this.#stopping) events.onDeath(reason)
    }
    this.#worker.on('error', (error: unknown) => {
      died(error instanceof Error ? (error.stack ?? error.message) : String(error))
    })
    this.#worker.on('exit', (code) => died(`it ended with ${code}`))
  }

  get waiting(): number {
    return this.#pending.size
  }

  /** Blocks on their way. */
  get blocks(): number {
    return this.#blocks
  }

  post(block: RecordBlock): void {
    this.#blocks++
    this.#send({ type: 'block', block: block.memory() }, [block.buffer])
  }

  /** Resolves when fewer blocks wait than the bound. */
  async room(): Promise<void> {
    while (this.#blocks >= workerBounds.blocks && !this.#dead) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve))
    }
  }

  /** Resolves when every posted block is applied. */
  async settled(): Promise<void> {
    while (this.#blocks > 0 && !this.#dead) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve))
    }
  }

  share(epoch: EpochMemory): void {
    this.#send({ type: 'epoch', epoch })
  }

  /** OVERLOADED when too many wait; DEADLINE when no answer comes in `deadlineMs`. */
  ask<T>(ask: Ask, deadlineMs?: number): Promise<T> {
    if (this.#dead) return Promise.reject(fromWire(this.#dead))
    if (this.#pending.size >= workerBounds.asks) {
      return Promise.reject(pinwheelError('OVERLOADED', { count: this.#pending.size }))
    }
    const id = this.#nextId++
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#send({ type: 'ask', id, ask })
    })
    if (deadlineMs === undefined) return answer as Promise<T>
    return this.#within(id, answer, ask.what, deadlineMs) as Promise<T>
  }

  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#dead) return
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#send({ type: 'stop' })
    await ended
  }

  #send(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#channel.post(message, transfer)
  }

  async #within(id: number, answer: Promise<unknown>, what: string, ms: number): Promise<unknown> {
    const stop = new AbortController()
    const late = this.#clock.sleep(ms, stop.signal).then(
      () => {
        this.#pending.delete(id)
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
      case 'applied':
        this.#blocks--
        events.onApplied(message.buffer)
        for (const wake of this.#roomWaiters.splice(0)) wake()
        return
      case 'answer':
        this.#pending.get(message.id)?.resolve(message.value)
        this.#pending.delete(message.id)
        return
      case 'refusal':
        this.#pending.get(message.id)?.reject(fromWire(toWire(message.error)))
        this.#pending.delete(message.id)
        return
      case 'epoch':
        events.onEpoch(message.epoch)
        return
      case 'dead-letter':
        events.onDeadLetter(message.letter)
    }
  }
}
