/**
 * Entry of the trainer thread: takes the log frame by frame, makes examples, trains, answers with
 * the model. It lives for one training and shares nothing with the serving threads.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { assert, systemClock, toWire, type WireError } from '../../base/index.ts'
import { type TrainedRanker, trainRanker } from '../../ranking/index.ts'
import type { Frame } from '../log/index.ts'
import { type ExampleOptions, LogExamples } from './log-examples.ts'

export type TrainerSetup = ExampleOptions & { readonly partitions: number }
export type ToTrainer =
  | { readonly type: 'frames'; readonly frames: readonly Frame[] }
  | { readonly type: 'end' }
export type FromTrainer =
  | { readonly type: 'more' }
  | { readonly type: 'trained'; readonly ranker: TrainedRanker }
  | { readonly type: 'failed'; readonly error: WireError }

assert(parentPort !== null, 'this file is the entry of a worker thread')
const port = parentPort
const setup = workerData as TrainerSetup
const examples = new LogExamples(setup, setup.partitions, systemClock)
const post = (message: FromTrainer) => port.postMessage(message)

port.on('message', (message: ToTrainer) => {
  try {
    if (message.type === 'frames') {
      for (const frame of message.frames) examples.feed(frame)
      post({ type: 'more' })
      return
    }
    post({ type: 'trained', ranker: trainRanker(examples.rows()) })
  } catch (error) {
    post({ type: 'failed', error: toWire(error) })
  }
  port.close()
})
