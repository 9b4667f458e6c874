/** Laws of the fitted towers, in a world where tags decide. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ManualClock, Random, systemClock } from '../../../base/index.ts'
import { rowOf, rowsFrom } from '../../algebra/index.ts'
import { VectorSearch } from '../../ann/index.ts'
import { Gemm } from '../../onnx/index.ts'
import { areaUnderCurve } from '../../training/area-under-curve.ts'
import { type FittedTwoTower, fitTwoTower, type TwoTowerOptions } from './fit-two-tower.ts'
import type { PinTags } from './tag-bags.ts'
import { likesOf, PLANTED_PINS, planted, small, tasteOf } from './testing.ts'
import type { TwoTower } from './two-tower.ts'
import { twoTowerBytes, twoTowerOf } from './two-tower-file.ts'
import { TwoTowerModel } from './two-tower-model.ts'

/** Pins from here on are cold. */
const COLD = 192
const world = planted(1, COLD)
const ports = { clock: new ManualClock() }
const learn = (
  more: Partial<TwoTowerOptions> = {},
  tags: PinTags = world.tags,
  rows = world.rows,
) => fitTwoTower({ rows, pins: PLANTED_PINS, tags }, { ...small, ...more }, ports)

let fitted: FittedTwoTower
beforeAll(async () => {
  fitted = await learn()
})

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, k) => sum + x * b[k]!, 0)
const vectorOf = ({ pins }: TwoTower, pin: number) =>
  pins.values.subarray(pin * pins.columns, (pin + 1) * pins.columns)
const scores = async (tower: TwoTower, histories: readonly Uint32Array[]) => {
  const users = histories.map((_, user) => user)
  return new TwoTowerModel(tower, new Gemm(1)).score({ users, histories })
}

/** Mean over users: do cold pins that they like score above cold ones that they do not? */
async function coldAuc(tower: TwoTower): Promise<number> {
  const users = Array.from({ length: 60 }, (_, user) => user)
  const { columns, values } = await scores(
    tower,
    users.map((user) => rowOf(world.rows, user)),
  )
  const each = users.map((user) => {
    const own = values.subarray(user * columns + COLD, (user + 1) * columns)
    const liked = own.map((_, i) => Number(likesOf(user).includes(tasteOf(COLD + i))))
    return areaUnderCurve(Float64Array.from(own), Float64Array.from(liked))
  })
  return each.reduce((a, b) => a + b, 0) / each.length
}

describe('where tags decide', () => {
  test('cold pins are ranked right', async () => {
    expect(await coldAuc(fitted.tower)).toBeGreaterThan(0.9)
    expect(fitted.report).toMatchObject({ untagged: 0, cutTags: 0, lonely: 0 })
    expect(fitted.report.pairs).toBeLessThan(world.rows.items.length)
  })
  test('and not where the same tags are dealt to other pins', async () => {
    const dealt = new Random(9).shuffle([...world.tags])
    const { tower } = await learn({}, dealt)
    // 48 cold pins whose tags say nothing; chance is .5.
    expect(Math.abs((await coldAuc(tower)) - 0.5)).toBeLessThan(0.1)
  })
})

describe('the vector of a pin', () => {
  test('is of length 1; of a cold one it is that of its tags, to the bit', () => {
    const { tower } = fitted
    for (let pin = 0; pin < PLANTED_PINS; pin++) {
      expect(dot(vectorOf(tower, pin), vectorOf(tower, pin))).toBeCloseTo(1, 6)
    }
    for (let pin = COLD; pin < PLANTED_PINS; pin++) {
      expect(tower.pinVector(world.tags[pin]!)).toEqual(vectorOf(tower, pin))
    }
    // One with saves is more than its tags.
    expect(tower.pinVector(world.tags[0]!)).not.toEqual(vectorOf(tower, 0))
  })
  test('is that of its tags for all pins where ids are always left out', async () => {
    const { tower } = await learn({ idDropout: 1, epochs: 1 })
    for (let pin = 0; pin < PLANTED_PINS; pin++) {
      expect(tower.pinVector(world.tags[pin]!)).toEqual(vectorOf(tower, pin))
    }
  })
  test('depends on its own tags alone: other cold pins may have any', async () => {
    const other = world.tags.map((tags, pin) => (pin > COLD ? ['taste 0 0'] : tags))
    const { tower } = await learn({}, other)
    for (let pin = 0; pin <= COLD; pin++) {
      expect(vectorOf(tower, pin)).toEqual(vectorOf(fitted.tower, pin))
    }
    expect(vectorOf(tower, COLD + 1)).not.toEqual(vectorOf(fitted.tower, COLD + 1))
  })
  test('passes over tags that no fit has seen; of none but such it is the default', () => {
    const { tower } = fitted
    expect(tower.pinVector(['never told', 'taste 1 1'])).toEqual(tower.pinVector(['taste 1 1']))
    const nothing = tower.pinVector([])
    expect(dot(nothing, nothing)).toBeCloseTo(1, 6)
    expect(tower.pinVector(['never told'])).toEqual(nothing)
    // No pin with saves was without tags, so it is their mean.
    const mean = new Float32Array(nothing.length)
    for (let pin = 0; pin < COLD; pin++) {
      vectorOf(tower, pin).forEach((value, k) => {
        mean[k]! += value / COLD
      })
    }
    const length = Math.sqrt(dot(mean, mean))
    nothing.forEach((value, k) => {
      expect(value).toBeCloseTo(mean[k]! / length, 4)
    })
  })
  test('without tags is learned from pins without tags, which are counted', async () => {
    const some = world.tags.map((tags, pin) => (pin % 6 === 0 ? undefined : tags))
    const { tower, report } = await learn({}, some)
    expect(report.untagged).toBe(PLANTED_PINS / 6)
    // Those are all of one taste, so the default is near who likes it.
    const near = dot(tower.pinVector([]), vectorOf(tower, 0))
    expect(near).toBeGreaterThan(dot(tower.pinVector([]), vectorOf(tower, 3)) + 0.3)
  })
  test('minds the first tags alone where there are more than slots', async () => {
    const { tower, report } = await learn({ slots: 1, epochs: 1 })
    expect(report.cutTags).toBe(PLANTED_PINS)
    expect(tower.pinVector(['taste 1 1', 'colour 2'])).toEqual(tower.pinVector(['taste 1 1']))
  })
})

