/**
 * A thread that walks: takes cells that wait, answers them, sleeps. It never returns to its event
 * loop; the views that the pool shows it are fetched from its port.
 *
 * An error of the table is an answer. Any other ends the thread, and the pool has the query walked
 * by another.
 */
import { getHeapStatistics } from 'node:v8'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { assert, PinwheelError } from '../../base/index.ts'
import { GraphView, type ViewMemory } from '../graph-view.ts'
import { WalkScratch } from '../walk/scratch.ts'
import { walk } from '../walk/walk.ts'
import { writeAnswer, writeRefusal } from './answer-words.ts'
import {
  answerOf,
  control,
  DONE,
  type PoolMemory,
  type PoolShape,
  poolMemory,
  queryOf,
} from './pool-memory.ts'
import { readQuery } from './query-words.ts'
import { takeWaiting } from './waiting-ring.ts'

/** What a thread is started with. */
export type ThreadSetup = {
  readonly thread: number
  readonly desk: number
  readonly shape: PoolShape
  readonly buffer: SharedArrayBuffer
  readonly view: ViewMemory
  /** Views shown so far. */
  readonly shown: number
}

assert(parentPort !== null, 'this file is the entry of a worker thread')
const port = parentPort

class WalkThread {
  readonly #memory: PoolMemory
  readonly #thread: number
  readonly #desk: number
  #view: GraphView
  #scratch: WalkScratch
  #shown: number

  constructor({ thread, desk, shape, buffer, view, shown }: ThreadSetup) {
    this.#memory = poolMemory(shape, buffer)
    this.#thread = thread
    this.#desk = desk
    this.#view = GraphView.received(view)
    this.#scratch = new WalkScratch(this.#view.pinCapacity, desk)
    this.#shown = shown
  }

  run(): void {
    const { control: words } = this.#memory
    for (;;) {
      // Before all that it is raised for: what comes behind this look ends the sleep.
      const asked = Atomics.load(words, control.asked)
      if (Atomics.load(words, control.stop) !== 0) return
      // A view that is shown while nothing is asked is turned to as well, so that the old one goes.
      if (Atomics.load(words, control.shown) !== this.#shown) this.#turn()
      const cell = takeWaiting(this.#memory, this.#thread)
      if (cell < 0) Atomics.wait(words, control.asked, asked)
      else this.#answer(cell)
    }
  }

  #answer(cell: number): void {
    const { control: words, states, cuts, buffer } = this.#memory
    // Shown before it was asked for, perhaps since this thread last looked.
    if (Atomics.load(words, control.shown) !== this.#shown) this.#turn()
    const { seeds, excluded, options } = readQuery(buffer, queryOf(this.#memory, cell))
    const view = this.#view
    const to = answerOf(this.#memory, cell)
    const isOver = () => Atomics.load(cuts, cell) !== 0
    try {
      const found = walk(view, seeds, excluded, this.#scratch, { ...options, isOver })
      writeAnswer(buffer, to, { ...found, epoch: view.epoch })
    } catch (error) {
      if (!(error instanceof PinwheelError)) throw error
      writeRefusal(buffer, to, error.toWire())
    }
    Atomics.store(states, cell, DONE)
    Atomics.add(words, control.ended, 1)
    Atomics.notify(words, control.ended)
  }

  /** To the newest view. */
  #turn(): void {
    let sent: ViewMemory | undefined
    for (;;) {
      const message = receiveMessageOnPort(port)
      if (!message) break
      sent = message.message as ViewMemory
      this.#shown = (this.#shown + 1) | 0
    }
    // It was fetched before it was counted.
    if (!sent) return
    this.#view = GraphView.received(sent)
    const { pinCapacity } = this.#view
    if (this.#scratch.pinCapacity >= pinCapacity) this.#scratch.leaveGraph()
    else this.#scratch = new WalkScratch(pinCapacity, this.#desk)
    collectGarbage()
  }
}

/**
 * Gigabytes of an old epoch hang on a few small objects here, and V8 does not count memory that
 * threads share, so it would see no reason to look for them. Memory of this thread's own it does
 * count, and collects at once when more than half of the heap's limit comes. Never touched, it
 * costs none.
 */
function collectGarbage(): void {
  try {
    new ArrayBuffer(getHeapStatistics().heap_size_limit)
  } catch {
    // No room even for that: V8 has collected before it said so.
  }
}

new WalkThread(workerData as ThreadSetup).run()
