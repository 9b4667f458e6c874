import type { Names } from '../../base/index.ts'
import { type BlockPool, type RecordBlock, roles } from '../shard/record-block.ts'
import type { WorkerHandle } from './worker-handle.ts'

/**
 * Splits a block among the workers that play a part in its records: the owners of its users and
 * pins, and the first, which has the graph. Order is kept within each. Those that are undefined get
 * nothing.
 */
export function route(
  block: RecordBlock,
  workers: readonly (WorkerHandle | undefined)[],
  { user, pin }: Names,
  pool: BlockPool,
): void {
  if (workers.length === 1 && workers[0]) {
    workers[0].post(block)
    return
  }
  const blocks = workers.map(() => pool.take())
  const masks = new Uint8Array(workers.length)
  for (let i = 0; i < block.count; i++) {
    const mask = block.roles[i]!
    masks.fill(0)
    if ((mask & roles.user) !== 0) masks[user.hash(block.owner[i]!) % workers.length]! |= roles.user
    if ((mask & roles.pin) !== 0) masks[pin.hash(block.pin[i]!) % workers.length]! |= roles.pin
    if ((mask & roles.graph) !== 0) masks[0]! |= roles.graph
    for (let w = 0; w < workers.length; w++) {
      if (masks[w] !== 0 && workers[w]) blocks[w]!.copyFrom(block, i, masks[w]!)
    }
  }
  pool.give(block)
  workers.forEach((worker, w) => {
    if (worker && blocks[w]!.count > 0) worker.post(blocks[w]!)
    else pool.give(blocks[w]!)
  })
}
