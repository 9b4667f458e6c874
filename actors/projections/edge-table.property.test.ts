/** What stands on a board, against a list of everything that was said. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EdgeTable } from './edge-table.ts'

const said = fc.array(
  fc.record({ board: fc.nat(3), pin: fc.nat(9), time: fc.nat(20), alive: fc.constantFrom(0, 1) }),
  { maxLength: 60 },
)
const gone = fc.uniqueArray(fc.nat(9), { maxLength: 3 })

test('the newest of a board: its live pins that are not gone, by time, each once', () => {
  fc.assert(
    fc.property(said, gone, fc.nat(8), (words, gone, most) => {
      const table = new EdgeTable()
      for (const { board, pin, time, alive } of words) {
        table.upsert(board, pin, time, alive as 0 | 1)
      }
      for (const pin of gone) table.notePin(pin, true, 99)
      for (let board = 0; board < 5; board++) {
        const latest = new Map<number, { time: number; alive: number }>()
        for (const word of words) {
          const held = latest.get(word.pin)
          if (word.board === board && word.time >= (held?.time ?? 0)) latest.set(word.pin, word)
        }
        const live = [...latest].filter(([pin, { alive }]) => alive === 1 && !gone.includes(pin))
        const times = live.map(([, { time }]) => time).sort((a, b) => b - a)
        const newest = table.newestOf(board, most)
        expect(newest.times).toEqual(times.slice(0, most))
        expect(newest.pins.map((pin) => latest.get(pin)?.time)).toEqual(newest.times)
        const all = table.newestOf(board, 99).pins
        expect([...all].sort()).toEqual(live.map(([pin]) => pin).sort())
      }
    }),
  )
})

test('a cut has the shared edges, the same at each call, whatever is said meanwhile', () => {
  fc.assert(
    fc.property(said, gone, said, (before, hidden, after) => {
      const table = new EdgeTable()
      const say = (words: typeof before) => {
        for (const { board, pin, time, alive } of words) {
          table.upsert(board, pin, time, alive as 0 | 1)
        }
      }
      say(before)
      for (const pin of hidden) table.notePin(pin, true, 99)
      const lists = ended(table.sharedSteps())
      const cut = ended(table.cutSteps())
      say(after)
      const all = () =>
        [...cut.chunks()].flatMap(({ pins, boards, count }) =>
          Array.from({ length: count }, (_, i) => [pins[i], boards[i]]),
        )
      const expected = Array.from({ length: lists.edgeCount }, (_, i) => {
        return [lists.pins[i], lists.boards[i]]
      })
      expect(cut.edgeCount).toBe(lists.edgeCount)
      expect(all()).toEqual(expected)
      expect(all()).toEqual(expected)
    }),
  )
})

/** What the steps come to. */
function ended<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
