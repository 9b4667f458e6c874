import { beforeAll, describe, expect, test } from 'vitest'
import { errorCode, hash32, ManualClock, Random } from '../../../base/index.ts'
import { areaUnderCurve } from '../../training/area-under-curve.ts'
import type { IdentifiedRows } from '../../training/train-ranker.ts'
import { calibrate } from './calibration.ts'
import {
  DeepModel,
  deepBytes,
  deepMemory,
  deepWeights,
  type TrainedDeep,
  trainDeep,
} from './index.ts'

const NAMES = ['one', 'two', 'three']
const COUNT = 6_000
const USERS = 40
const PINS = 60
const hashOf = (space: string, n: number) => hash32(`${space}${n}`)

/** A save depends on a feature, on the user and the pin together, and on where the pin stood. */
function planted(seed: number, count = COUNT, ofRank = -0.15): IdentifiedRows {
  const random = new Random(seed)
  const column = <T extends Float32Array | Uint32Array>(list: T, draw: (row: number) => number) =>
    list.map((_, row) => draw(row)) as T
  const features = column(new Float32Array(count * NAMES.length), () => 3 + 2 * random.normal())
  const users = column(new Uint32Array(count), () => random.below(USERS))
  const pins = column(new Uint32Array(count), () => random.below(PINS))
  const ranks = Uint16Array.from({ length: count }, () => random.below(20))
  const labels = Float32Array.from(ranks, (rank, row) => {
    const taste = users[row]! % 2 === pins[row]! % 2 ? 1.5 : -1.5
    const logit = taste + 0.5 * (features[row * NAMES.length]! - 3) + ofRank * rank
    return random.unit() < 1 / (1 + Math.exp(-logit)) ? 1 : 0
  })
  return {
    names: NAMES,
    features,
    labels,
    ranks,
    weights: new Float32Array(count).fill(1),
    times: Float64Array.from({ length: count }, (_, row) => row),
    users: column(users.slice(), (row) => hashOf('u', users[row]!)),
    pins: column(pins.slice(), (row) => hashOf('p', pins[row]!)),
    drawn: new Uint8Array(count),
    propensities: new Float32Array(count).fill(1),
    drawChances: new Float32Array(count).fill(0.5),
  }
}

/** Taste by ids is all that there is to find, in few epochs. */
const small = {
  deviation: 0.05,
  idDropout: 0,
  idSpeed: 1,
  drawnShare: 1,
  width: 16,
  hidden: [64, 32],
  dropout: 0.1,
  epochs: 15,
  patience: 6,
  batchRows: 128,
  learningRate: 0.01,
  decay: 0.01,
  seed: 3,
}
const ports = { clock: new ManualClock() }

let trained: TrainedDeep
let model: DeepModel
beforeAll(async () => {
  trained = await trainDeep(planted(1), small, ports)
  model = await DeepModel.open(await deepMemory(trained.bytes, NAMES))
})

test('taste and features are found, by user and pin together', async () => {
  // The truth's own AUC on such rows is .83, as position is chance to it; of the feature alone .68.
  expect(trained.metrics.auc).toBeGreaterThan(0.78)
  const score = async (user: number, pin: number, feature: number) => {
    const row = Float32Array.of(feature, 3, 3)
    return (await model.score(hashOf('u', user), Uint32Array.of(hashOf('p', pin)), row))[0]!
  }
  let [right, pairs] = [0, 0]
  for (let user = 0; user < USERS; user++) {
    for (let pin = 0; pin < 10; pin++) {
      const [like, unlike] = [2 * pin + (user % 2), 2 * pin + 1 - (user % 2)]
      pairs++
      if ((await score(user, like, 3)) > (await score(user, unlike, 3))) right++
    }
  }
  expect(right / pairs).toBeGreaterThan(0.95)
  expect(await score(0, 0, 7)).toBeGreaterThan(await score(0, 0, -1))
})

test('the same rows, options and seed give the same bytes', async () => {
  const again = await trainDeep(planted(1), small, ports)
  expect(again.version).toBe(trained.version)
  const other = await trainDeep(planted(1), { ...small, epochs: 1, seed: 4 }, ports)
  expect(other.version).not.toBe(trained.version)
})

