/** What `evaluate` measures on: data files, the log of a data directory, or else the demo's log. */
import { type FrameSource, framesOf, interactionsFromLog, LogFollower } from '../../actors/index.ts'
import { pinwheelError } from '../../base/index.ts'
import { type Dataset, parseSplitRule, splitDataset, splitDefault } from '../../ranking/index.ts'
import { demoEntries } from '../../simulator/index.ts'
import type { Progress } from './progress.ts'

export type SourceFlags = {
  readonly dataset?: string
  readonly format?: string
  readonly data?: string
  readonly save?: string
  readonly split?: string
  readonly brokenMax?: number
  readonly seed: number
}

/** What is wrong with the flags together; undefined when nothing is. */
export function sourceProblem({ dataset, format, data, save, brokenMax }: SourceFlags) {
  if (dataset !== undefined && data !== undefined) return 'give either --dataset or --data'
  if ((dataset === undefined) !== (format === undefined)) return '--format goes with --dataset'
  if (dataset !== undefined) return undefined
  if (save !== undefined) return '--save goes with --dataset: a log says what a save is'
  return brokenMax === undefined ? undefined : '--broken-max goes with --dataset'
}

/**
 * The options of the data that the flags name; a log is read now, and may be in use. LOG_DROPPED
 * where it does not begin at its start.
 */
export async function openSource(
  { dataset, format, data, save, split, brokenMax, seed }: SourceFlags,
  progress: Progress,
): Promise<{ readonly dataset: string | Dataset; readonly format?: string }> {
  if (dataset === undefined) {
    const log = data === undefined ? demoLog : await LogFollower.open({ directory: data, ...whole })
    return { dataset: await ofLog(log, split, seed, progress) }
  }
  if (format === undefined) {
    throw pinwheelError('CONFIG_INVALID', { problems: 'evaluate needs --dataset and --format.' })
  }
  return {
    dataset,
    format,
    ...(save !== undefined && { save }),
    ...(split !== undefined && { split }),
    ...(brokenMax !== undefined && { brokenMax }),
  }
}

const whole = { fromStart: true } as const
const demoLog: FrameSource = {
  partitions: 1,
  async *read() {
    yield* framesOf(demoEntries())
  },
}

async function ofLog(
  log: FrameSource,
  split: string | undefined,
  seed: number,
  progress: Progress,
): Promise<Dataset> {
  const rule = split === undefined ? splitDefault : parseSplitRule(split)
  const { interactions } = await interactionsFromLog(log, (entries) => progress.update(entries))
  return splitDataset(interactions, { rule, seed, format: 'log' })
}
