/** What faults around a real server did, as sections of a report. */
import { type ProcessFindings, processFaults } from '../checkers/process/index.ts'
import type { Bar, Fact, Section } from './run-report.ts'

/** Wrong answers that are listed; all are counted. */
const LISTED_MAX = 50

export type FaultRecovery = {
  readonly fault: string
  readonly times: number
  /** Milliseconds, of those that came back; NaN where none did. */
  readonly p50: number
  readonly max: number
}

/** Recovery times by fault, in the order in which faults first struck. */
export function recoveries({ rounds }: Pick<ProcessFindings, 'rounds'>): FaultRecovery[] {
  return [...Map.groupBy(rounds, ({ fault }) => fault)].map(([fault, struck]) => {
    const times = struck.flatMap(({ recoveryMs }) => recoveryMs ?? []).sort((a, b) => a - b)
    // The lower of two in the middle.
    const p50 = times[Math.ceil(times.length / 2) - 1] ?? Number.NaN
    return { fault, times: struck.length, p50, max: times.at(-1) ?? Number.NaN }
  })
}

export function processSections(findings: ProcessFindings): Section[] {
  return [
    verdicts(findings),
    ...wrongSection(findings),
    ...recoverySections(findings),
    paceSection(findings),
    refusalsSection(findings),
    faultsSection(findings),
  ]
}

function verdicts(findings: ProcessFindings): Section {
  const { lost, doubled, stale, wentBack, wrong, acknowledged, resent, reads } = findings
  const none = (name: string, value: number): Fact => {
    return { name, value, target: 'none', verdict: value === 0 ? 'pass' : 'fail' }
  }
  return {
    kind: 'facts',
    title: 'Verdict',
    note: 'Acknowledged saves are asked for one by one when the faults are over.',
    facts: [
      none('acknowledged saves that are lost', lost),
      none('saves that were applied twice', doubled),
      none('reads, a second after an acknowledgement and later, that did not show it', stale),
      none('reads that missed what an earlier one had shown', wentBack),
      none('answers, ends and starts that no fault explains', wrong.length),
      { name: 'saves acknowledged', value: acknowledged },
      { name: 'requests sent again', value: resent },
      { name: 'reads', value: reads },
    ],
  }
}

function wrongSection({ wrong }: ProcessFindings): Section[] {
  if (wrong.length === 0) return []
  const rows = wrong.slice(0, LISTED_MAX).map((what) => [what])
  return [{ kind: 'table', title: 'What no fault explains', columns: [{ name: 'what' }], rows }]
}

function recoverySections(findings: ProcessFindings): Section[] {
  const rows = recoveries(findings)
  if (rows.length === 0) return []
  const bars = rows.map(
    ({ fault, p50, max }): Bar => ({ name: fault, value: p50, low: p50, high: max }),
  )
  return [
    {
      kind: 'bars',
      title: 'Recovery',
      note: 'From the end of the fault to the first save that was sent since and acknowledged.',
      unit: 'ms, median',
      interval: 'from the median to the longest',
      bars,
    },
    {
      kind: 'table',
      title: 'Recovery by fault',
      columns: [
        { name: 'fault' },
        { name: 'times' },
        { name: 'median', unit: 'ms' },
        { name: 'longest', unit: 'ms' },
      ],
      rows: rows.map(({ fault, times, p50, max }) => [fault, times, p50, max]),
    },
  ]
}

function paceSection({ pace, rounds }: ProcessFindings): Section {
  const rate = (of: (sample: ProcessFindings['pace'][number]) => number) =>
    pace.map((sample, n) => {
      const before = pace[n - 1] ?? { second: 0, acknowledged: 0, refused: 0 }
      return (of(sample) - of(before)) / (sample.second - before.second)
    })
  const ends = rounds.map(({ fault, second }) => `${fault} ${second.toFixed(1)}`)
  return {
    kind: 'lines',
    title: 'Saves acknowledged, requests that were not',
    ...(ends.length > 0 && {
      note: `Faults and the second at which each was over: ${ends.join(', ')}.`,
    }),
    x: { name: 'time', unit: 's' },
    y: { name: 'saves, requests', unit: 'per second' },
    at: pace.map(({ second }) => second),
    series: [
      { name: 'saves acknowledged', values: rate(({ acknowledged }) => acknowledged) },
      { name: 'requests refused or broken', values: rate(({ refused }) => refused) },
    ],
  }
}

function refusalsSection({ refusals }: ProcessFindings): Section {
  return {
    kind: 'table',
    title: 'What clients were told instead',
    note: 'Every one of these was sent again. "broken": the connection ended; "silent": no answer.',
    columns: [{ name: 'answer' }, { name: 'times' }],
    rows: Object.entries(refusals),
  }
}

function faultsSection({ absent }: ProcessFindings): Section {
  return {
    kind: 'table',
    title: 'The faults, and what of them is real',
    columns: [{ name: 'fault' }, { name: 'how' }],
    rows: processFaults.map(({ name, how }) => {
      const why = absent[name]
      return [name, why === undefined ? how : `absent: ${why}`]
    }),
    verdicts: processFaults.map(({ name }) => (absent[name] === undefined ? null : 'open')),
  }
}
