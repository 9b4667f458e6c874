/** Faults around a real server, as sections: each broken promise is a verdict of its own. */
import { expect, test } from 'vitest'
import type { ProcessFindings } from '../checkers/process/index.ts'
import { processSections, recoveries } from './process-run-report.ts'
import { reportHtml } from './report-html.ts'
import { verdictCounts } from './run-report.ts'
import { everyKind } from './testing.ts'

const clean: ProcessFindings = {
  rounds: [
    { fault: 'kill', second: 4, recoveryMs: 900 },
    { fault: 'pause', second: 6, recoveryMs: undefined },
    { fault: 'kill', second: 9, recoveryMs: 700 },
    { fault: 'kill', second: 12, recoveryMs: 4_000 },
  ],
  pace: [
    { second: 1, acknowledged: 400, refused: 0 },
    { second: 2, acknowledged: 500, refused: 30 },
  ],
  acknowledged: 500,
  resent: 30,
  reads: 90,
  lost: 0,
  doubled: 0,
  stale: 0,
  wentBack: 0,
  wrong: [],
  refusals: { broken: 30 },
  isStopped: false,
  absent: {},
}
const failed = (findings: Partial<ProcessFindings>) =>
  verdictCounts({ ...everyKind, sections: processSections({ ...clean, ...findings }) }).fail

test('recovery by fault: median and longest, of those that came back', () => {
  expect(recoveries(clean)).toEqual([
    { fault: 'kill', times: 3, p50: 900, max: 4_000 },
    { fault: 'pause', times: 1, p50: Number.NaN, max: Number.NaN },
  ])
})

test('each broken promise fails, and nothing else', () => {
  expect(failed({})).toBe(0)
  for (const name of ['lost', 'doubled', 'stale', 'wentBack'] as const) {
    expect(failed({ [name]: 1 })).toBe(1)
  }
  expect(failed({ wrong: ['it ended by itself'] })).toBe(1)
})

test('a fault that this machine cannot have is open, with the reason', () => {
  const sections = processSections({ ...clean, absent: { 'full disk': 'only root may mount' } })
  const report = { ...everyKind, sections }
  expect(verdictCounts(report)).toMatchObject({ open: 1 })
  expect(reportHtml(report).includes('absent: only root may mount')).toBe(true)
})

test('a run that has only begun makes a page', () => {
  const nothing = { ...clean, rounds: [], pace: [], refusals: {} }
  const page = reportHtml({ ...everyKind, sections: processSections(nothing) })
  expect(page.endsWith('</html>\n')).toBe(true)
})
