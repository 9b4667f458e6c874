/**
 * The fit of the two-tower model on rows of saves and what is known of pins: `README.md` says how
 * it learns. Equal rows, tags, options and seed give equal bits.
 */
import { type Clock, pinwheelError, Random } from '../../../base/index.ts'
import { distinct, type Rows, rowOf, rowsFrom } from '../../algebra/index.ts'
import {
  type FitProgress,
  type FitReport,
  fitNetwork,
  Trainer,
} from '../../training/engine/index.ts'
import { withinBounds } from '../bounds.ts'
import { PairBatches, type Pairs } from './pair-batches.ts'
import { type PinTags, type TagBags, tagBags, tagRowsFor, UNTAGGED_ROW } from './tag-bags.ts'
import { isTaught, pinVector, TwoTower } from './two-tower.ts'
import { type TwoTowerShape, twoTowerNetwork } from './two-tower-network.ts'

export const twoTowerDefaults = Object.freeze({
  /** Numbers of a vector, a multiple of 4. */
  width: 64,
  /** Tags of a pin that count. */
  slots: 8,
  /** Pins of a user that a step looks at, at most. */
  history: 64,
  /** Pins that histories add to a batch, a row of it. */
  historyPins: 6,
  /** Pins drawn evenly, a row of the batch. */
  negatives: 1,
  temperature: 0.07,
  /** Share of places where a pin is read as if it were new. */
  idDropout: 0.5,
  epochs: 20,
  /** Epochs without a better loss on the held-out pairs before it ends. */
  patience: 2,
  batch: 256,
  learningRate: 3e-3,
  /** Share of the pairs that is held out. */
  holdOut: 0.05,
  threads: 1,
  seed: 1,
})
export type TwoTowerOptions = { readonly [K in keyof typeof twoTowerDefaults]: number }

export type TwoTowerData = {
  /** Row u has the pins that user u saved; repeats count once. */
  readonly rows: Rows
  readonly pins: number
  readonly tags: PinTags
}

export type TwoTowerPorts = {
  readonly clock: Clock
  readonly progress?: (progress: FitProgress) => void
  readonly checkpoint?: { readonly file: string; readonly everySteps: number }
  readonly signal?: AbortSignal
}

export type FittedTwoTower = {
  readonly tower: TwoTower
  readonly report: FitReport & {
    readonly pairs: number
    /** Pairs whose user has no other save: they teach nothing. */
    readonly lonely: number
    readonly untagged: number
    readonly cutTags: number
  }
}

/**
 * FACTORS_OPTIONS, FACTORS_DATA where no user has two pins or nothing is known of any,
 * MODEL_TOO_LARGE; as `fitNetwork` besides.
 */
export async function fitTwoTower(
  data: TwoTowerData,
  given: Partial<TwoTowerOptions>,
  ports: TwoTowerPorts,
): Promise<FittedTwoTower> {
  const options = withinBounds({ ...twoTowerDefaults, ...given }, bounds)
  const most = { slots: options.slots, tagRows: tagRowsFor(data.tags) }
  const bags = tagBags(data.tags, data.pins, most)
  const shape = { ...options, ...bags.shape, pins: data.pins }
  if (bags.untagged === data.pins) throw noData('nothing is known of any pin')
  const all = distinct(data.rows)
  const cut = heldOut(all, options)
  const teach = pairsOf(cut.saves)
  if (teach.pairs.users.length < 2) throw noData('no user has saved two pins')
  const batches = new PairBatches({ saves: cut.saves, all }, bags, shape, options)
  const count = teach.pairs.users.length
  const trainer = await Trainer.open(twoTowerNetwork(shape), {
    rows: Math.min(options.batch, 2 ** Math.floor(Math.log2(count / 2))),
    optimiser: { kind: 'adam', rate: options.learningRate, decay: 0 },
    seed: options.seed,
    threads: options.threads,
  })
  try {
    const drawn = new Random(options.seed).split('batches')
    const fill = (to: Trainer, rows: Uint32Array) =>
      batches.fill(to, at(teach.pairs, rows), drawn.split(to.steps))
    const report = await fitNetwork(
      trainer,
      { count, fill },
      {
        epochs: options.epochs,
        patience: options.patience,
        schedule: 'constant',
        validate: (of) => lossOf(of, batches, cut.held, options.seed),
        ...ports,
      },
    )
    const { untagged, cut: cutTags } = bags
    const counts = { pairs: count, lonely: teach.lonely, untagged, cutTags }
    const tower = towerOf(trainer, shape, bags, batches.known)
    return { tower, report: { ...report, ...counts } }
  } finally {
    await trainer.close()
  }
}

function noData(reason: string) {
  return pinwheelError('FACTORS_DATA', { reason })
}