describe('scores', () => {
  test('are cosines; a row does not depend on the others; nothing saved is 0 for all', async () => {
    const { tower } = fitted
    const histories = [0, 1, 2].map((user) => rowOf(world.rows, user))
    const { columns, values } = await scores(tower, [...histories, new Uint32Array(0)])
    for (const [i, history] of histories.entries()) {
      const alone = (await scores(tower, [history])).values
      expect(alone).toEqual(values.slice(i * columns, (i + 1) * columns))
      const user = tower.userVector([...history].map((pin) => vectorOf(tower, pin)))
      expect(alone[7]).toBeCloseTo(dot(user, vectorOf(tower, 7)), 5)
    }
    expect(values.slice(3 * columns).every((value) => value === 0)).toBe(true)
  })
  test('a vector index over the exported vectors finds the same best pins', async () => {
    const { tower } = fitted
    const { rows, columns, values } = tower.pins
    const index = await VectorSearch.open({
      dimensions: columns,
      metric: 'cosine',
      capacity: 512,
      idLimit: rows,
    })
    try {
      for (let pin = 0; pin < rows; pin++) index.add(pin, vectorOf(tower, pin))
      const user = tower.userVectors([rowOf(world.rows, 4)]).values
      const { ids } = await index.search({ vectors: [user], k: 5 })
      const all = Array.from({ length: rows }, (_, pin) => pin)
      all.sort((a, b) => dot(user, vectorOf(tower, b)) - dot(user, vectorOf(tower, a)))
      expect([...ids]).toEqual(all.slice(0, 5))
      expect(values.length).toBe(rows * columns)
    } finally {
      await index.close()
    }
  })
})

describe('the same bits', () => {
  test('for the same seed; others for another', async () => {
    const bytes = async (seed: number) => Buffer.from(twoTowerBytes((await learn({ seed })).tower))
    expect(Buffer.from(twoTowerBytes(fitted.tower)).equals(await bytes(1))).toBe(true)
    expect(Buffer.from(twoTowerBytes(fitted.tower)).equals(await bytes(2))).toBe(false)
  })
  test('of a training that was cut off and taken up from its checkpoint', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pinwheel-two-tower-'))
    afterAll(() => rm(directory, { recursive: true }))
    const checkpoint = { file: join(directory, 'cut'), everySteps: 10 }
    const data = { ...world, pins: PLANTED_PINS }
    const cut = new AbortController()
    const progress = () => cut.abort(new Error('pulled the plug'))
    const torn = { clock: systemClock, checkpoint, signal: cut.signal, progress }
    await expect(fitTwoTower(data, small, torn)).rejects.toThrow('pulled the plug')
    const rest = await fitTwoTower(data, small, { ...ports, checkpoint })
    expect(rest.report).toEqual(fitted.report)
    expect(twoTowerBytes(rest.tower)).toEqual(twoTowerBytes(fitted.tower))
  })
  test('in a file and back; a damaged one and one with NaN are refused', () => {
    const { tower } = fitted
    const bytes = twoTowerBytes(tower)
    expect(twoTowerOf(bytes)).toEqual(tower)
    const damaged = Buffer.from(bytes)
    damaged[200]! ^= 1
    const unfit = expect.objectContaining({ code: 'MODEL_UNFIT' })
    expect(() => twoTowerOf(damaged)).toThrow(unfit)
    expect(() => twoTowerOf(bytes.subarray(0, 100))).toThrow(unfit)
    const offset = tower.weights.offset.slice()
    offset[3] = Number.NaN
    const odd = twoTowerBytes({ weights: { ...tower.weights, offset } } as TwoTower)
    expect(() => twoTowerOf(odd)).toThrow(unfit)
  })
})

describe('refused by name', () => {
  test.each([
    ['width', 6],
    ['temperature', Number.NaN],
    ['idDropout', 1.1],
    ['slots', 0],
    ['batch', 4096],
    ['historyPins', 1.5],
    ['learningRate', Number.POSITIVE_INFINITY],
  ])('%s %d', async (option, value) => {
    await expect(learn({ [option]: value })).rejects.toMatchObject({
      code: 'FACTORS_OPTIONS',
      details: { option },
    })
  })
  test('nothing known of any pin; nobody with two pins', async () => {
    const unfit = { code: 'FACTORS_DATA' }
    await expect(learn({}, [undefined, []])).rejects.toMatchObject(unfit)
    await expect(learn({}, world.tags, rowsFrom([[1], [2, 2], []]))).rejects.toMatchObject(unfit)
  })
})

test('little data, all of it taught: every epoch is run, whoever has one pin is counted', async () => {
  const rows = rowsFrom([[0, 1], [2, 3, 3], [5], []])
  const { report } = await learn({ holdOut: 0, epochs: 3 }, world.tags, rows)
  expect(report).toMatchObject({ epochs: 3, bestEpoch: 3, pairs: 4, lonely: 1 })
})
