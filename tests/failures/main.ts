/**
 * Seeded schedules of failures over a real cluster: `npm run failures -- --seeds 100 --first 1`
 * prints a line for each and one JSON document at the end; `--out DIR` keeps them, and a table. Ends with 1 when
 * anything acknowledged was lost or doubled.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Outcome, runSchedule } from './run-schedule.ts'
import { scheduleOf } from './schedule.ts'
import { SupervisedCluster, SYNC_INTERVAL } from './supervised-cluster.ts'
import { tableOf } from './table.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    first: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
})
const count = Number(values.seeds)
const first = Number(values.first)
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(first)) {
  process.stderr.write('failures: --seeds N and --first N are whole numbers\n')
  process.exit(2)
}

const cluster = await SupervisedCluster.start()
const outcomes: Outcome[] = []
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cluster.stop().then(() => process.exit(130)))
}
try {
  for (let seed = first; seed < first + count; seed++) {
    const barred = scheduleOf(seed).find(({ fault }) => !cluster.may(fault))
    if (barred) {
      process.stderr.write(`${seed}: left out, ${barred.fault} takes root\n`)
      continue
    }
    const outcome = await runSchedule(cluster, seed)
    outcomes.push(outcome)
    process.stderr.write(`${lineOf(outcome)}\n`)
    for (const { what, about } of outcome.violations) process.stderr.write(`  ${what}: ${about}\n`)
  }
  const violations = outcomes.reduce((sum, outcome) => sum + outcome.violations.length, 0)
  const { restarts } = cluster
  const report = { first, count, syncInterval: SYNC_INTERVAL, violations, restarts, outcomes }
  if (values.out !== undefined) {
    mkdirSync(values.out, { recursive: true })
    writeFileSync(join(values.out, 'failures.json'), `${JSON.stringify(report)}\n`)
    writeFileSync(join(values.out, 'failures.md'), tableOf(outcomes, SYNC_INTERVAL))
  }
  process.stdout.write(`${JSON.stringify({ ...report, outcomes: outcomes.length })}\n`)
  if (violations > 0) process.exitCode = 1
} finally {
  await cluster.stop()
}

function lineOf({ seed, steps, acknowledged, resent, violations, feeds, rightAfterMs }: Outcome) {
  const what = steps.map(({ fault, forMs }) => `${fault} ${forMs} ms`).join(', ')
  const rungs = Object.entries(feeds.rungs).map(([rung, n]) => `${rung} ${n}`)
  return (
    `${seed}: ${what}: ${acknowledged} acknowledged, ${resent} sent again, ` +
    `${violations.length} violations; feeds ${rungs.join(' ')}, without a ranker's for ` +
    `${feeds.longestWithoutMs} ms, slowest ${feeds.maxMs} ms; right after ${rightAfterMs} ms`
  )
}
