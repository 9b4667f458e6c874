import { type BlockPool, type RecordBlock, roles } from '../shard/record-block.ts'
import type { WorkerHandle } from './worker-handle.ts'

/**
 * Which of `workers` owns an actor: dense numbers are dealt out in turn, so that each worker's own
 * lie densely too and a slot is a division. It is this host's business alone, as the numbers are.
 */
export function ownerOf(key: number, workers: number): number {
  return key % workers
}

/**
 * Splits a block among the workers that play a part in its records: the owners of its users and
 * pins, and the first, which has the graph. Order is kept within each. Those that are undefined get
 * nothing.
 */
export function route(
  block: RecordBlock,
  workers: readonly (WorkerHandle | undefined)[],
  pool: BlockPool,
): void {
  if (workers.length === 1 && workers[0]) {
    workers[0].post(block)
    return
  }
  workers.forEach((worker, place) => {
    if (!worker) return
    const part = pool.take()
    copyPart(block, part, place, workers.length)
    if (part.count > 0) worker.post(part)
    else pool.give(part)
  })
  pool.give(block)
}

/** Of the worker at hand: its records' numbers in the block. */
let places = new Uint32Array(0)

/** Copies what the worker at `place` plays a part in, with its roles. */
function copyPart(block: RecordBlock, part: RecordBlock, place: number, workers: number): void {
  if (places.length < block.count) places = new Uint32Array(block.capacity)
  const { owner, pin, roles: masks } = block
  let n = 0
  for (let i = 0; i < block.count; i++) {
    const mask = masks[i]!
    let mine = place === 0 ? mask & roles.graph : 0
    if ((mask & roles.user) !== 0 && ownerOf(owner[i]!, workers) === place) mine |= roles.user
    if ((mask & roles.pin) !== 0 && ownerOf(pin[i]!, workers) === place) mine |= roles.pin
    places[n] = i
    part.roles[n] = mine
    if (mine !== 0) n++
  }
  part.copyPlaces(block, places, n)
}
