/** The reading thread of the bench of the ring: adds up what comes, and answers at the end. */
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../base/index.ts'
import type { RecordBlock } from '../shard/record-block.ts'
import { BlockFolder } from '../worker/block-folder.ts'
import { BlockRing, type RingMemory } from '../worker/block-ring.ts'

/** An event as the bench of messages sends it. */
export type EventMessage = {
  readonly time: number
  readonly position: number
  readonly owner: number
  readonly pin: number
  readonly board: number
  readonly label: number
  readonly weight: number
  readonly kind: number
}

const port = parentPort!
let sum = 0

function addBlock({ time, position, owner, pin, board, label, weight, kind, count }: RecordBlock) {
  for (let i = 0; i < count; i++) {
    sum +=
      time[i]! + position[i]! + owner[i]! + pin[i]! + board[i]! + label[i]! + weight[i]! + kind[i]!
  }
}

const folder = new BlockFolder(new BlockRing(workerData as RingMemory), addBlock)
void folder.run(systemClock, () => {})
port.on('message', (events: readonly EventMessage[] | 'sum') => {
  if (events === 'sum') {
    port.postMessage(sum)
    sum = 0
    return
  }
  for (const { time, position, owner, pin, board, label, weight, kind } of events) {
    sum += time + position + owner + pin + board + label + weight + kind
  }
})
