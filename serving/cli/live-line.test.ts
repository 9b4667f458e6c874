import { expect, test } from 'vitest'
import { LiveLine } from './live-line.ts'

const second = {
  second: 4,
  scheduled: 1_000,
  answered: 990,
  feeds: 100,
  errors: 3,
  p50Ms: 1.23,
  p99Ms: 87.6,
}
const text = 'live       5 s  1,000 req/s  p50 1.2 ms  p99 88 ms  errors 3'

function written(isTTY: boolean): string {
  let out = ''
  const line = new LiveLine({ isTTY, write: (more) => (out += more) })
  line.second(second)
  line.say('100 req/s: holds')
  line.second(second)
  line.end()
  line.end()
  return out
}

test('a terminal has one line that is drawn anew, and is left at the beginning of one', () => {
  const clear = '\u001b[K'
  expect(written(true)).toBe(`\r${text}${clear}\r100 req/s: holds${clear}\n\r${text}${clear}\n`)
})

test('a file has a line a second', () => {
  expect(written(false)).toBe(`${text}\n100 req/s: holds\n${text}\n`)
})