test('a score is the same to the bit whoever its batch mates are and in whatever order', async () => {
  const random = new Random(8)
  const count = 1_300
  const pins = Uint32Array.from({ length: count }, () => random.u32())
  const rows = Float32Array.from({ length: count * 3 }, () => 3 + random.normal())
  const whole = await model.score(77, pins, rows)
  for (const i of [0, 1, 511, 512, 1_299]) {
    const alone = await model.score(77, pins.slice(i, i + 1), rows.slice(3 * i, 3 * i + 3))
    expect(alone[0]).toBe(whole[i])
  }
  const backwards = Float32Array.from(
    rows,
    (_, i) => rows[3 * (count - 1 - Math.floor(i / 3)) + (i % 3)]!,
  )
  const turned = await model.score(77, pins.slice().reverse(), backwards)
  expect(turned.reverse()).toEqual(whole)
})

test('calls at the same time do not disturb each other', async () => {
  const random = new Random(12)
  const calls = Array.from({ length: 6 }, (_, n) => {
    const pins = Uint32Array.from({ length: 300 * (n + 1) }, () => random.u32())
    const rows = Float32Array.from({ length: 3 * pins.length }, () => 3 + random.normal())
    return [random.u32(), pins, rows] as const
  })
  const together = await Promise.all(calls.map((call) => model.score(...call)))
  for (const [n, call] of calls.entries()) expect(await model.score(...call)).toEqual(together[n])
})

test('probabilities are calibrated on what was shown last', async () => {
  const fresh = planted(2)
  const scores: number[] = []
  for (let row = 0; row < COUNT; row++) {
    const features = fresh.features.subarray(3 * row, 3 * row + 3)
    const score = await model.score(fresh.users[row]!, fresh.pins.subarray(row, row + 1), features)
    scores.push(1 / (1 + Math.exp(-score[0]!)))
  }
  const mean = (list: Iterable<number>) => [...list].reduce((sum, value) => sum + value, 0) / COUNT
  expect(Math.abs(mean(scores) - mean(fresh.labels))).toBeLessThan(0.03)
  expect(
    areaUnderCurve(Float64Array.from(scores), Float64Array.from(fresh.labels)),
  ).toBeGreaterThan(0.78)
})

test('position is no part of a score: what stood high for no reason gains nothing', async () => {
  // Pins 0 to 29 always stood first, the others far below; people look at what stands high.
  const rows = planted(5, COUNT, 0)
  const random = new Random(6)
  const high = new Set(Array.from({ length: PINS / 2 }, (_, pin) => hashOf('p', pin)))
  rows.pins.forEach((pin, row) => {
    // One in eight stands elsewhere, or nothing could be told apart.
    const isFirst = random.below(8) === 0 ? !high.has(pin) : high.has(pin)
    rows.ranks[row] = isFirst ? 0 : 15
    if (!isFirst && random.below(10) < 9) rows.labels[row] = 0
  })
  const gap = async (given: IdentifiedRows) => {
    const { bytes } = await trainDeep(given, small, ports)
    const biased = await DeepModel.open(await deepMemory(bytes, NAMES))
    const pins = Uint32Array.from({ length: PINS }, (_, pin) => hashOf('p', pin))
    const features = new Float32Array(3 * PINS).fill(3)
    let sum = 0
    for (let user = 0; user < USERS; user++) {
      const scores = await biased.score(hashOf('u', user), pins, features)
      scores.forEach((score, pin) => {
        const chance = 1 / (1 + Math.exp(-score))
        sum += (pin < PINS / 2 ? chance : -chance) / USERS / (PINS / 2)
      })
    }
    await biased.close()
    return sum
  }
  const blind = await gap({ ...rows, ranks: new Uint16Array(COUNT) })
  const told = await gap(rows)
  expect(blind).toBeGreaterThan(0.15)
  expect(Math.abs(told)).toBeLessThan(blind / 2)
})

