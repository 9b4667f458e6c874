/** The laws of the replay: an event is its number, whoever asks, in whatever order. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entryProblem, NONE } from '../../base/index.ts'
import { type ReplayOptions, replayEvents, replayRecord, replayWorkload } from './replay.ts'

const options: fc.Arbitrary<Partial<ReplayOptions>> = fc.record({
  seed: fc.nat(Number.MAX_SAFE_INTEGER),
  users: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2 ** 31 })),
  pins: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 2 ** 31 })),
  boards: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 2 ** 32 - 2 })),
})
const index = fc.oneof(
  fc.nat(1_000),
  fc.nat(Number.MAX_SAFE_INTEGER - 1).map((i) => i % 2 ** 45),
)

test('seek equals skip: any order and any other events between give the same event', () => {
  fc.assert(
    fc.property(options, fc.array(index, { maxLength: 20 }), index, (of, others, i) => {
      const [a, b] = [replayRecord(), replayRecord()]
      replayWorkload(of).at(i, a)
      const used = replayWorkload(of)
      for (const other of others) used.at(other, b)
      used.at(i, b)
      expect(b).toEqual(a)
    }),
  )
})

test('users, pins and boards are those that exist; boards belong to their user', () => {
  fc.assert(
    fc.property(options, index, (of, i) => {
      const { users, pins, boards } = replayWorkload(of).options
      const event = replayRecord()
      replayWorkload(of).at(i, event)
      expect(event.user).toBeLessThan(users)
      expect(event.pin).toBeLessThan(pins)
      if (event.board !== NONE) expect(event.board).toBeLessThan(boards)
      expect(entryProblem(replayWorkload(of).entryAt(i))).toBeUndefined()
    }),
  )
})

test('workers that share the range give the one sequence', () => {
  fc.assert(
    fc.property(options, fc.nat(200), fc.integer({ min: 1, max: 5 }), (of, from, workers) => {
      const to = from + 40
      const whole = [...replayEvents(of, { from, to })]
      const size = Math.ceil(40 / workers)
      const parts = Array.from({ length: workers }, (_, worker) => {
        const start = Math.min(to, from + worker * size)
        return [...replayEvents(of, { from: start, to: Math.min(to, start + size) })]
      })
      expect(parts.flat()).toEqual(whole)
    }),
    { numRuns: 30 },
  )
})
