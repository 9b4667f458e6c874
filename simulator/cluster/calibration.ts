/**
 * What the model knows of this program on a machine: figures of benches, and nothing else. Made by
 * `simulate cluster --calibrate`; the one in the repository says of which machine it is.
 */
import { pinwheelError } from '../../base/index.ts'
import { Fields } from './fields.ts'

/** Quantiles at even shares from 0 to 1, in ms of a processor for one request. */
export type RequestTimes = {
  readonly mainMs: readonly number[]
  readonly workerMs: readonly number[]
  readonly helperMs: readonly number[]
  readonly clientMs: readonly number[]
  /** By the clock, and so with all that the machine did beside. */
  readonly elapsedMs: readonly number[]
  readonly replyBytes: number
}
export type Generation = 'tags' | 'collaborative' | 'mixed' | 'deep'

export type Calibration = {
  readonly date: string
  readonly machine: string
  readonly commit: string
  /** Of the demo's server: what the check against reality is predicted from. */
  readonly demo: Readonly<Record<'mixed' | 'alive' | 'event' | 'batch', RequestTimes>>
  /** Of the large world, by generation. */
  readonly large: Readonly<Record<Generation, RequestTimes>>
  readonly eventsPerBatch: number
  readonly flushMs: { readonly p50: number; readonly p99: number }
  readonly activationsPerCpuSecond: number
  /** Processor ms of a list of generation 2: made ahead, at the request, and read. */
  readonly listMs: Readonly<Record<'ahead' | 'online' | 'listed', number>>
  readonly graphBytesPerEdge: number
  readonly bytes: {
    readonly log: Stored
    readonly user: Stored
    readonly pin: Stored
  }
}

/** Bytes of one, what is left of them compressed, and what that costs. */
export type Stored = {
  readonly each: number
  readonly ratio: number
  readonly compressMsPerMegabyte: number
}

/** The calibration in `text`, which came from `file`. CALIBRATION_INVALID names every hole. */
export function readCalibration(text: string, file: string): Calibration {
  const fields = Fields.parse(text)
  const demo = fields.object('demo')
  const large = fields.object('large')
  const flush = fields.object('flushMs')
  const list = fields.object('listMs')
  const bytes = fields.object('bytes')
  const some = { above: true }
  const calibration: Calibration = {
    date: fields.date('date'),
    machine: fields.text('machine'),
    commit: fields.text('commit'),
    demo: {
      mixed: timesOf(demo.object('mixed')),
      alive: timesOf(demo.object('alive')),
      event: timesOf(demo.object('event')),
      batch: timesOf(demo.object('batch')),
    },
    large: {
      tags: timesOf(large.object('tags')),
      collaborative: timesOf(large.object('collaborative')),
      mixed: timesOf(large.object('mixed')),
      deep: timesOf(large.object('deep')),
    },
    eventsPerBatch: fields.number('eventsPerBatch', { min: 2 }),
    flushMs: { p50: flush.number('p50', some), p99: flush.number('p99', some) },
    activationsPerCpuSecond: fields.number('activationsPerCpuSecond', some),
    listMs: {
      ahead: list.number('ahead'),
      online: list.number('online'),
      listed: list.number('listed'),
    },
    graphBytesPerEdge: fields.number('graphBytesPerEdge', some),
    bytes: {
      log: storedOf(bytes.object('log')),
      user: storedOf(bytes.object('user')),
      pin: storedOf(bytes.object('pin')),
    },
  }
  const { problems } = fields
  if (problems.length > 0) {
    throw pinwheelError('CALIBRATION_INVALID', { file, problems: problems.join(' ') })
  }
  return calibration
}

function timesOf(fields: Fields): RequestTimes {
  return {
    mainMs: fields.quantiles('mainMs'),
    workerMs: fields.quantiles('workerMs'),
    helperMs: fields.quantiles('helperMs'),
    clientMs: fields.quantiles('clientMs'),
    elapsedMs: fields.quantiles('elapsedMs'),
    replyBytes: fields.number('replyBytes'),
  }
}

function storedOf(fields: Fields): Stored {
  return {
    each: fields.number('each', { above: true }),
    ratio: fields.number('ratio', { above: true }),
    compressMsPerMegabyte: fields.number('compressMsPerMegabyte'),
  }
}

/** The mean of what quantiles tell. */
export function meanOf(quantiles: readonly number[]): number {
  const steps = quantiles.length - 1
  const ends = (quantiles[0]! + quantiles[steps]!) / 2
  return (quantiles.reduce((sum, value) => sum + value, 0) - ends) / steps
}

/**
 * What one event more in a batch takes of a thread. Medians: what a server does now and then in the
 * background falls on some requests, and would be taken for the events'.
 */
export function perEventMs(
  { demo, eventsPerBatch }: Calibration,
  of: 'mainMs' | 'workerMs',
): number {
  const more = medianOf(demo.batch[of]) - medianOf(demo.event[of])
  return Math.max(0, more) / (eventsPerBatch - 1)
}

function medianOf(quantiles: readonly number[]): number {
  return quantiles[Math.floor(quantiles.length / 2)]!
}