test('drawn rows teach what nobody is shown', async () => {
  const rows = planted(7)
  // Everything with a high second feature was never shown, and would not be saved.
  const drawn = Uint8Array.from({ length: COUNT }, (_, row) => (row % 2 === 0 ? 1 : 0))
  drawn.forEach((isDrawn, row) => {
    rows.features[3 * row + 1] = isDrawn ? 8 : 3
    if (isDrawn) rows.labels[row] = 0
  })
  const gap = async (drawnShare: number) => {
    const { bytes, metrics } = await trainDeep({ ...rows, drawn }, { ...small, drawnShare }, ports)
    expect(metrics.shown).toBe(COUNT / 2)
    const learned = await DeepModel.open(await deepMemory(bytes, NAMES))
    const pin = Uint32Array.of(hashOf('p', 0), hashOf('p', 0))
    const [shown, never] = await learned.score(
      hashOf('u', 0),
      pin,
      Float32Array.of(3, 3, 3, 3, 8, 3),
    )
    await learned.close()
    const chance = (score: number) => 1 / (1 + Math.exp(-score))
    return chance(shown!) - chance(never!)
  }
  expect(await gap(1)).toBeGreaterThan(0.25)
})

test('what is drawn more often than the rest of the catalogue is not liked less', async () => {
  // Of either half of the catalogue as much is saved; of the first far more is drawn.
  const chances = [0.5, 0.02]
  const random = new Random(8)
  const rows = planted(8)
  const drawChances = rows.drawChances.slice()
  for (let row = 0; row < COUNT; row++) {
    const isDrawn = Number(row % 4 > 0)
    const half = random.unit() < (isDrawn ? chances[0]! / (chances[0]! + chances[1]!) : 0.5) ? 0 : 1
    rows.features[3 * row + 1] = half * 4
    rows.drawn[row] = isDrawn
    const liked = 1 / (1 + Math.exp(-2 * rows.features[3 * row]!))
    rows.labels[row] = isDrawn ? 0 : Number(random.unit() < liked)
    drawChances[row] = chances[half]!
  }
  const gap = async (given: IdentifiedRows) => {
    const { bytes } = await trainDeep(given, small, ports)
    const learned = await DeepModel.open(await deepMemory(bytes, NAMES))
    const pin = Uint32Array.of(hashOf('p', 0), hashOf('p', 0))
    const features = Float32Array.of(3, 0, 3, 3, 4, 3)
    const [often, seldom] = await learned.score(hashOf('u', 0), pin, features)
    await learned.close()
    return seldom! - often!
  }
  const blind = await gap(rows)
  expect(blind).toBeGreaterThan(1)
  expect(Math.abs(await gap({ ...rows, drawChances }))).toBeLessThan(blind / 2)
})

test('scores in whole numbers are near those in single precision, and keep their order', async () => {
  const memory = await deepMemory(trained.bytes, NAMES)
  expect(memory.head.ranges).toHaveLength(1)
  const single = await DeepModel.open(memory, { precision: 'float32' })
  const random = new Random(13)
  const pins = Uint32Array.from({ length: 900 }, () => random.u32())
  const rows = Float32Array.from({ length: 3 * pins.length }, () => 3 + 2 * random.normal())
  const [whole, exact] = [await model.score(9, pins, rows), await single.score(9, pins, rows)]
  await single.close()
  expect(whole).not.toEqual(exact)
  const mean = exact.reduce((sum, x) => sum + x, 0) / exact.length
  const root = (of: (x: number, i: number) => number) =>
    Math.sqrt(exact.reduce((sum, x, i) => sum + of(x, i) ** 2, 0))
  const error = root((x, i) => whole[i]! - x) / root((x) => x - mean)
  expect(error).toBeLessThan(0.05)
  expect(trained.metrics.int8Error).toBeGreaterThan(error / 3)
  expect(trained.metrics.int8Error).toBeLessThan(error * 3)
  const labels = exact.map((x) => Number(x > mean))
  expect(areaUnderCurve(Float64Array.from(whole), Float64Array.from(labels))).toBeGreaterThan(0.99)
})

