/** `--report FILE` of commands that run long, and what every report says of where it was made. */
import { cpus, totalmem } from 'node:os'
import { InvalidArgumentError, Option } from 'commander'
import { type Clock, systemClock } from '../../base/index.ts'
import type { RunReport } from '../../simulator/index.ts'
import { commit } from './commit.ts'
import { ReportFile } from './report-file.ts'

export function reportOption(): Option {
  return new Option(
    '--report <FILE>',
    'write a report: FILE.html, and FILE.json beside it',
  ).argParser((path: string) => {
    if (path.endsWith('.html')) return path
    throw new InvalidArgumentError('It must end in .html.')
  })
}

/** Undefined where no report was asked for. A disk that refuses is told of on standard error. */
export function reportFile(path: string | undefined): ReportFile | undefined {
  const onProblem = ({ message }: Error) => {
    process.stderr.write(`pinwheel: ${message} The run goes on. [FILE_UNWRITABLE]\n`)
  }
  return path === undefined ? undefined : new ReportFile({ path, clock: systemClock, onProblem })
}

export type ReportHead = Omit<RunReport, 'sections' | 'partial'>

/** Where, when and how it was made. */
export function reportHead(
  head: Pick<RunReport, 'title' | 'kind' | 'seed' | 'options'>,
  clock: Clock = systemClock,
): ReportHead {
  const words = process.argv.slice(2)
  const shown = words.map((word, n) => (words[n - 1] === '--key' ? '…' : word))
  const command = ['pinwheel', ...shown].join(' ')
  return {
    ...head,
    command,
    made: new Date(clock.now()).toISOString(),
    commit: commit(),
    machine: machine(),
  }
}

function machine(): string {
  const cores = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  const system = `${process.platform} ${process.arch}`
  return `${cores.length} × ${cores[0]?.model.trim() ?? 'processor'}, ${memory}, ${system}, Node ${process.versions.node}`
}
