import { type BlockPool, type RecordBlock, roles } from '../shard/record-block.ts'
import type { WorkerHandle } from './worker-handle.ts'

/**
 * Which of `workers` owns an actor: dense numbers are dealt out in turn, so that each worker's own
 * lie densely too and a slot is a division. It is this host's business alone, as the numbers are.
 */
export function ownerOf(key: number, workers: number): number {
  // A division is the dearest thing that routing does.
  return (workers & (workers - 1)) === 0 ? key & (workers - 1) : key % workers
}

/**
 * Splits a block among the workers that play a part in its records: the owners of its users and
 * pins, and the first, which has the graph. Order is kept within each. Those that are undefined get
 * nothing. What fits goes straight to where a worker reads.
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
    const slot = worker.open()
    const part = slot ?? pool.take()
    copyPart(block, part, place, workers.length)
    if (part.count > 0 && slot) worker.commit(slot)
    else if (part.count > 0) worker.post(part)
    else if (!slot) pool.give(part)
  })
  pool.give(block)
}

/** Of the worker at hand: its records' numbers in the block. */
let places = new Uint32Array(0)

/** Copies what the worker at `place` plays a part in, with its roles. */
function copyPart(block: RecordBlock, part: RecordBlock, place: number, workers: number): void {
  if (places.length < block.count) places = new Uint32Array(block.capacity)
  const { owner, pin, roles: masks } = block
  const graph = place === 0 ? roles.graph : 0
  let n = 0
  // Half of all guesses of a branch would be wrong: there is none.
  for (let i = 0; i < block.count; i++) {
    const ofUser = roles.user & isZero(ownerOf(owner[i]!, workers) - place)
    const ofPin = roles.pin & isZero(ownerOf(pin[i]!, workers) - place)
    const mine = masks[i]! & (graph | ofUser | ofPin)
    places[n] = i
    part.roles[n] = mine
    n += 1 + isZero(mine)
  }
  part.copyPlaces(block, places, n)
}

/** -1, all bits set, for 0; else 0. */
const isZero = (value: number) => ~((value | -value) >> 31)
