/**
 * Trains the deep ranker on rows of features with the hashes of whose they are.
 *
 * The earlier part of the rows teaches, the later part stops and calibrates. Rows that were shown
 * weigh by what is known of the chance that they were shown (inverse propensity, bounded: Joachims,
 * Swaminathan and Schnabel, WSDM 2017); drawn ones together weigh `drawnShare` of the shown ones.
 * What is drawn more often than other pins is not liked less: the loss takes it into account
 * (`offsets`), the score is of the catalogue as it is.
 * Position is an input of the loss alone. Equal rows, options and seed give equal bytes.
 */
import { type Clock, pinwheelError } from '../../../base/index.ts'
import { modelVersion } from '../../registry/model-version.ts'
import { areaUnderCurve } from '../../training/area-under-curve.ts'
import { type FitProgress, fitNetwork, Trainer } from '../../training/engine/index.ts'
import { checkRows, type IdentifiedRows, moments, rangeOf } from '../../training/train-ranker.ts'
import { type Calibration, calibrate, lossAt } from './calibration.ts'
import { type DeepWeights, deepBytes } from './deep-file.ts'
import { type DeepShape, deepDefaults, deepNetwork } from './deep-network.ts'
import { int8Error } from './int8-error.ts'

export const deepTrainingDefaults = Object.freeze({
  epochs: 30,
  patience: 3,
  batchRows: 512,
  learningRate: 1e-3,
  decay: 1e-3,
  /** Share of the rows, the latest, that is held out. */
  holdOut: 0.2,
  /** What drawn rows weigh together, as a share of what the shown ones do. */
  drawnShare: 4,
  /** The greatest weight of a row that was rarely shown, in mean weights. */
  weightMax: 10,
  /** Of rows that were shown: drawn ones are no evidence of their own. */
  rowsMin: 200,
  int8ErrorMax: 0.1,
  seed: 1,
  threads: 1,
})
export type DeepTrainingOptions = {
  readonly [K in keyof typeof deepTrainingDefaults]: number
} & Partial<Omit<DeepShape, 'features'>>

export type TrainedDeep = {
  readonly bytes: Uint8Array
  readonly version: string
  /** Times of the earliest and the latest row, ms since the epoch. */
  readonly range: { readonly from: number; readonly to: number }
  readonly metrics: {
    readonly rows: number
    readonly shown: number
    readonly positives: number
    readonly epochs: number
    /** Of held-out rows that were shown, after calibration. */
    readonly logLoss: number
    readonly auc: number
    /**
     * How far scores in whole numbers are from those in single precision, in deviations of those;
     * beyond `int8ErrorMax` it is served in single precision.
     */
    readonly int8Error: number
  }
}

export type DeepTrainingPorts = {
  readonly clock: Clock
  readonly progress?: (progress: FitProgress) => void
  readonly checkpoint?: { readonly file: string; readonly everySteps: number }
  readonly signal?: AbortSignal
}

/** TRAINING_DATA when the rows cannot teach anything; as `fitNetwork` besides. */
export async function trainDeep(
  rows: IdentifiedRows,
  given: Partial<DeepTrainingOptions>,
  ports: DeepTrainingPorts,
): Promise<TrainedDeep> {
  const options = { ...deepTrainingDefaults, ...given }
  checkRows(rows, options)
  const shownCount = checkShown(rows, options)
  const count = rows.labels.length
  const split = Math.floor(count * (1 - options.holdOut))
  const shape = shapeFor(rows, options)
  const filler = new Filler(rows, shape, split, options)
  const trainer = await Trainer.open(deepNetwork(shape), {
    rows: Math.min(options.batchRows, batchFor(split)),
    optimiser: { kind: 'adam', rate: options.learningRate, decay: options.decay },
    seed: options.seed,
    threads: options.threads,
  })
  try {
    const held = Uint32Array.from({ length: count - split }, (_, i) => split + i)
    const report = await fitNetwork(
      trainer,
      { count: split, fill: (to, batch) => filler.fill(to, batch) },
      {
        epochs: options.epochs,
        patience: options.patience,
        schedule: 'constant',
        validate: async (to) => (await answers(to, filler, held)).loss,
        ...ports,
      },
    )
    const { logits: all, ranges } = await answers(trainer, filler, held)
    const logits = all.filter((_, i) => rows.drawn[held[i]!] === 0)
    const shown = held.filter((row) => rows.drawn[row] === 0)
    const labels = Float64Array.from(shown, (row) => rows.labels[row]!)
    const calibration = calibrate(logits, labels)
    const weights = weightsOf(trainer, shape, rows.names, filler, calibration)
    const whole = { ...weights, head: { ...weights.head, ranges } }
    const error = await int8Error(whole, rows, held)
    const { factors } = rows
    const kept = error <= options.int8ErrorMax ? whole : weights
    const bytes = deepBytes({ ...kept, ...(factors && { factors }) })
    return {
      bytes,
      version: modelVersion(bytes),
      range: rangeOf(rows.times),
      metrics: {
        rows: count,
        shown: shownCount,
        positives: rows.labels.reduce((sum, label) => sum + label, 0),
        epochs: report.bestEpoch,
        logLoss: lossAt(logits, labels, calibration),
        auc: areaUnderCurve(logits, labels),
        int8Error: error,
      },
    }
  } finally {
    await trainer.close()
  }
}

