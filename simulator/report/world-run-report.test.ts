import { expect, test } from 'vitest'
import { verdictCounts } from './run-report.ts'
import { everyKind } from './testing.ts'
import { worldSection } from './world-run-report.ts'

test('targets with their tolerance; a world that is too small is left open', () => {
  const target = { figure: 'Gini of saves', target: 0.466, tolerance: 0.02, value: 0.48 }
  const verdicts = (['pass', 'fail', 'too small'] as const).map((verdict) => {
    return { ...target, verdict }
  })
  const section = worldSection('pattern 0', verdicts)
  expect(verdictCounts({ ...everyKind, sections: [section] })).toEqual({
    pass: 1,
    fail: 1,
    open: 1,
  })
  expect(section.facts[0]).toEqual({
    name: 'Gini of saves',
    value: 0.48,
    target: '0.466 ± 0.02',
    verdict: 'pass',
  })
})
