/** What a cluster of each size takes and costs, as sections of a report. */
import type { ScenarioReport } from '../cluster/index.ts'
import { type Section, sumFacts } from './run-report.ts'

const percent = (share: number) => Math.round(1e4 * share) / 100

export function clusterSections(
  reports: readonly ScenarioReport[],
  assumptions: Readonly<Record<string, number>>,
): Section[] {
  if (reports.length === 0) return []
  return [
    scenarioTable(reports),
    {
      kind: 'bars',
      title: 'Dollars for a million recommendations',
      unit: '$',
      bars: reports.map(({ scenario, dollarsPerRecommendation }) => {
        return { name: scenario.name, value: 1e6 * dollarsPerRecommendation }
      }),
    },
    ...reports.flatMap((report) => [roleTable(report), hostLines(report), savingTable(report)]),
    sumFacts('Assumed', assumptions),
  ]
}

function scenarioTable(reports: readonly ScenarioReport[]): Section {
  return {
    kind: 'table',
    title: 'Sizes',
    columns: [
      { name: 'scenario' },
      { name: 'feeds', unit: 'per second' },
      { name: 'hosts' },
      { name: 'p50', unit: 'ms' },
      { name: 'p99', unit: 'ms' },
      { name: 'a month', unit: '$' },
      { name: 'of the budget', unit: '%' },
      { name: 'breaks first' },
      { name: 'at', unit: '× today' },
    ],
    rows: reports.map(({ scenario, hosts, latencyMs, dollarsPerMonth, ofBudget, breaks }) => [
      scenario.name,
      Math.round(scenario.recommendationsPerDay / 86_400),
      hosts,
      latencyMs.p50,
      latencyMs.p99,
      Math.round(dollarsPerMonth),
      ofBudget === undefined ? null : percent(ofBudget),
      breaks.first,
      breaks.times,
    ]),
    verdicts: reports.map(({ carried, ofBudget = 0 }) => {
      return carried && ofBudget <= 1 ? 'pass' : 'fail'
    }),
  }
}

function roleTable({ scenario, roles, bill }: ScenarioReport): Section {
  const others = Object.entries(bill).filter(([name]) => !Object.hasOwn(roles, name))
  return {
    kind: 'table',
    title: `${scenario.name}: hosts`,
    columns: [
      { name: 'role' },
      { name: 'machine' },
      { name: 'hosts at peak' },
      { name: 'fewest' },
      { name: 'most' },
      { name: 'reserved' },
      { name: 'start', unit: 's' },
      { name: 'a month', unit: '$' },
    ],
    rows: [
      ...Object.entries(roles).map(([role, of]) => [
        ...[role, of.instance, of.hosts, of.hostsLeast, of.hostsMost, of.reserved],
        ...[of.startSeconds, Math.round(of.dollarsPerMonth)],
      ]),
      ...others.map(([name, dollars]) => [
        ...[name, null, null, null, null, null, null],
        Math.round(dollars),
      ]),
    ],
  }
}

function hostLines({ scenario, hostsOverDay }: ScenarioReport): Section {
  const names = Object.keys(hostsOverDay[0]?.hosts ?? {}) as (keyof ScenarioReport['roles'])[]
  return {
    kind: 'lines',
    title: `${scenario.name}: hosts over a day`,
    x: { name: 'hour' },
    y: { name: 'hosts' },
    at: hostsOverDay.map(({ hour }) => hour),
    series: names.map((name) => ({ name, values: hostsOverDay.map(({ hosts }) => hosts[name]) })),
  }
}

function savingTable({ scenario, savings }: ScenarioReport): Section {
  return {
    kind: 'table',
    title: `${scenario.name}: what each saving saves`,
    note: 'What is claimed for them was handed down, unverified.',
    columns: [
      { name: 'saving' },
      { name: 'of all dollars', unit: '%' },
      { name: 'alone', unit: '%' },
      { name: 'of its part', unit: '%' },
      { name: 'its part' },
      { name: 'claimed', unit: '%' },
    ],
    rows: savings.map(({ of, share, alone, shareOfPart, part, claimed }) => [
      of,
      percent(share),
      percent(alone),
      percent(shareOfPart),
      part,
      percent(claimed),
    ]),
  }
}
