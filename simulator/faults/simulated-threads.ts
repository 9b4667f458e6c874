/**
 * Workers without threads: each is a process of virtual time that runs what a thread would run
 * (`serve`), over the same rings. Messages come in order, each way by itself, some time after they
 * were sent; whoever waits at a ring wakes some time after it was rung. So every interleaving that
 * threads could show between two of their steps may happen, and only those.
 *
 * Messages are handed over, not copied: nothing that is sent is changed by its sender afterwards.
 */
import {
  type Channel,
  type ColdStore,
  type Disk,
  type FromWorker,
  type HostedType,
  type Signals,
  serve,
  type Threads,
  type ToWorker,
  type WorkerEnd,
  type WorkerHome,
  type WorkerSetup,
} from '../../actors/index.ts'
import type { EpochMs, Random } from '../../base/index.ts'
import { SimulatedProcess, type VirtualTime } from './virtual-time.ts'

export type SimulatedThreadsOptions = {
  readonly time: VirtualTime
  /** The process whose threads they are. */
  readonly host: SimulatedProcess
  readonly startsAt: EpochMs
  /** Types that workers load, by the name of their export. */
  readonly types: ReadonlyMap<string, HostedType>
  /** The disk as one of the workers sees it. */
  readonly diskOf: (worker: SimulatedProcess) => Disk
  /** How memory lies, where it is not as usual. */
  readonly memory: Pick<WorkerHome, 'pages' | 'graph'>
  /** A planted bug: who waits for room in a ring is not woken. */
  readonly losesWakeUps?: boolean
}

export type SimulatedWorker = {
  readonly process: SimulatedProcess
  /** What has left its memory. */
  readonly states: MemoryStates
  /** Ends it, as an error of the runtime would. */
  readonly end: (reason: string) => void
}

export class SimulatedThreads implements Threads {
  readonly signals: Signals
  /** The workers that were started, dead ones too. */
  readonly workers: SimulatedWorker[] = []
  /** Most asks that one worker had and had not answered. */
  asksMost = 0
  readonly #options: SimulatedThreadsOptions
  readonly #bells: Bells

  constructor(options: SimulatedThreadsOptions) {
    this.#options = options
    this.#bells = new Bells(options.losesWakeUps === true)
    this.signals = this.#bells.heardBy(options.host)
  }

  start(setup: WorkerSetup, onEnd: (end: WorkerEnd) => void): Channel<ToWorker, FromWorker> {
    const { time, host, startsAt, memory, types, diskOf } = this.#options
    const worker = new SimulatedProcess(time, startsAt)
    const there = new OneWay<ToWorker>(time, worker)
    const back = new OneWay<FromWorker>(time, host)
    const end = (reason: string, isError = true) => {
      if (!worker.isAlive) return
      worker.kill()
      time.after(0, () => host.do(() => onEnd({ reason, isError })))
    }
    const states = new MemoryStates()
    this.workers.push({ process: worker, states, end })
    let asks = 0
    const channel: Channel<FromWorker, ToWorker> = {
      post: (message) => {
        if (message.type === 'answer' || message.type === 'refusal') asks--
        back.post(message)
      },
      onMessage: (listener) => there.listen(listener),
      close: () => end('it ended with 0', false),
    }
    const home: WorkerHome = {
      ...memory,
      clock: worker,
      signals: this.#bells.heardBy(worker),
      loadType: async ({ exported }) => types.get(exported)!,
      openCold: () => states,
      disk: diskOf(worker),
    }
    serve(channel, setup, home).catch((error: unknown) => end(String(error)))
    return {
      post: (message) => {
        if (message.type === 'ask') this.asksMost = Math.max(this.asksMost, ++asks)
        there.post(message)
      },
      onMessage: (listener) => back.listen(listener),
      close: () => end('it was ended'),
    }
  }

  /** The process and all its threads are gone. */
  kill(): void {
    this.#options.host.kill()
    for (const { process } of this.workers) process.kill()
  }
}

/** A file of cold states that is begun anew at every start. */
export class MemoryStates {
  readonly #types = new Map<string, Map<number, Uint8Array>>()

  storeOf(type: string): ColdStore {
    const states = this.#types.get(type) ?? new Map<number, Uint8Array>()
    this.#types.set(type, states)
    return {
      get: (key) => states.get(key),
      put: (key, bytes) => void states.set(key, bytes.slice()),
      delete: (key) => void states.delete(key),
    }
  }

  /** Flips a bit of every state that is there; how many there are. */
  damage(random: Random): number {
    const all = [...this.#types.values()].flatMap((states) => [...states.values()])
    for (const bytes of all) bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
    return all.length
  }

  async close(): Promise<void> {}
}

/** Messages to one process, in order. */
class OneWay<T> {
  readonly #time: VirtualTime
  readonly #to: SimulatedProcess
  /** When the last one comes. */
  #last = 0
  #listener: ((message: T) => void) | undefined
  readonly #early: T[] = []

  constructor(time: VirtualTime, to: SimulatedProcess) {
    this.#time = time
    this.#to = to
  }

  post(message: T): void {
    this.#last = Math.max(this.#last, this.#time.soon())
    this.#time.at(this.#last, () => this.#to.do(() => this.#hear(message)))
  }

  listen(listener: (message: T) => void): void {
    this.#listener = listener
    for (const message of this.#early.splice(0)) listener(message)
  }

  #hear(message: T): void {
    if (this.#listener) this.#listener(message)
    else this.#early.push(message)
  }
}

type Waiting = { readonly index: number; readonly wake: () => void }

/** Who waits at which counter of which ring. */
class Bells {
  readonly #waiting = new Map<ArrayBufferLike, Waiting[]>()
  readonly #losesTheWriters: boolean

  constructor(losesTheWriters: boolean) {
    this.#losesTheWriters = losesTheWriters
  }

  heardBy(process: SimulatedProcess): Signals {
    return {
      wait: (counters, index, value) => {
        if (Atomics.load(counters, index) !== value) return Promise.resolve()
        return new Promise<void>((resolve) => {
          const wake = () => process.after(0, resolve)
          const here = this.#waiting.get(counters.buffer)
          if (here) here.push({ index, wake })
          else this.#waiting.set(counters.buffer, [{ index, wake }])
        })
      },
      notify: (counters, index) => {
        const here = this.#waiting.get(counters.buffer)
        if (!here || here.length === 0) return
        // The first counter is the one that readers wait at.
        if (this.#losesTheWriters && index !== 0) return
        this.#waiting.set(
          counters.buffer,
          here.filter((waiting) => waiting.index !== index),
        )
        for (const { index: at, wake } of here) if (at === index) wake()
      },
    }
  }
}
