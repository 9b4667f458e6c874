import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Pool } from './pool.ts'

const options = fc.record({ cores: fc.integer({ min: 1, max: 4 }), waitingMax: fc.nat(3) })
/** Somebody comes, or the one that has been at work the longest is done. */
const steps = fc.array(fc.boolean(), { maxLength: 200 })

test('no core idles while somebody waits; order of arrival; nobody beyond the bound', () => {
  fc.assert(
    fc.property(options, steps, ({ cores, waitingMax }, comes) => {
      const pool = new Pool({ cores, waitingMax })
      const at = pool.add(0, 0)
      const working: number[] = []
      const waiting: number[] = []
      let [now, area] = [0, 0]
      for (const [job, isArrival] of comes.entries()) {
        area += working.length
        now++
        if (isArrival) {
          const taken = pool.take(at, job, now)
          const isFull = working.length === cores
          const isRefused = isFull && waiting.length === waitingMax * cores
          expect(taken).toBe(isRefused ? 'refused' : isFull ? 'waits' : 'begins')
          if (taken === 'begins') working.push(job)
          if (taken === 'waits') waiting.push(job)
        } else if (working.length > 0) {
          working.shift()
          const next = pool.release(at, now)
          expect(next).toBe(waiting.shift() ?? -1)
          if (next >= 0) working.push(next)
        }
        if (waiting.length > 0) expect(working.length).toBe(cores)
        expect(pool.busyMs(now)).toBe(area)
      }
    }),
  )
})

test('flushes: what comes during one shares the next', () => {
  const pool = new Pool({ cores: 1, waitingMax: 1 })
  const at = pool.add(0, 0)
  const flush = (now: number) => pool.flushed(at, now, () => 10)
  expect([flush(0), flush(1), flush(9), flush(10), flush(12)]).toEqual([10, 20, 20, 30, 30])
  // Idle since 30.
  expect(flush(50)).toBe(60)
})

test('hosts that are dead and not known to be are asked; those that leave end what they have', () => {
  const pool = new Pool({ cores: 1, waitingMax: 1 })
  const [first, second] = [pool.add(0, 0), pool.add(1, 0)]
  expect(pool.take(first, 7, 0)).toBe('begins')
  pool.kill(second, 10)
  expect([pool.believed, pool.take(second, 8, 10)]).toEqual([2, 'gone'])
  pool.forget(second)
  expect(pool.owner(12345)).toBe(first)
  pool.retire(1, 20)
  expect([pool.believed, pool.owner(1), pool.release(first, 25)]).toEqual([0, -1, -1])
  // Paid for: one for 20 ms, one for 10.
  expect([pool.upMs(100), pool.busyMs(100)]).toEqual([30, 25])
})