/** How many rows were shown. */
function checkShown({ drawn }: IdentifiedRows, { rowsMin }: { readonly rowsMin: number }): number {
  const shown = drawn.reduce((sum, isDrawn) => sum + 1 - isDrawn, 0)
  if (shown >= rowsMin) return shown
  const reason = `${shown} rows were shown; at least ${rowsMin} are needed`
  throw pinwheelError('TRAINING_DATA', { reason })
}

/**
 * Tables have four times as many rows as there are ids, so that few share one, within what
 * `options` allow.
 */
function shapeFor(rows: IdentifiedRows, options: Partial<DeepShape>): DeepShape {
  const wanted = (ids: Uint32Array) => 2 ** Math.ceil(Math.log2(4 * new Set(ids).size + 1))
  const most = { ...deepDefaults, ...options }
  return {
    ...most,
    features: rows.names.length,
    userRows: Math.min(most.userRows, wanted(rows.users)),
    pinRows: Math.min(most.pinRows, wanted(rows.pins)),
  }
}

/** An epoch is some steps at least, however few the rows. */
function batchFor(count: number): number {
  return Math.max(16, 2 ** Math.floor(Math.log2(count / 8)))
}

/** Puts rows into a trainer's batch. */
class Filler {
  readonly #rows: IdentifiedRows
  readonly #shape: DeepShape
  readonly hidden: readonly number[]
  readonly mean: Float32Array
  readonly scale: Float32Array
  readonly #weights: Float32Array
  readonly #offsets: Float32Array
  /**
   * Where what was shown stood, in shares: what was drawn would have stood somewhere, too. Were it
   * said to have stood nowhere, that alone would tell it from what was shown, and explain it.
   */
  readonly #anywhere: Float32Array

  constructor(
    rows: IdentifiedRows,
    shape: DeepShape,
    split: number,
    options: Pick<DeepTrainingOptions, 'drawnShare' | 'weightMax'>,
  ) {
    this.#rows = rows
    this.#shape = shape
    this.hidden = shape.hidden
    const { mean, scale } = moments(rows, split)
    this.mean = mean
    this.scale = scale
    this.#weights = rowWeights(rows, split, options)
    this.#offsets = offsets(rows, split)
    this.#anywhere = positionShares(rows, shape)
  }

