/** Scenarios of `simulate cluster` on a terminal, and as JSON. */
import { systemClock } from '../../base/index.ts'
import {
  type Calibration,
  type CostBook,
  clusterAssumptions,
  estimate,
  type ModelOptions,
  type Scenario,
  type ScenarioReport,
} from '../../simulator/index.ts'
import { commit } from './commit.ts'
import { printResult, printTable } from './print.ts'
import { Progress } from './progress.ts'

type Given = { readonly book: CostBook; readonly calibration: Calibration }
type Told = { readonly given: Given; readonly options: ModelOptions; readonly json: boolean }

/** Hears of every scenario, in order. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  { given, options }: Omit<Told, 'json'>,
  hear: (report: ScenarioReport) => unknown,
): Promise<void> {
  const progress = new Progress('cluster', 'scenarios', systemClock)
  for (const [i, scenario] of scenarios.entries()) {
    await hear(estimate(scenario, given, options))
    progress.update(i + 1, scenarios.length)
  }
  progress.finish(scenarios.length)
}

export function printScenarios(reports: readonly ScenarioReport[], told: Told): void {
  const { given, options, json } = told
  const { date, machine, commit: of } = given.calibration
  const calibration = { date, machine, commit: of }
  const about = { commit: commit(), seed: options.seed, calibration, options }
  if (json) {
    printResult({ ...about, assumptions: clusterAssumptions, scenarios: reports }, true)
    return
  }
  printTable(
    [
      ...['scenario', 'generation', 'feeds/s', 'hosts', 'p50 ms', 'p95', 'p99', 'p999'],
      ...['$/month', 'of budget', '$/recommendation', 'breaks first', 'at × today', 'carried'],
    ],
    reports.map((report) => rowOf(report)),
  )
  for (const report of reports) {
    process.stdout.write(`\n${report.scenario.name}\n`)
    printRoles(report)
    printLines(report, options)
    printSavings(report)
  }
  process.stdout.write('\n')
  printResult({ calibration, assumptions: clusterAssumptions }, false)
}

function rowOf(report: ScenarioReport): (string | number)[] {
  const { scenario, hosts, latencyMs, dollarsPerMonth, ofBudget, breaks } = report
  const { p50, p95, p99, p999 } = latencyMs
  return [
    ...[scenario.name, scenario.generation],
    ...[Math.round(scenario.recommendationsPerDay / 86_400), hosts, p50, p95, p99, p999],
    ...[Math.round(dollarsPerMonth), ofBudget === undefined ? 'none given' : percent(ofBudget)],
    ...[report.dollarsPerRecommendation.toExponential(2), breaks.first, breaks.times.toFixed(2)],
    report.carried ? 'yes' : 'no',
  ]
}

function printRoles({ roles, bill }: ScenarioReport): void {
  const rows = Object.entries(roles).map(([role, told]) => [
    ...[role, told.instance, told.hosts, told.hostsLeast, told.hostsMost, told.reserved],
    told.startSeconds,
    Math.round(told.dollarsPerMonth),
  ])
  const others = Object.entries(bill).filter(([name]) => !Object.hasOwn(roles, name))
  printTable(
    ['role', 'machine', 'hosts at peak', 'fewest', 'most', 'reserved', 'start s', '$/month'],
    [
      ...rows,
      ...others.map(([name, dollars]) => [name, '', '', '', '', '', '', Math.round(dollars)]),
    ],
  )
}

function printLines(report: ScenarioReport, { sloMs }: ModelOptions): void {
  const { breaks, acknowledgeMs, cacheHits, badShare } = report
  const walls = Object.entries(breaks.walls).map(([wall, times]) => `${wall} × ${shown(times)}`)
  printResult(
    {
      'an event is acknowledged, ms': `p50 ${acknowledgeMs.p50}, p99 ${acknowledgeMs.p99}`,
      'feeds from the cache': percent(cacheHits),
      'refused, failed or degraded': percent(badShare),
      'as deployed breaks': `${breaks.role} × ${breaks.roleTimes.toFixed(2)}`,
      'hosts do not help beyond': walls.join(', '),
      'a zone dies at the peak': failing(report.zoneFailure, sloMs),
      'a ranker host dies': failing(report.hostFailure, sloMs),
    },
    false,
  )
}

function failing(failure: ScenarioReport['zoneFailure'], sloMs: number): string {
  const { p99Before, p99Unknown, p99After, badShare, holds } = failure
  return (
    `p99 ${p99Before} ms before, ${p99Unknown} until it is known, ${p99After} after; ` +
    `${percent(badShare)} not answered in full; ${holds ? 'holds' : 'misses'} ${sloMs} ms afterwards`
  )
}

function printSavings({ savings }: ScenarioReport): void {
  printTable(
    ['saving', 'of all dollars', 'alone', 'of its part', 'its part', 'claimed, unverified'],
    savings.map(({ of, share, alone, shareOfPart, part, claimed }) => {
      return [of, percent(share), percent(alone), percent(shareOfPart), part, percent(claimed)]
    }),
  )
}

function percent(share: number): string {
  return `${(100 * share).toFixed(Math.abs(share) < 0.1 ? 2 : 0)} %`
}

function shown(times: number): string {
  return times > 1_000 ? 'over 1,000' : times.toFixed(2)
}
