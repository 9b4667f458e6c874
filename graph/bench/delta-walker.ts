/**
 * The walking thread of `delta.bench.ts`: walks whatever epoch it was last handed, one query after
 * another, and looks for the marker pin in between.
 *
 * `shared`: [0] steps made since the start, in thousands; [1] asked to stop; [2] the marker wanted,
 * [3] the marker seen; [4] epochs taken over.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { assert } from '../../base/index.ts'
import { GraphView, type ViewMemory, WalkScratch, walk } from '../index.ts'

export type WalkerSetup = {
  readonly shared: Int32Array
  readonly pinCapacity: number
  readonly steps: number
  /** Queries begin at pins below this. */
  readonly pins: number
}

assert(parentPort !== null, 'this file is the entry of a worker thread')
const port = parentPort
const { shared, pinCapacity, steps, pins } = workerData as WalkerSetup
const scratch = new WalkScratch(pinCapacity, 1)
let view: GraphView | undefined

function takeEpoch(): void {
  for (;;) {
    const found = receiveMessageOnPort(port) as { message: ViewMemory } | undefined
    if (!found) return
    view = GraphView.received(found.message)
    Atomics.add(shared, 4, 1)
    Atomics.notify(shared, 4)
  }
}

let query = 0
while (Atomics.load(shared, 1) === 0) {
  takeEpoch()
  if (!view) continue
  const seeds = [0, 1, 2].map((i) => ({ pin: (query * 7919 + i * 104_729) % pins, weight: 1 }))
  const options = { steps, restart: 0.25, top: 100, degreeExponent: 0, seed: query++ }
  const found = walk(view, seeds, [], scratch, options)
  Atomics.add(shared, 0, Math.round(found.steps / 1000))
  const marker = Atomics.load(shared, 2)
  if (marker === Atomics.load(shared, 3)) continue
  // A fresh pin on a board of its own: seen by a walk from the pin it shares the board with.
  const seen = walk(view, [{ pin: marker - 1, weight: 1 }], [], scratch, { steps: 64, restart: 1 })
  if (seen.pins.includes(marker)) {
    Atomics.store(shared, 3, marker)
    Atomics.notify(shared, 3)
  }
}
