/** A ladder as sections of a report: steps with intervals, arms, and what is handed down. */
import {
  type ArmSummary,
  COST_PINS_MIN,
  dollarsOf,
  type FalsificationRow,
  history,
  historyNote,
  type LiveCost,
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
      interval: '95 %, over worlds',
      bars: arms.map(({ arm, means, interval }) => ({
        name: arm,
        value: 100 * means.savesPerView,
        ...(interval && { low: 100 * interval[0], high: 100 * interval[1] }),
      })),
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

/** What an answer takes: nothing where no run of a server was given. */
export function costSections(costs: readonly LiveCost[]): Section[] {
  if (costs.length === 0) return []
  return [
    {
      kind: 'table',
      title: 'What an answer takes',
      note:
        'Of a running server that was asked for one generation (simulate live); dollars by the ' +
        `price of a host on demand, over the most that it holds. Of ${COST_PINS_MIN} pins and more.`,
      columns: [
        { name: 'arm' },
        { name: 'pins' },
        { name: 'at', unit: 'requests a second' },
        { name: 'p50', unit: 'ms' },
        { name: 'p99', unit: 'ms' },
        { name: 'knee', unit: 'requests a second' },
        { name: 'a recommendation', unit: '$' },
      ],
      rows: costs.map((of) => [
        ...[of.arm, of.pins ?? null, of.rate ?? null, of.p50 ?? null, of.p99 ?? null],
        ...[of.kneePerSecond ?? null, of.dollars ?? null],
      ]),
      verdicts: costs.map(({ pins = 0 }) => (pins >= COST_PINS_MIN ? null : 'open')),
    },
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
