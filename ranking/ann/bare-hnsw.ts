/** hnswlib-node alone on a thread of its own: the baseline of the bench of vector search. */
import { parentPort, workerData } from 'node:worker_threads'
import hnswlib from 'hnswlib-node'
import { systemClock } from '../../base/index.ts'

export type BareSetup = { readonly file: string; readonly dimensions: number }
export type BareAsked = {
  readonly queries: readonly number[][]
  readonly k: number
  readonly ef: number
}
export type BareTold = { readonly perSecond: number; readonly answers: readonly number[][] }

const { file, dimensions } = workerData as BareSetup
const graph = new hnswlib.HierarchicalNSW('ip', dimensions)
graph.readIndexSync(file)
parentPort!.on('message', ({ queries, k, ef }: BareAsked) => {
  graph.setEf(ef)
  const began = systemClock.monotonic()
  const answers = queries.map((query) => graph.searchKnn(query, k).neighbors)
  const perSecond = (1_000 * queries.length) / (systemClock.monotonic() - began)
  parentPort!.postMessage({ perSecond, answers } satisfies BareTold)
})