  fill(trainer: Trainer, batch: Uint32Array): void {
    const { features: width, positions, userRows, pinRows } = this.#shape
    const { features, labels, ranks, users, pins, drawn } = this.#rows
    const [x, y] = [trainer.input('features'), trainer.input('labels')]
    const [weight, position] = [trainer.input('weights'), trainer.input('position')]
    const offset = trainer.input('offset')
    const [userIds, pinIds] = [trainer.table('users').ids, trainer.table('pins').ids]
    position.fill(0)
    batch.forEach((row, i) => {
      for (let f = 0; f < width; f++) {
        x[i * width + f] = (features[row * width + f]! - this.mean[f]!) * this.scale[f]!
      }
      y[i] = labels[row]!
      weight[i] = this.#weights[row]!
      offset[i] = this.#offsets[row]!
      if (drawn[row]) position.set(this.#anywhere, i * positions)
      else position[i * positions + Math.min(ranks[row]!, positions - 1)] = 1
      userIds[i] = users[row]! & (userRows - 1)
      pinIds[i] = pins[row]! & (pinRows - 1)
    })
  }

  /** For rows that make up less than a batch: the rest weighs nothing. */
  weightless(trainer: Trainer, from: number): void {
    trainer.input('weights').fill(0, from)
  }
}

function positionShares({ ranks, drawn }: IdentifiedRows, { positions }: DeepShape): Float32Array {
  const shares = new Float32Array(positions)
  let count = 0
  drawn.forEach((isDrawn, row) => {
    if (isDrawn) return
    const place = Math.min(ranks[row]!, positions - 1)
    shares[place] = shares[place]! + 1
    count++
  })
  return shares.map((of) => of / count)
}

/**
 * What the way that rows were drawn adds to their logits (King and Zeng, "Logistic regression in
 * rare events data", 2001): a pin that nobody saved is among them as often as it is drawn, so that
 * the odds of a save are 1 / chance of what they are in the catalogue. (Those that were shown and
 * not saved are taken to be found as the drawn ones are.) Mean 0 over the teaching rows; a pin that
 * could not have been drawn counts as the rarest that was.
 */
function offsets({ drawn, drawChances }: IdentifiedRows, split: number): Float32Array {
  const least = drawChances.reduce(
    (low, chance, row) => (drawn[row] ? Math.min(low, chance) : low),
    1,
  )
  if (!drawn.includes(1)) return new Float32Array(drawn.length)
  const logs = drawChances.map((chance) => Math.log(Math.max(chance, least)))
  const mean = logs.subarray(0, split).reduce((sum, log) => sum + log, 0) / split
  return logs.map((log) => mean - log)
}

/** Mean 1 over the teaching rows. */
function rowWeights(
  { propensities, drawn }: IdentifiedRows,
  split: number,
  { drawnShare, weightMax }: Pick<DeepTrainingOptions, 'drawnShare' | 'weightMax'>,
): Float32Array {
  const weights = propensities.map((chance) => 1 / chance)
  const sum = (of: number) => {
    let [total, count] = [0, 0]
    for (let row = 0; row < split; row++) {
      if (drawn[row] !== of) continue
      total += weights[row]!
      count++
    }
    return { total, count }
  }
  const [shown, others] = [sum(0), sum(1)]
  const all = shown.count * (others.count > 0 ? 1 + drawnShare : 1)
  const ofDrawn = (drawnShare * shown.count) / Math.max(1, others.count)
  return weights.map((weight, row) => {
    const own = drawn[row] ? ofDrawn : Math.min(weightMax, weight / (shown.total / shown.count))
    return (own * split) / all
  })
}

/**
 * Logits without position, and the mean loss with it, of any number of rows; the greatest that the
 * layers gave which another than the score's follows.
 */
async function answers(trainer: Trainer, filler: Filler, rows: Uint32Array) {
  const size = trainer.options.rows
  const logits = new Float64Array(rows.length)
  const ranges = filler.hidden.slice(1).map(() => Number.MIN_VALUE)
  const batch = new Uint32Array(size)
  let loss = 0
  for (let from = 0; from < rows.length; from += size) {
    const part = rows.subarray(from, from + size)
    batch.fill(part[0]!)
    batch.set(part)
    filler.fill(trainer, batch)
    filler.weightless(trainer, part.length)
    loss += (await trainer.answer()) * size
    logits.set(trainer.output('logit').subarray(0, part.length), from)
    ranges.forEach((range, i) => {
      ranges[i] = trainer.output(`layer ${i}`).reduce((most, x) => Math.max(most, x), range)
    })
  }
  return { logits, ranges, loss: loss / rows.length }
}

/**
 * The weights as serving wants them: features unstandardised, the logit calibrated. Neither needs a
 * step of its own then.
 */
function weightsOf(
  trainer: Trainer,
  shape: DeepShape,
  names: readonly string[],
  { mean, scale }: Filler,
  { slope, offset }: Calibration,
): DeepWeights {
  const { width, userRows, pinRows, hidden, features } = shape
  const first = hidden[0]!
  const values = (name: string) => trainer.parameters.get(name).values.slice()
  const table = (name: string) => trainer.table(name).state.table.slice()
  const weights = values('layer 0 weights')
  const ofFeatures = weights.slice(2 * width * first)
  const biases = values('layer 0 biases')
  for (let f = 0; f < features; f++) {
    for (let h = 0; h < first; h++) {
      const scaled = ofFeatures[f * first + h]! * scale[f]!
      ofFeatures[f * first + h] = scaled
      biases[h]! -= scaled * mean[f]!
    }
  }
  const above = hidden.slice(1).flatMap((_, i) => {
    return [values(`layer ${i + 1} weights`), values(`layer ${i + 1} biases`)]
  })
  const last = [
    values('score weights').map((weight) => weight * slope),
    values('score biases').map((bias) => bias * slope + offset),
  ]
  return {
    head: { features: names, width, userRows, pinRows, hidden },
    users: table('users'),
    pins: table('pins'),
    ofUser: weights.slice(0, width * first),
    ofPin: weights.slice(width * first, 2 * width * first),
    ofFeatures,
    biases,
    above: [...above, ...last],
  }
}
