/** How a world compares with what is known of real ones, on a terminal. */
import type { Verdict } from '../../simulator/index.ts'
import { printTable } from './print.ts'

export function printVerdicts(title: string, rows: readonly Verdict[]): void {
  if (rows.length === 0) return
  printTable(
    [title, 'target', 'tolerance', 'value', ''],
    rows.map(({ figure, target, tolerance, value, verdict }) => [
      figure,
      target,
      tolerance,
      value,
      verdict,
    ]),
  )
  process.stdout.write('\n')
}
