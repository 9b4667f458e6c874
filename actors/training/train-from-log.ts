/** Trains a ranker on the log of a running host, in a thread of its own. */
import { once } from 'node:events'
import { type DeclaredKinds, endThread, fromWire, startThread } from '../../base/index.ts'
import type { ModelKind } from '../../ranking/index.ts'
import type { Frame } from '../log/index.ts'
import { servedTeaching } from './deep-teaching.ts'
import type { FromTrainer, ToTrainer, Trained, TrainerSetup } from './trainer.ts'

export type LogSize = {
  readonly entries: number
  readonly pins: number
  readonly boards: number
}
export type TrainingOptions = {
  readonly model: ModelKind
  readonly size: LogSize
  readonly kinds: DeclaredKinds
}

/** Of the small ranker. */
const lightTeaching = { warmUp: 0.6, rowsMax: 6_000 } as const

const FRAMES_AT_ONCE = 16

/** A log as training reads it: everything that is there, in one order. */
export type ReadableLog = { readonly partitions: number; read(): AsyncIterable<Frame> }

/** TRAINING_DATA when the log cannot teach a ranker. */
export async function trainFromLog(
  log: ReadableLog,
  { model, size, kinds }: TrainingOptions,
  signal: AbortSignal,
): Promise<Trained> {
  const setup: TrainerSetup = {
    model,
    ...(model === 'deep' ? { ...servedTeaching, generation: model } : lightTeaching),
    kinds,
    entries: size.entries,
    // Room for what the log names while it is read.
    pinCapacity: size.pins * 2 + 1000,
    boardCapacity: size.boards * 2 + 1000,
    partitions: log.partitions,
  }
  const worker = startThread(new URL('./trainer.ts', import.meta.url), { workerData: setup })
  const stop = () => void endThread(worker)
  signal.addEventListener('abort', stop, { once: true })
  const hear = async () => (await once(worker, 'message', { signal }))[0] as FromTrainer
  const tell = (message: ToTrainer) => worker.postMessage(message)
  const send = async (frames: readonly Frame[]) => {
    tell({ type: 'frames', frames })
    const answer = await hear()
    if (answer.type === 'failed') throw fromWire(answer.error)
  }
  try {
    let frames: Frame[] = []
    for await (const { payload, ...frame } of log.read()) {
      // A copy: the frame's bytes are a view of the whole segment.
      frames.push({ ...frame, payload: Uint8Array.from(payload) })
      if (frames.length < FRAMES_AT_ONCE) continue
      await send(frames)
      frames = []
    }
    await send(frames)
    tell({ type: 'end' })
    const answer = await hear()
    if (answer.type === 'trained') return answer.trained
    throw answer.type === 'failed' ? fromWire(answer.error) : new Error('the trainer lost its way')
  } finally {
    signal.removeEventListener('abort', stop)
    await endThread(worker)
  }
}
