/** A graph with neighbourhoods, fresh edges and removals, and what tests ask of pools. */
import type { Worker } from 'node:worker_threads'
import { expect } from 'vitest'
import { Random } from '../../base/index.ts'
import { buildGraph } from '../build.ts'
import { GraphDelta } from '../delta.ts'
import { type GraphStore, wasmStore } from '../graph-store.ts'
import { GraphView } from '../graph-view.ts'
import { edgeList, randomEdges } from '../testing.ts'
import { WalkScratch } from '../walk/scratch.ts'
import { type WalkResult, walk } from '../walk/walk.ts'
import type { PoolAnswer } from './answer-words.ts'
import { type PoolMemory, poolMemory, TAKEN } from './pool-memory.ts'
import type { PoolQuery } from './query-words.ts'
import { walkPoolDefaults } from './walk-pool.ts'
import type { ThreadSetup } from './walk-thread.ts'

export const PINS = 2_000
export const BOARDS = 300

/** Topics of boards, so that a bias has something to prefer. */
const codes = {
  topics: Uint16Array.from({ length: BOARDS }, (_, board) => board % 7),
  languages: Uint16Array.from({ length: BOARDS }, (_, board) => board % 3),
}

/** `spare` host numbers of pins are nobody's. */
export function poolView(epoch: number, store: GraphStore = wasmStore, spare = 0): GraphView {
  const random = new Random(epoch)
  const edges = edgeList(randomEdges(random, 12_000, PINS, BOARDS), PINS, BOARDS)
  const frozen = buildGraph({ ...edges, codes }, store)
  const room = { pinCapacity: PINS + spare, boardCapacity: BOARDS, edgeCapacity: 1_000 }
  const delta = GraphDelta.create(frozen, room)
  for (const [pin, board] of randomEdges(random, 300, PINS, BOARDS)) delta.add(pin, board)
  for (const [pin, board] of randomEdges(random, 3_000, PINS, BOARDS)) delta.remove(pin, board)
  for (let pin = epoch; pin < PINS; pin += 10) delta.hide(pin, true)
  return new GraphView(frozen, delta, epoch)
}

/** What `walk` itself says; an answer must be equal but for the epoch. */
export function expectWalked(answer: PoolAnswer, view: GraphView, query: PoolQuery): void {
  const { epoch, ...found } = answer
  expect(epoch).toBe(view.epoch)
  expect(found).toEqual(walked(view, query))
}

const scratch = new WalkScratch(2 * PINS)
export function walked(view: GraphView, query: PoolQuery): WalkResult {
  return walk(view, query.seeds, query.excluded ?? [], scratch, query.options)
}

/** For what takes as long as the machine is busy. */
export const patient = Object.freeze({ interval: 2, timeout: 20_000 })

/** Starts threads as the pool does, and keeps hold of them. */
export function watchedThreads() {
  const started: Worker[] = []
  let memory: PoolMemory | undefined
  const start = (setup: ThreadSetup) => {
    memory = poolMemory(setup.shape, setup.buffer)
    const worker = walkPoolDefaults.start(setup)
    started.push(worker)
    return worker
  }
  /** Resolves when so many threads are walking. */
  const walking = (threads: number) =>
    expect
      .poll(() => memory?.states.filter((state) => state >= TAKEN).length, patient)
      .toBe(threads)
  return { started, start, walking }
}
