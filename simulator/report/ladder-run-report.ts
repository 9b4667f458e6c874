/** A ladder as sections of a report: steps with intervals, arms, and what is handed down. */
import {
  type ArmSummary,
  dollarsOf,
  type FalsificationRow,
  history,
  historyNote,
  type StepVerdict,
} from '../ladder/index.ts'
import type { Section, Table } from './run-report.ts'

const percent = (share: number) => Math.round(1e5 * share) / 1e3

export function ladderSections(
  steps: readonly StepVerdict[],
  arms: readonly ArmSummary[],
): Section[] {
  if (arms.length === 0) return []
  return [...(steps.length > 0 ? [stepBars(steps)] : []), ...armSections(arms), historyTable()]
}

function stepBars(steps: readonly StepVerdict[]): Section {
  return {
    kind: 'bars',
    title: 'Steps',
    note: 'How much more the arm above reaches of the frozen metric, in percent of the one below.',
    unit: '%',
    interval: `95 %, paired over ${steps[0]!.seeds} seeds; above: p < .05 by Holm’s correction`,
    reference: { name: 'no difference', value: 0 },
    bars: steps.map(({ arm, over, metric, difference, relative, isAbove }) => {
      const base = difference.mean / relative
      return {
        name: `${arm} over ${over} (${metric})`,
        value: 100 * relative,
        low: (100 * difference.interval[0]) / base,
        high: (100 * difference.interval[1]) / base,
        verdict: isAbove ? 'pass' : 'fail',
      }
    }),
  }
}

function armSections(arms: readonly ArmSummary[]): Section[] {
  const table = (
    title: string,
    columns: Table['columns'],
    cells: (of: ArmSummary) => unknown[],
  ) => ({
    kind: 'table' as const,
    title,
    columns: [{ name: 'arm' }, ...columns],
    rows: arms.map((of) => [of.arm, ...cells(of)] as Table['rows'][number]),
  })
  return [
    {
      kind: 'bars',
      title: 'Saves for each pin seen',
      unit: '%',
      bars: arms.map(({ arm, means }) => ({ name: arm, value: 100 * means.savesPerView })),
    },
    table(
      'What people did',
      [
        { name: 'saved', unit: '%' },
        { name: 'true chance of a save', unit: '%' },
        { name: 'opened', unit: '%' },
        { name: 'outbound', unit: '%' },
        { name: 'hidden', unit: '%' },
        { name: 'regret closed' },
        { name: 'close-up', unit: 's' },
        { name: 'visit', unit: 's' },
        { name: 'back within a week', unit: '%' },
      ],
      ({ means, regretClosed }) => [
        percent(means.savesPerView),
        percent(means.wantedPerView),
        percent(means.closeupsPerView),
        percent(means.outboundsPerView),
        percent(means.hidesPerView),
        regretClosed ?? null,
        means.dwellSeconds,
        means.visitSeconds,
        means.returned7 === null ? null : percent(means.returned7),
      ],
    ),
    table(
      'What they were shown',
      [
        { name: 'pins ever shown', unit: '%' },
        { name: 'Gini' },
        { name: 'distance within a page' },
        { name: 'interests discovered', unit: 'a person' },
        { name: 'saves for each foretold' },
        { name: 'CPU', unit: 's' },
      ],
      ({ means }) => [
        percent(means.coverage),
        means.gini,
        means.listDistance,
        means.discovered,
        means.calibration,
        means.cpuSeconds,
      ],
    ),
  ]
}

function historyTable(): Section {
  return {
    kind: 'table',
    title: 'The history that is handed down',
    note: historyNote,
    columns: [
      { name: 'generation' },
      { name: 'year' },
      { name: 'clicks', unit: '% of shown' },
      { name: 'latency', unit: 'ms' },
      { name: 'handed down', unit: '$' },
      { name: 'corrected', unit: '$' },
      { name: 'pins ever shown', unit: '%' },
    ],
    rows: history.map((row) => [
      row.generation,
      String(row.year),
      100 * row.clickShare,
      row.latencyMs,
      row.dollarsClaimed ?? null,
      dollarsOf(row) ?? null,
      row.coverage === undefined ? null : 100 * row.coverage,
    ]),
  }
}

export function falsificationSection(rows: readonly FalsificationRow[]): Section {
  return {
    kind: 'table',
    title: 'Causes taken out of the world',
    note: 'True chance of a save of what was seen, in percent of the arm below; 95 %, paired.',
    columns: [
      { name: 'what must be seen' },
      { name: 'arms' },
      { name: 'difference', unit: '%' },
      { name: 'low', unit: '%' },
      { name: 'high', unit: '%' },
      { name: 'allowed', unit: '± %' },
    ],
    rows: rows.map(({ name, arm, over, relative, interval, within }) => [
      name,
      `${arm} over ${over}`,
      100 * relative,
      100 * interval[0],
      100 * interval[1],
      100 * within,
    ]),
    verdicts: rows.map(({ holds }) => (holds ? 'pass' : 'fail')),
  }
}
