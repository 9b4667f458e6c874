/**
 * Entry of the trainer thread: takes the log frame by frame, makes examples, trains, answers with
 * the model. It lives for one training, shares nothing with the threads that
 * serve, and lets them go first.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { assert, systemClock, toWire, type WireError } from '../../base/index.ts'
import {
  type FeatureSummaries,
  type IdentifiedRows,
  type ModelKind,
  type TrainedDeep,
  type TrainedRanker,
  taughtSummaries,
  trainRanker,
} from '../../ranking/index.ts'
import type { Frame } from '../log/index.ts'
import { lowerPriority } from '../worker/lower-priority.ts'
import { servedTeaching, trainBy } from './deep-teaching.ts'
import { type ExampleOptions, LogExamples } from './log-examples.ts'

export type TrainerSetup = ExampleOptions & {
  readonly model: ModelKind
  readonly partitions: number
}
export type Trained = (TrainedRanker | TrainedDeep) & { readonly features: FeatureSummaries }
export type ToTrainer =
  | { readonly type: 'frames'; readonly frames: readonly Frame[] }
  | { readonly type: 'end' }
export type FromTrainer =
  | { readonly type: 'more' }
  | { readonly type: 'trained'; readonly trained: Trained }
  | { readonly type: 'failed'; readonly error: WireError }

assert(parentPort !== null, 'this file is the entry of a worker thread')
const port = parentPort
lowerPriority()
const setup = workerData as TrainerSetup
const examples = new LogExamples(setup, setup.partitions, systemClock)
const post = (message: FromTrainer) => port.postMessage(message)

/** Shown rows that are too few to teach as many weights as the deep ranker has. */
const DEEP_ROWS_MIN = 2_000

async function train(rows: IdentifiedRows): Promise<Trained> {
  const options = { rowsMin: DEEP_ROWS_MIN }
  const trained =
    setup.model === 'light'
      ? trainRanker(rows)
      : await trainBy(servedTeaching, rows, options, { clock: systemClock })
  return { ...trained, features: taughtSummaries(rows) }
}

async function hear(message: ToTrainer): Promise<void> {
  try {
    if (message.type === 'frames') {
      for (const frame of message.frames) await examples.feed(frame)
      post({ type: 'more' })
      return
    }
    post({ type: 'trained', trained: await train(await examples.rows()) })
  } catch (error) {
    post({ type: 'failed', error: toWire(error) })
  }
  port.close()
}

port.on('message', (message: ToTrainer) => void hear(message))
