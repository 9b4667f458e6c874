import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../base/index.ts'
import { runKnee, runLive } from '../workload/live/live.ts'
import { worldPeople } from '../workload/live/people.ts'
import { FakeTarget, playOut, testWorld } from '../workload/live/testing.ts'
import { LatencyHistogram } from './latency-histogram.ts'
import { bars, kneeSection, liveSections } from './live-run-report.ts'
import { reportHtml } from './report-html.ts'
import { verdictCounts } from './run-report.ts'
import { everyKind } from './testing.ts'

function ports(fails: (n: number) => string | undefined = () => undefined) {
  const clock = new ManualClock(1_790_000_000_000)
  const people = worldPeople({ world: testWorld, seed: 1, run: 't' })
  return { clock, people, target: new FakeTarget({ clock, fails, serviceMs: 3 }) }
}
const load = { rate: 80, seconds: 3, warmUpSeconds: 0, seed: 1, run: 't' }

test('a result as sections that a page can draw; errors beyond their budget fail', async () => {
  const at = ports((n) => (n % 5 === 0 ? 'OVERLOADED' : undefined))
  const result = await playOut(at.clock, runLive(load, at))
  const sections = liveSections({ seconds: result.perSecond, result, errorBudget: 0.01 })
  const report = { ...everyKind, sections }
  expect(verdictCounts(report)).toMatchObject({ fail: 1, pass: 1 })
  expect(sections.map(({ title }) => title)).toEqual([
    'Result',
    'Latency by kind of request',
    'Latency over time',
    'Requests over time',
    'Latency of feeds',
    'Latency of events',
    'Errors',
  ])
  expect(reportHtml(report)).toContain('OVERLOADED')
})

test('while it runs there are its seconds alone', () => {
  expect(liveSections({ seconds: [], errorBudget: 0 })).toEqual([])
})

test('rates that were tried, each with its verdict', async () => {
  const at = ports()
  const ask = { from: 50, rateMax: 400, sloMs: 100, errorBudget: 0.01 }
  const { steps } = await playOut(at.clock, runKnee(ask, { ...load, probesPerSecond: 0 }, at))
  const { rows, verdicts } = kneeSection(steps, 100)
  expect(rows).toHaveLength(steps.length)
  expect(verdicts).toEqual(expect.arrayContaining(['pass', 'fail']))
})

test('bars stand side by side and hold every value', () => {
  const latency = fc.double({ min: 0, max: 1e5, noNaN: true })
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1, maxLength: 100 }), (values) => {
      const histogram = new LatencyHistogram()
      for (const value of values) histogram.record(value)
      const drawn = bars(histogram.buckets())
      expect(drawn.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
      for (const [n, { low, high }] of drawn.entries()) {
        expect(low).toBeGreaterThan(0)
        expect(high).toBeGreaterThanOrEqual(low)
        if (n > 0) expect(low).toBe(drawn[n - 1]!.high)
      }
    }),
  )
})
