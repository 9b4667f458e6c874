/** What vector search is opened with, its defaults and limits. */
import type { Worker } from 'node:worker_threads'
import { type Clock, pinwheelError, systemClock } from '../../base/index.ts'
import { type EpochOptions, startSearch } from './epoch.ts'
import type { GraphOptions } from './hnsw-index.ts'
import { startTask } from './index-task.ts'
import type { IndexTask } from './index-thread.ts'
import type { Metric } from './vector-store.ts'

export type VectorOptions = EpochOptions &
  GraphOptions & {
    readonly dimensions: number
    readonly metric: Metric
    /** Vectors, and those replaced or deleted since the last rebuild. */
    readonly capacity: number
    /** Ids are below it. */
    readonly idLimit: number
    /** The most that may be asked for. */
    readonly kMax: number
    /** How far the graph looks around when a query does not say; at least twice k. */
    readonly ef: number
    /** Up to so many vectors no graph is built. */
    readonly scanMax: number
    /** A rebuild begins by itself after so many changes, at least an eighth of all. 0: never. */
    readonly rebuildAfter: number
    /** Hears of rebuilds that began by themselves and failed. */
    readonly onError: (error: unknown) => void
    readonly clock: Clock
    readonly startTask: (task: IndexTask) => Worker
  }

export const vectorDefaults = Object.freeze({
  metric: 'cosine',
  capacity: 1_000_000,
  idLimit: 1_000_000,
  threads: 1,
  cells: 64,
  batchMax: 64,
  kMax: 10_000,
  resultsMax: 20_000,
  ef: 64,
  links: 16,
  efBuild: 100,
  seed: 1,
  scanMax: 10_000,
  rebuildAfter: 20_000,
  checkEvery: 4_000,
  onError: () => {},
  clock: systemClock,
  startSearch,
  startTask,
}) satisfies Omit<VectorOptions, 'dimensions'>

export type GivenOptions = Partial<VectorOptions> & Pick<VectorOptions, 'dimensions'>

/** ANN_OPTIONS */
export function checkedOptions(given: GivenOptions): VectorOptions {
  const options: VectorOptions = { ...vectorDefaults, ...given }
  const whole = (option: keyof VectorOptions, low: number, high: number) => {
    checkWhole(option, options[option], low, high)
  }
  whole('dimensions', 1, 4_096)
  whole('capacity', 1, 2 ** 28)
  whole('idLimit', 1, 2 ** 31)
  whole('threads', 1, 64)
  whole('cells', 1, 4_096)
  whole('batchMax', 1, 4_096)
  whole('kMax', 1, 1_000_000)
  whole('resultsMax', options.kMax, 2 ** 24)
  whole('ef', 1, 1_000_000)
  whole('links', 2, 200)
  whole('efBuild', 1, 10_000)
  whole('seed', 0, 2 ** 31)
  whole('scanMax', 0, 2 ** 28)
  whole('rebuildAfter', 0, 2 ** 31)
  whole('checkEvery', 0, 2 ** 31)
  if (options.metric !== 'cosine' && options.metric !== 'dot') {
    const value = String(options.metric)
    throw pinwheelError('ANN_OPTIONS', { option: 'metric', value, expected: 'cosine or dot' })
  }
  return options
}

export function checkWhole(option: string, value: unknown, low: number, high: number): void {
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return
  const expected = `a whole number from ${low} to ${high}`
  throw pinwheelError('ANN_OPTIONS', { option, value: String(value), expected })
}
