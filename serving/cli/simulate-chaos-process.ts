/** `pinwheel simulate chaos --target process`: faults around a real `pinwheel serve`. */
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { silentLogger, systemClock } from '../../base/index.ts'
import {
  type ProcessFindings,
  processChaos,
  processSections,
  recoveries,
} from '../../simulator/index.ts'
import { commit } from './commit.ts'
import { printResult, printTable } from './print.ts'
import { Progress } from './progress.ts'
import { withReport } from './report-file.ts'
import { reportFile, reportHead } from './report-option.ts'
import { stopOnSignals } from './signals.ts'

type Flags = {
  readonly rounds: number
  readonly seed: number
  readonly report?: string
  readonly json?: true
}

const program = fileURLToPath(new URL('../pinwheel.mjs', import.meta.url))

/** Whether nothing was lost, doubled or stale, and the server came back each time. */
export async function runProcess({ rounds, seed, report, json }: Flags): Promise<boolean> {
  const title = `${rounds} faults around a real server`
  const head = reportHead({ title, kind: 'chaos', seed, options: { target: 'process', rounds } })
  let findings: ProcessFindings | undefined
  const stop = stopOnSignals(silentLogger)
  const draft = () => ({
    ...head,
    ...(stop.signal.aborted && { partial: 'The run was told to stop: nothing was judged.' }),
    sections: findings ? processSections(findings) : [],
  })
  return withReport(reportFile(report), draft, async (tick) => {
    const progress = new Progress('chaos', 'faults', systemClock)
    const common = { program, scratch: tmpdir(), clock: systemClock, seed, rounds }
    const onRound = async (now: ProcessFindings) => {
      findings = now
      progress.update(now.rounds.length, rounds)
      await tick()
    }
    const result = await processChaos({ ...common, onRound, signal: stop.signal })
    findings = result
    progress.finish(result.rounds.length)
    print(result, seed, json === true)
    return isClean(result)
  })
}

function isClean({ isStopped, ...found }: ProcessFindings): boolean {
  const { lost, doubled, stale, wentBack, wrong } = found
  return !isStopped && lost + doubled + stale + wentBack + wrong.length === 0
}

function print(result: ProcessFindings, seed: number, json: boolean): void {
  const { pace, rounds, ...sums } = result
  const recovery = recoveries(result)
  const told = { commit: commit(), seed, rounds: rounds.length, ...sums }
  if (json) {
    printResult({ ...told, struck: rounds, pace, recovery }, true)
    return
  }
  printTable(
    ['fault', 'times', 'recovery p50, ms', 'max, ms'],
    recovery.map(({ fault, times, p50, max }) => [fault, times, Math.round(p50), Math.round(max)]),
  )
  process.stdout.write('\n')
  printResult(told, false)
}
