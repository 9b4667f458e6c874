/** What a ladder says on a terminal. */
import type { ArmSummary, FalsificationRow, LiveCost, StepVerdict } from '../../simulator/index.ts'
import { printTable } from './print.ts'

const percent = (share: number) => `${(100 * share).toFixed(3)} %`
const short = (share: number) => `${(100 * share).toFixed(1)} %`

export function printArms(summary: readonly ArmSummary[]): void {
  printTable(
    ['arm', 'saved', 'wanted', 'opened', 'outbound', 'hidden', 'regret closed', 'back in 7 days'],
    summary.map(({ arm, means, regretClosed }) => [
      arm,
      percent(means.savesPerView),
      percent(means.wantedPerView),
      percent(means.closeupsPerView),
      percent(means.outboundsPerView),
      percent(means.hidesPerView),
      regretClosed?.toFixed(3) ?? '',
      means.returned7 === null ? '' : short(means.returned7),
    ]),
  )
  process.stdout.write('\n')
  printTable(
    [
      'arm',
      'visit s',
      'close-up s',
      'coverage',
      'Gini',
      'distance',
      'discovered',
      'foretold',
      'CPU s',
    ],
    summary.map(({ arm, means }) => [
      arm,
      means.visitSeconds.toFixed(0),
      means.dwellSeconds.toFixed(1),
      short(means.coverage),
      means.gini.toFixed(2),
      means.listDistance.toFixed(2),
      means.discovered.toFixed(2),
      means.calibration?.toFixed(2) ?? '',
      means.cpuSeconds.toFixed(1),
    ]),
  )
  process.stdout.write('\n')
}

export function printSteps(steps: readonly StepVerdict[]): void {
  if (steps.length === 0) return
  printTable(
    ['step', 'metric', 'difference', '95 % interval', 'p (Holm)', 'above'],
    steps.map(({ arm, over, metric, difference, relative, correctedP, isAbove }) => [
      `${arm} over ${over}`,
      metric,
      `${percent(difference.mean)} (${short(relative)})`,
      difference.interval.map(percent).join(' to '),
      correctedP.toFixed(4),
      isAbove ? 'yes' : 'no',
    ]),
  )
  process.stdout.write('\n')
}

export function printCosts(costs: readonly LiveCost[]): void {
  if (costs.length === 0) return
  printTable(
    ['arm', 'pins', 'requests/s', 'p50 ms', 'p99 ms', 'knee/s', '$ a recommendation'],
    costs.map(({ arm, pins, rate, p50, p99, kneePerSecond, dollars }) => [
      ...[arm, pins ?? '', rate ?? '', p50 ?? '', p99 ?? '', kneePerSecond ?? ''],
      dollars?.toExponential(2) ?? '',
    ]),
  )
  process.stdout.write('\n')
}

export function printFalsifications(rows: readonly FalsificationRow[]): void {
  printTable(
    ['what must be seen', 'arms', 'difference', '95 % interval', 'allowed', 'seen'],
    rows.map(({ name, arm, over, relative, interval, within, holds }) => [
      name,
      `${arm} over ${over}`,
      short(relative),
      interval.map(short).join(' to '),
      `± ${short(within)}`,
      holds ? 'yes' : 'no',
    ]),
  )
  process.stdout.write('\n')
}
