/** What a run shows of itself: lines drawn again on a terminal, one a second elsewhere. */
import { expect, test } from 'vitest'
import { ManualClock } from '../../base/index.ts'
import { duration, LiveView } from './live-view.ts'

function view(isTTY: boolean, total: number | undefined = 1_000) {
  const clock = new ManualClock()
  const written: string[] = []
  const terminal = { isTTY, columns: 80, write: (text: string) => written.push(text) }
  const common = { label: 'replay', unit: 'events', clock, terminal }
  return { clock, written, live: new LiveView({ ...common, ...(total && { total }) }) }
}
const memory = () => [{ name: 'memory', value: 1_234, unit: 'MiB' }]

test('elsewhere than on a terminal: a line a second, without signs that move', () => {
  const { clock, written, live } = view(false)
  let seconds = 0
  for (let n = 1; n <= 30; n++) {
    clock.advance(100)
    if (live.update(n * 10, memory)) seconds++
  }
  expect(seconds).toBe(3)
  expect(written).toHaveLength(3)
  expect(written[2]).toBe(
    'replay     300 events  30.0 %  100 events/s  7 s left  memory 1.23K MiB\n',
  )
  live.finish(300)
  expect(written.join('')).not.toContain('\u001b')
})

test('on a terminal: three lines, each drawing over the last, with a sparkline', () => {
  const { clock, written, live } = view(true)
  for (let n = 1; n <= 40; n++) {
    clock.advance(100)
    live.update(n <= 20 ? n * 10 : 200 + (n - 20) * 20, memory)
  }
  // Every 200 ms, not at every word.
  expect(written).toHaveLength(20)
  clock.advance(200)
  live.update(600, memory)
  const [first, last] = [written[0]!, written.at(-1)!]
  expect(first.startsWith('\u001b')).toBe(false)
  expect(last.startsWith('\u001b[3F\u001b[J')).toBe(true)
  const lines = last.slice('\u001b[3F\u001b[J'.length).trimEnd().split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toContain('60.0 %')
  expect(lines[1]).toContain('200 events/s')
  expect(lines[1]).toMatch(/ {2}▅▅██$/)
  expect(lines[2]).toContain('3 s left  memory 1.23K MiB')
})

test('no line is wider than the terminal, and what is said stays above', () => {
  const { clock, written, live } = view(true, 1e15)
  clock.advance(200)
  live.update(1e14)
  const most = Math.max(...written[0]!.split('\n').map((line) => [...line].length))
  expect(most).toBeLessThan(80)
  live.say('a worker was started again')
  clock.advance(200)
  live.update(2e14)
  expect(written[1]).toBe('\u001b[3F\u001b[Ja worker was started again\n')
  expect(written[2]!.startsWith('\u001b')).toBe(false)
})

test('readings that do not fit on a line go to the next, and all are drawn over', () => {
  const { clock, written, live } = view(true)
  const many = () =>
    Array.from({ length: 7 }, (_, n) => ({ name: `reading${n}`, value: n, unit: '' }))
  clock.advance(200)
  live.update(10, many)
  clock.advance(200)
  live.update(20, many)
  expect(written[0]).toContain('reading6 6')
  expect(written[0]!.trimEnd().split('\n')).toHaveLength(4)
  expect(Math.max(...written[0]!.split('\n').map((line) => [...line].length))).toBeLessThan(80)
  expect(written[1]!.startsWith('\u001b[4F\u001b[J')).toBe(true)
})

test('without a total there is no percent, and time is what has gone', () => {
  const { clock, written, live } = view(false, 0)
  clock.advance(61_000)
  live.update(122)
  expect(written[0]).toBe('replay     122 events  2 events/s  1 min 1 s gone\n')
})

test.each([
  [0.4, '0 s'],
  [59.6, '1 min 0 s'],
  [725, '12 min 5 s'],
  [12_000, '3 h 20 min'],
])('%d seconds read %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})
