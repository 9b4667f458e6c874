import { expect, test } from 'vitest'
import type { Frame } from '../../log/index.ts'
import type { HostLog } from './host-log.ts'
import { framesBetween } from './ranker-bases.ts'

/** Partition and place of frames of ten entries, in the order of the log. */
const frames = [
  [0, 0],
  [0, 10],
  [1, 40],
  [0, 30],
  [1, 60],
] as const

async function between(begins: readonly number[], ends: readonly number[]) {
  let reads = 0
  const log: Pick<HostLog, 'read'> = {
    async *read() {
      for (const [partition, first] of frames) {
        reads++
        yield { partition, first, count: 10, sequence: reads, payload: new Uint8Array() } as Frame
      }
    },
  }
  const told: number[] = []
  for await (const { first } of framesBetween(log as HostLog, begins, ends)) told.push(first)
  return { told, reads }
}

test('frames are told as far as each partition ends, and no more are read', async () => {
  expect(await between([0, 40], [20, 50])).toEqual({ told: [0, 10, 40], reads: 3 })
  expect(await between([0, 40], [40, 50])).toEqual({ told: [0, 10, 40, 30], reads: 4 })
})

test('one that lies across an end is left to whoever goes on there', async () => {
  expect(await between([0, 40], [15, 50])).toEqual({ told: [0, 40], reads: 3 })
})

test('nothing is read where nothing is before, and the end of the log ends it', async () => {
  expect(await between([20, 50], [20, 50])).toEqual({ told: [], reads: 0 })
  expect(await between([0, 40], [0, 90])).toEqual({ told: [40, 60], reads: 5 })
})
