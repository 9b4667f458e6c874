/**
 * The model against reality: latencies and the knee of one server, predicted from benches and
 * written down before anybody measures; then held against what `simulate live --json` saw.
 */
import { pinwheelError } from '../../base/index.ts'
import type { Calibration } from './calibration.ts'
import { Fields } from './fields.ts'
import { type OneServerOptions, oneServerDefaults, runOneServer } from './one-server.ts'

/** A prediction should be within this of what is measured. */
export const TOLERANCE = 0.2
const KNEE_STEPS = 9
const RATE_MOST = 4_000
/** A server has a worker a core, and not more than this. */
const WORKERS_MOST = 8

export type PredictOptions = Pick<OneServerOptions, 'eventShare' | 'eventsPerBatch' | 'seed'> & {
  readonly rates: readonly number[]
  /** The knee is the highest rate with p99 within this. */
  readonly sloMs: number
  /** Of the machine that server and client share. */
  readonly cores: number
}

export type Prediction = {
  readonly calibration: { readonly date: string; readonly machine: string; readonly commit: string }
  readonly options: PredictOptions
  readonly kneePerSecond: number
  readonly rates: readonly {
    readonly rate: number
    readonly p50: number
    readonly p99: number
    readonly busyCores: number
  }[]
}

export function predict(calibration: Calibration, options: PredictOptions): Prediction {
  const { rates, sloMs, ...rest } = options
  const worker = Math.min(WORKERS_MOST, options.cores)
  const threads = { ...oneServerDefaults.threads, worker }
  const at = (rate: number) => {
    const own = { ...oneServerDefaults, ...rest, threads, rate }
    const { feeds, busyCores } = runOneServer(calibration, own)
    return { rate, p50: feeds.quantile(0.5), p99: feeds.quantile(0.99), busyCores }
  }
  let [holds, breaks] = [0, RATE_MOST]
  for (let step = 0; step < KNEE_STEPS; step++) {
    const rate = (holds + breaks) / 2
    if (at(rate).p99 > sloMs) breaks = rate
    else holds = rate
  }
  const { date, machine, commit } = calibration
  return {
    calibration: { date, machine, commit },
    options,
    kneePerSecond: Math.round(holds),
    rates: rates.map(at),
  }
}

export type Measured = {
  readonly file: string
  readonly rate?: number
  readonly p50?: number
  readonly p99?: number
  readonly kneePerSecond?: number
}

/** What `simulate live --json` printed, at a rate or with `--knee`; MEASUREMENT_INVALID. */
export function readMeasured(text: string, file: string): Measured {
  const fields = Fields.parse(text)
  const document = fields.problems.length > 0 ? {} : (JSON.parse(text) as object)
  const told: Measured =
    'kneeRequestsPerSecond' in document
      ? { file, kneePerSecond: fields.number('kneeRequestsPerSecond', { above: true }) }
      : { file, ...feedsOf(fields) }
  if (fields.problems.length > 0) refuse(file, fields)
  return told
}

function feedsOf(fields: Fields) {
  const latency = fields.object('feed').object('latencyMs')
  return {
    rate: fields.number('offeredPerSecond', { above: true }),
    p50: latency.number('p50', { above: true }),
    p99: latency.number('p99', { above: true }),
  }
}

/** What `predict` gave, from its file; MEASUREMENT_INVALID. */
export function readPrediction(text: string, file: string): Prediction {
  const fields = Fields.parse(text)
  const rates = fields.list('rates', (row) => ({
    rate: row.number('rate', { above: true }),
    p50: row.number('p50', { above: true }),
    p99: row.number('p99', { above: true }),
  }))
  fields.number('kneePerSecond')
  if (fields.problems.length > 0 || rates.length === 0) refuse(file, fields)
  return JSON.parse(text) as Prediction
}

function refuse(file: string, { problems }: Fields): never {
  throw pinwheelError('MEASUREMENT_INVALID', { file, problems: problems.join(' ') })
}

export type Held = {
  readonly what: string
  readonly predicted: number
  readonly measured: number
  /** Measured less predicted, of the predicted. */
  readonly miss: number
  readonly within: boolean
}

/** Each measurement against the prediction for the nearest rate. */
export function check(prediction: Prediction, measured: readonly Measured[]): Held[] {
  return measured.flatMap(({ file, rate, p50, p99, kneePerSecond }) => {
    if (kneePerSecond !== undefined) {
      return [held('knee, requests/s', prediction.kneePerSecond, kneePerSecond)]
    }
    const asked = rate ?? 0
    const near = prediction.rates.reduce((best, one) =>
      Math.abs(one.rate - asked) < Math.abs(best.rate - asked) ? one : best,
    )
    if (Math.abs(near.rate / asked - 1) > TOLERANCE / 2) {
      const problems = `It was measured at ${asked}/s; predicted are ${prediction.rates
        .map((one) => one.rate)
        .join(', ')}.`
      throw pinwheelError('MEASUREMENT_INVALID', { file, problems })
    }
    return [
      held(`p50 at ${near.rate}/s, ms`, near.p50, p50 ?? 0),
      held(`p99 at ${near.rate}/s, ms`, near.p99, p99 ?? 0),
    ]
  })
}

function held(what: string, predicted: number, measured: number): Held {
  const miss = measured / predicted - 1
  return { what, predicted, measured, miss, within: Math.abs(miss) <= TOLERANCE }
}
