import { expect, test } from 'vitest'
import { type EventEntry, entryProblem, ManualClock } from '../../base/index.ts'
import { Impressions, impressionDefaults } from './impressions.ts'

const { batchMax, batchMs, dwellMs } = impressionDefaults

const place = { device: 'tablet', surface: 'home' } as const

function setUp() {
  const clock = new ManualClock(1_000)
  const sent: (readonly EventEntry[])[] = []
  let ids = 0
  const impressions = new Impressions({
    now: () => clock.now(),
    freshId: () => `i${ids++}`,
    place: () => place,
    later: (ms, task) => {
      const stop = clock.every(ms, () => {
        stop()
        task()
      })
      return stop
    },
    send: (entries) => {
      sent.push(entries)
      return Promise.reject(new Error('a lost impression is nobody’s problem'))
    },
  })
  return { clock, sent, impressions }
}
const showing = (pin: string, request = 'r1') => {
  return { user: 'u1', pin, request, rank: 3, generation: 'mixed', propensity: 0.05 }
}

test('a pin that stayed in view is told once, as an entry that the server takes', () => {
  const { clock, sent, impressions } = setUp()
  impressions.enter(showing('p1'))
  clock.advance(dwellMs)
  impressions.leave(showing('p1'))
  impressions.enter(showing('p1'))
  clock.advance(dwellMs + batchMs)
  const { generation, request, rank, propensity } = showing('p1')
  const context = { generation, propensity, request, rank, viewed: true, ...place }
  expect(sent).toEqual([
    [{ kind: 'impression', id: 'i0', time: 1_000 + dwellMs, user: 'u1', pin: 'p1', context }],
  ])
  expect(entryProblem(sent[0]?.[0])).toBeUndefined()
})

test('a pin that was scrolled past is not told', () => {
  const { clock, sent, impressions } = setUp()
  impressions.enter(showing('p1'))
  clock.advance(dwellMs - 1)
  impressions.leave(showing('p1'))
  clock.advance(dwellMs + batchMs)
  expect(sent).toEqual([])
})

test('the same pin in another answer is another impression', () => {
  const { clock, sent, impressions } = setUp()
  impressions.enter(showing('p1', 'r1'))
  impressions.enter(showing('p1', 'r2'))
  clock.advance(dwellMs + batchMs)
  expect(sent.flat()).toHaveLength(2)
})

test('a full batch leaves at once, the rest when the page is left', () => {
  const { clock, sent, impressions } = setUp()
  for (let i = 0; i <= batchMax; i++) impressions.enter(showing(`p${i}`))
  clock.advance(dwellMs)
  expect(sent.map((batch) => batch.length)).toEqual([batchMax])
  impressions.flush()
  expect(sent.map((batch) => batch.length)).toEqual([batchMax, 1])
  impressions.flush()
  expect(sent).toHaveLength(2)
})