test('where whole numbers are too far off, it is served in single precision', async () => {
  const { bytes } = await trainDeep(planted(1), { ...small, int8ErrorMax: 0 }, ports)
  const memory = await deepMemory(bytes, NAMES)
  expect(memory.head.ranges).toBeUndefined()
  const [served, single] = [
    await DeepModel.open(memory),
    await DeepModel.open(memory, { precision: 'float32' }),
  ]
  const pins = Uint32Array.from({ length: 600 }, (_, i) => hashOf('p', i))
  const rows = new Float32Array(3 * pins.length).fill(3)
  expect(await served.score(5, pins, rows)).toEqual(await single.score(5, pins, rows))
  for (const one of [served, single]) await one.close()
})

describe('Platt’s scaling', () => {
  test('finds slope and offset that were planted', () => {
    const random = new Random(9)
    const logits = Float64Array.from({ length: 20_000 }, () => 2 * random.normal())
    const labels = logits.map((x) => (random.unit() < 1 / (1 + Math.exp(-(0.5 * x - 1))) ? 1 : 0))
    const { slope, offset } = calibrate(logits, labels)
    expect(slope).toBeCloseTo(0.5, 1)
    expect(offset).toBeCloseTo(-1, 1)
  })

  test('does not run away from logits that are far out', () => {
    const random = new Random(10)
    const logits = Float64Array.from({ length: 2_000 }, () => 40 * random.normal())
    const labels = logits.map((x) => (random.unit() < 1 / (1 + Math.exp(-0.02 * x)) ? 1 : 0))
    const { slope, offset } = calibrate(logits, labels)
    expect(slope).toBeCloseTo(0.02, 2)
    expect(Math.abs(offset)).toBeLessThan(0.2)
  })

  test('leaves logits alone that say nothing, or the opposite', () => {
    const logits = Float64Array.of(-1, -1, 1, 1)
    expect(calibrate(logits, Float64Array.of(1, 1, 0, 0))).toEqual({ slope: 1, offset: 0 })
    const { slope } = calibrate(Float64Array.of(-2, -1, 1, 2), Float64Array.of(0, 0, 1, 1))
    expect(slope).toBeGreaterThan(0)
    expect(slope).toBeLessThan(10)
  })
})

describe('refused by name:', () => {
  const unfit = async (bytes: Uint8Array, names = NAMES) => {
    const error: unknown = await deepMemory(bytes, names).then(
      () => new Error('it was opened'),
      (reason: unknown) => reason,
    )
    expect(errorCode(error)).toBe('MODEL_UNFIT')
    return (error as Error).message
  }

  test('a file that is cut off, damaged or foreign', async () => {
    expect(await unfit(new Uint8Array(0))).toContain('does not begin')
    expect(await unfit(trained.bytes.subarray(0, 5_000))).toContain('checksum')
    const damaged = Uint8Array.from(trained.bytes)
    damaged[3_000]! ^= 4
    expect(await unfit(damaged)).toContain('checksum')
  })

  test('other features; weights that are no numbers', async () => {
    expect(await unfit(trained.bytes, ['one', 'two'])).toContain('one, two, three')
    const weights = deepWeights(trained.bytes)
    weights.ofPin[4] = Number.NaN
    expect(await unfit(deepBytes(weights))).toContain('not a finite number')
    for (const ranges of [[], [0], [Number.NaN], [1, 2]]) {
      const sound = deepWeights(trained.bytes)
      const bytes = deepBytes({ ...sound, head: { ...sound.head, ranges } })
      expect(await unfit(bytes)).toContain('ranges')
    }
  })

  test.each([
    ['one class only', (rows: IdentifiedRows) => rows.labels.fill(1)],
    ['hardly any that were shown', (rows: IdentifiedRows) => rows.drawn.fill(1, 150)],
    ['held-out rows of one class', (rows: IdentifiedRows) => rows.labels.fill(0, 4_800)],
    ['a feature that is no number', (rows: IdentifiedRows) => rows.features.fill(Number.NaN, 5, 6)],
  ])('training rows with %s', async (_, spoil) => {
    const rows = planted(1)
    spoil(rows)
    await expect(trainDeep(rows, small, ports)).rejects.toMatchObject({ code: 'TRAINING_DATA' })
  })
})
