/**
 * Events from one thread to another, each written field by field and read field by field: through
 * the ring, and as objects in messages of a thousand, which is how threads of Node usually talk.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { BlockRing, ringMemory } from '../worker/block-ring.ts'
import { workerBounds } from '../worker/worker-handle.ts'
import type { EventMessage } from './ring-reader.ts'

const sizes = {
  small: { events: 100_000, messages: 10_000, rounds: 1 },
  large: { events: 40_000_000, messages: 1_000_000, rounds: 5 },
} as const
const PER_MESSAGE = 1_000

export const bench = {
  name: 'actors/ring',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const { events, messages, rounds } = sizes[size]
    const { blocks: slots, records } = workerBounds
    const memory = ringMemory({ slots, records })
    const reader = new Worker(new URL('./ring-reader.ts', import.meta.url), { workerData: memory })
    const ring = new BlockRing(memory)
    const sum = async () => {
      reader.postMessage('sum')
      const [value] = (await once(reader, 'message')) as [number]
      return value
    }
    try {
      await sum()
      const rates = { ring: [] as number[], messages: [] as number[] }
      const sums = { ring: 0, messages: 0 }
      for (let round = 0; round < rounds; round++) {
        let began = clock.monotonic()
        await writeRing(ring, events)
        rates.ring.push(events / (clock.monotonic() - began))
        sums.ring = await sum()
        began = clock.monotonic()
        for (let first = 0; first < messages; first += PER_MESSAGE) {
          reader.postMessage(eventsFrom(first, Math.min(messages, first + PER_MESSAGE)))
        }
        sums.messages = await sum()
        rates.messages.push(messages / (clock.monotonic() - began))
      }
      const eventsPerSecond = Math.round(median(rates.ring) * 1000)
      const baseline = Math.round(median(rates.messages) * 1000)
      return {
        seed: 0,
        options: { ...sizes[size], slots, records, perMessage: PER_MESSAGE },
        eventsPerSecond,
        baseline,
        ratio: Math.round((eventsPerSecond / baseline) * 10) / 10,
        digest: (sums.ring + sums.messages).toString(16),
      }
    } finally {
      await reader.terminate()
    }
  },
}

async function writeRing(ring: BlockRing, events: number): Promise<void> {
  for (let first = 0; first < events; ) {
    const { folded } = ring
    const block = ring.open()
    if (!block) {
      await ring.waitForRoom(folded)
      continue
    }
    const count = Math.min(block.capacity, events - first)
    const { time, position, owner, pin, board, label, weight, kind, roles, partition } = block
    for (let i = 0; i < count; i++) {
      const n = first + i
      time[i] = n
      position[i] = n
      owner[i] = n & 0xffff
      pin[i] = n & 0xfff
      board[i] = n & 0xff
      label[i] = 0
      weight[i] = 1
      kind[i] = n & 7
      roles[i] = 3
      partition[i] = 0
    }
    block.count = count
    ring.commit()
    first += count
  }
  await ring.drained()
}

function eventsFrom(first: number, end: number): EventMessage[] {
  return Array.from({ length: end - first }, (_, i) => {
    const n = first + i
    return {
      time: n,
      position: n,
      owner: n & 0xffff,
      pin: n & 0xfff,
      board: n & 0xff,
      label: 0,
      weight: 1,
      kind: n & 7,
    }
  })
}
