import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventQueue } from './event-queue.ts'

test('events come out in order of time, each once, whatever is pushed meanwhile', () => {
  const gaps = fc.array(fc.tuple(fc.nat(50), fc.nat(3)), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(gaps, (steps) => {
      const queue = new EventQueue(1)
      const pushed: string[] = []
      const taken: string[] = []
      let [last, number] = [0, 0]
      const take = () => {
        const due = queue.nextTime
        if (!queue.next()) return false
        expect(queue.time).toBe(due)
        expect(queue.time).toBeGreaterThanOrEqual(last)
        last = queue.time
        taken.push(`${queue.time} ${queue.kind} ${queue.subject}`)
        return true
      }
      for (const [gap, takes] of steps) {
        const kind = number % 256
        queue.push(last + gap, kind, number)
        pushed.push(`${last + gap} ${kind} ${number++}`)
        for (let n = 0; n < takes - 1; n++) take()
      }
      while (take());
      expect(taken.toSorted()).toEqual(pushed.toSorted())
      expect(queue.nextTime).toBe(Number.POSITIVE_INFINITY)
    }),
  )
})

test('the past is refused', () => {
  const queue = new EventQueue()
  queue.push(5, 0, 0)
  queue.next()
  expect(() => queue.push(4, 0, 0)).toThrow('past')
})
