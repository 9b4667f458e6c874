/** What `evaluate` measures on: data files, or the log of a data directory. */
import { interactionsFromLog, LogFollower } from '../../actors/index.ts'
import { pinwheelError } from '../../base/index.ts'
import { type Dataset, parseSplitRule, splitDataset, splitDefault } from '../../ranking/index.ts'
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
  if ((dataset === undefined) === (data === undefined)) return 'give either --dataset or --data'
  if ((dataset === undefined) !== (format === undefined)) return '--format goes with --dataset'
  if (data === undefined) return undefined
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
  if (data !== undefined) return { dataset: await ofLog(data, split, seed, progress) }
  if (dataset === undefined || format === undefined) {
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

async function ofLog(
  directory: string,
  split: string | undefined,
  seed: number,
  progress: Progress,
): Promise<Dataset> {
  const rule = split === undefined ? splitDefault : parseSplitRule(split)
  const log = await LogFollower.open({ directory, fromStart: true })
  const { interactions } = await interactionsFromLog(log, (entries) => progress.update(entries))
  return splitDataset(interactions, { rule, seed, format: 'log' })
}
