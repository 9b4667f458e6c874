/**
 * The scheduler of a simulation: everything that waits is a task with the time it is due, and the
 * seed says who goes next. Between two tasks every promise that can settle does; nothing else makes
 * time pass, so a run is a pure function of its seed.
 *
 * Real timers, I/O and threads do not exist in here: what a host waits for comes from the ports it
 * was given, and their tasks are these.
 */
import type { Clock, EpochMs, Random } from '../../base/index.ts'

/** What was waited for can never come. */
export class Stalled extends Error {}

type Task = {
  readonly due: number
  /** Ties fall by order of birth. */
  readonly number: number
  readonly run: () => void
  isOff: boolean
}

/** The longest that a task which is ready may wait for its turn. */
const JITTER_MS = 2

export class VirtualTime {
  readonly #random: Random
  /** A heap by `due`. */
  readonly #tasks: Task[] = []
  #born = 0
  #now = 0
  /** Tasks run. */
  steps = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** Milliseconds since the simulation began. */
  get now(): number {
    return this.#now
  }

  /** In `ms` and a little, which the seed chooses. */
  soon(ms = 0): number {
    return this.#now + ms + this.#random.unit() * JITTER_MS
  }

  /** Runs `run` in `ms` and a little; the returned function calls it off. */
  after(ms: number, run: () => void): () => void {
    return this.at(this.soon(ms), run)
  }

  /** Runs `run` just then, or now if that is past. */
  at(due: number, run: () => void): () => void {
    const task = { due: Math.max(due, this.#now), number: this.#born++, run, isOff: false }
    this.#push(task)
    return () => {
      task.isOff = true
    }
  }

  /**
   * Runs tasks until `isOver` says so. `Stalled` when nobody has anything left to do, or after
   * `stepsMax` tasks; throws what a task throws.
   */
  run(isOver: () => boolean, stepsMax = 1_000_000): Promise<void> {
    const end = this.steps + stepsMax
    return new Promise((resolve, reject) => {
      const step = () => {
        try {
          if (isOver()) return resolve()
          const task = this.#pop()
          if (!task || this.steps === end) {
            const reason = task ? `${stepsMax} tasks were not enough` : 'nobody has anything to do'
            return reject(new Stalled(`after ${Math.round(this.#now)} ms ${reason}`))
          }
          this.#now = task.due
          this.steps++
          task.run()
        } catch (error) {
          return reject(error)
        }
        whenSettled(tick)
      }
      const tick = () => process.nextTick(step)
      whenSettled(tick)
    })
  }

  #push(task: Task): void {
    const heap = this.#tasks
    let at = heap.length
    heap.push(task)
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (!isBefore(task, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = task
  }

  /** The next that was not called off. */
  #pop(): Task | undefined {
    for (;;) {
      const heap = this.#tasks
      const first = heap[0]
      const last = heap.pop()
      if (!first || !last) return undefined
      if (heap.length > 0) this.#sink(last)
      if (!first.isOff) return first
    }
  }

  #sink(task: Task): void {
    const heap = this.#tasks
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, task)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = task
  }
}

const settled = Promise.resolve()

/** Has `tick` ask for the tick that comes when every promise has settled that could. */
function whenSettled(tick: () => void): void {
  void settled.then(tick)
}

function isBefore(a: Task, b: Task): boolean {
  return a.due < b.due || (a.due === b.due && a.number < b.number)
}

/**
 * The clock of one simulated process. It can be killed: what it waits for never comes; or paused:
 * it comes when the process goes on. Its wall clock may jump.
 */
export class SimulatedProcess implements Clock {
  readonly #time: VirtualTime
  /** What its wall clock shows beyond the simulation's time. */
  #offset: EpochMs
  #isAlive = true
  /** What came due while it was paused; undefined while it runs. */
  #held: (() => void)[] | undefined

  constructor(time: VirtualTime, startsAt: EpochMs) {
    this.#time = time
    this.#offset = startsAt
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  get isPaused(): boolean {
    return this.#held !== undefined
  }

  now(): EpochMs {
    return Math.floor(this.#time.now + this.#offset)
  }

  monotonic(): number {
    return this.#time.now
  }

  /** Runs `run` in about `ms`, if the process lives then; the returned function calls it off. */
  after(ms: number, run: () => void): () => void {
    return this.#time.after(ms, () => this.do(run))
  }

  /** Runs `run` now, when the process goes on, or never. */
  do(run: () => void): void {
    if (!this.#isAlive) return
    if (this.#held) this.#held.push(run)
    else run()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const callOff = this.after(ms, resolve)
      signal?.addEventListener(
        'abort',
        () => {
          callOff()
          reject(signal.reason)
        },
        { once: true },
      )
    })
  }

  every(ms: number, task: () => void): () => void {
    let callOff = () => {}
    const again = () => {
      callOff = this.after(ms, () => {
        task()
        again()
      })
    }
    again()
    return () => callOff()
  }

  yield(): Promise<void> {
    return new Promise((resolve) => {
      this.after(0, resolve)
    })
  }

  kill(): void {
    this.#isAlive = false
    this.#held = undefined
  }

  pause(): void {
    if (this.#isAlive) this.#held ??= []
  }

  resume(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const run of held) this.do(run)
  }

  /** The wall clock is set: `ms` forward, or back where negative. */
  jump(ms: number): void {
    this.#offset += ms
  }
}