/** A share of the saves, drawn with the seed; two of each user's stay, if there are two. */
function heldOut(all: Rows, { holdOut, seed }: TwoTowerOptions) {
  const random = new Random(seed).split('held out')
  const users: number[] = []
  const pins: number[] = []
  const saves: number[][] = []
  for (let user = 0; user < all.offsets.length - 1; user++) {
    const row = [...rowOf(all, user)]
    const kept: number[] = []
    row.forEach((pin, i) => {
      const isHeld = random.unit() < holdOut && kept.length + row.length - i > 2
      if (!isHeld) kept.push(pin)
      else {
        users.push(user)
        pins.push(pin)
      }
    })
    saves.push(kept)
  }
  const held = { users: Uint32Array.from(users), pins: Uint32Array.from(pins) }
  return { saves: rowsFrom(saves), held }
}

function pairsOf(saves: Rows): { readonly pairs: Pairs; readonly lonely: number } {
  const users: number[] = []
  const pins: number[] = []
  for (let user = 0; user < saves.offsets.length - 1; user++) {
    const row = rowOf(saves, user)
    if (row.length < 2) continue
    for (const pin of row) {
      users.push(user)
      pins.push(pin)
    }
  }
  const pairs = { users: Uint32Array.from(users), pins: Uint32Array.from(pins) }
  return { pairs, lonely: saves.items.length - users.length }
}

function at({ users, pins }: Pairs, places: Uint32Array): Pairs {
  return { users: places.map((i) => users[i]!), pins: places.map((i) => pins[i]!) }
}

/**
 * Mean over held-out pairs, by the same draws whenever it is asked. Without any it falls by itself,
 * so that all epochs are run.
 */
async function lossOf(
  trainer: Trainer,
  batches: PairBatches,
  held: Pairs,
  seed: number,
): Promise<number> {
  const { rows } = trainer.options
  const random = new Random(seed).split('validation')
  const count = held.users.length
  if (count === 0) return 1 / trainer.steps
  let sum = 0
  for (let from = 0; from < count; from += rows) {
    const part = Math.min(rows, count - from)
    const places = Uint32Array.from({ length: rows }, (_, i) => from + Math.min(i, part - 1))
    batches.fill(trainer, at(held, places), random.split(from), part)
    sum += (await trainer.answer()) * rows
  }
  return sum / count
}

/** Rows of tags that taught nothing are zeros: `pinVector` passes them over. */
function towerOf(
  trainer: Trainer,
  { pins, width, slots, tagRows, idDropout }: TwoTowerShape & TwoTowerOptions,
  bags: TagBags,
  known: Uint32Array,
): TwoTower {
  const bagAt = (pin: number) => bags.rows.subarray(pin * slots, pin * slots + bags.sizes[pin]!)
  const tags = new Float32Array(tagRows * width)
  for (const pin of known) {
    for (const row of bagAt(pin)) tags.set(trainer.table('tags').row(row), row * width)
  }
  const vectors = new Float32Array(pins * width)
  for (const pin of known) {
    // Where ids never count, they are as they were drawn.
    const own = idDropout < 1 ? trainer.table('ids').row(pin + 1) : undefined
    vectors.set(pinVector(tags, width, bagAt(pin), own), pin * width)
  }
  if (!isTaught(tags, width, UNTAGGED_ROW)) tags.set(meanOf(vectors, width, known))
  const isKnown = new Set(known)
  for (let pin = 0; pin < pins; pin++) {
    if (!isKnown.has(pin)) vectors.set(pinVector(tags, width, bagAt(pin)), pin * width)
  }
  return new TwoTower({
    shape: { width, slots, tagRows },
    tags,
    turn: trainer.parameters.get('turn').values.slice(),
    offset: trainer.parameters.get('offset').values.slice(),
    pins: vectors,
  })
}

/** What stands for pins without tags where no such pin has saves. */
function meanOf(vectors: Float32Array, width: number, pins: Uint32Array): Float64Array {
  const sum = new Float64Array(width)
  for (const pin of pins) {
    for (let k = 0; k < width; k++) sum[k]! += vectors[pin * width + k]! / pins.length
  }
  return sum
}

/** What options may be. */
const bounds = {
  width: { from: 4, to: 1024, multipleOf: 4 },
  slots: { from: 1, to: 255, multipleOf: 1 },
  history: { from: 1, to: 1024, multipleOf: 1 },
  historyPins: { from: 1, to: 16, multipleOf: 1 },
  negatives: { from: 0, to: 16, multipleOf: 1 },
  temperature: { from: 0.02, to: 10 },
  idDropout: { from: 0, to: 1 },
  epochs: { from: 1, to: 10_000, multipleOf: 1 },
  patience: { from: 0, to: 10_000, multipleOf: 1 },
  // A batch has this number squared, times 1 + negatives + historyPins.
  batch: { from: 2, to: 2048, multipleOf: 1 },
  learningRate: { from: 1e-9, to: 1 },
  holdOut: { from: 0, to: 0.5 },
  threads: { from: 1, to: 64, multipleOf: 1 },
  seed: { from: 0, to: Number.MAX_SAFE_INTEGER, multipleOf: 1 },
} as const
