/** Freezes the replay: digests of runs are compared between machines and releases. */
import { expect, test } from 'vitest'
import { hash32 } from '../../base/index.ts'
import { replayRecord, replayWorkload } from './replay.ts'

function digest(from: number, to: number): number {
  const workload = replayWorkload({ seed: 2011, users: 10_000, pins: 1_000_000, boards: 30_000 })
  const event = replayRecord()
  let hash = 0
  for (let i = from; i < to; i++) {
    workload.at(i, event)
    const { kind, user, pin, board, time } = event
    for (const value of [kind, user, pin, board, time]) hash = hash32(value, hash)
  }
  return hash
}

test('the first events, and some past 2^40, are the same for good', () => {
  expect([digest(0, 5_000), digest(2 ** 40, 2 ** 40 + 5_000)]).toEqual([1813424923, 1654278386])
})
