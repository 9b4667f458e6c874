/** What a step reads, looked at place by place. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { degreesOf, rowOf } from '../../algebra/index.ts'
import { Trainer } from '../../training/engine/index.ts'
import { type BatchOptions, PairBatches } from './pair-batches.ts'
import { tagBags } from './tag-bags.ts'
import { PLANTED_PINS, planted } from './testing.ts'
import { placesOf, twoTowerNetwork } from './two-tower-network.ts'

const ROWS = 16
const COLD = 180
const NEGATIVES = 2
const { rows: all, tags } = planted(3, COLD)
const shape = {
  slots: 2,
  tagRows: 4096,
  pins: PLANTED_PINS,
  width: 4,
  negatives: NEGATIVES,
  historyPins: 6,
  temperature: 0.1,
}
const bags = tagBags(tags, PLANTED_PINS, shape)
const places = placesOf(shape, ROWS)
const HIDDEN = 1e8
const degrees = degreesOf(all, PLANTED_PINS)

let trainer: Trainer
beforeAll(async () => {
  const optimiser = { kind: 'adam', rate: 0.01, decay: 0 } as const
  const options = { rows: ROWS, optimiser, seed: 1, threads: 1 }
  trainer = await Trainer.open(twoTowerNetwork(shape), options)
})
afterAll(() => trainer.close())

/** Pair i is user i with their pin `place`. */
const pairsAt = (place: number) => {
  const users = Uint32Array.from({ length: ROWS }, (_, i) => i)
  return { users, pins: users.map((user) => rowOf(all, user)[place]!) }
}
/** Of every place of the list, without dropout: the id's row tells the pin. */
function filled(seed: number, given: Partial<BatchOptions> = {}, pairs = pairsAt(seed % 14)) {
  const options = { history: 20, idDropout: 0, ...given }
  new PairBatches({ saves: all, all }, bags, shape, options).fill(trainer, pairs, new Random(seed))
  const pins = [...trainer.table('ids').ids].map((row) => row - 1)
  const weights = trainer.input('history weights')
  const historyOf = (i: number) => {
    const own = weights.subarray(i * places.all, (i + 1) * places.all)
    return pins.flatMap((pin, at) => (own[at]! > 0 ? [{ pin, weight: own[at]! }] : []))
  }
  return { pairs, pins, historyOf }
}
const correctionOf = (i: number) => {
  return trainer.input('correction').subarray(i * places.classes, (i + 1) * places.classes)
}

describe('a batch', () => {
  test('has every pair’s pin among its classes, all of which have saves', () => {
    for (const seed of [1, 2, 3]) {
      const { pairs, pins } = filled(seed)
      const targets = [...trainer.index('targets')].map(Number)
      expect(targets.map((place) => pins[place])).toEqual([...pairs.pins])
      expect(pins.every((pin) => degrees[pin]! > 0)).toBe(true)
      const told = targets.map((place, i) => correctionOf(i)[place]!)
      expect(told.every((value) => value < HIDDEN)).toBe(true)
    }
  })
  test('a history is of the user’s others, the pair’s own never, evenly', () => {
    const { pairs, historyOf } = filled(2)
    pairs.users.forEach((user, i) => {
      const history = historyOf(i)
      const others = new Set(rowOf(all, user))
      others.delete(pairs.pins[i]!)
      expect(history.every(({ pin }) => others.has(pin))).toBe(true)
      for (const { weight } of history) expect(weight).toBeCloseTo(1 / history.length, 6)
    })
  })
  test('histories share the room in turns: none is empty, those of few pins are whole', () => {
    // 16 users with 13 others each, of which 6 a row find room, and those that are there already.
    const full = filled(2)
    const lengths = Array.from({ length: ROWS }, (_, i) => full.historyOf(i).length)
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(6)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(13)
    const short = filled(2, { history: 5 })
    for (let i = 0; i < ROWS; i++) expect(short.historyOf(i)).toHaveLength(5)
  })
  test('hides what the user saved, and nothing else; corrects by the chance to be there', () => {
    const { pairs, pins } = filled(4)
    const known = degrees.filter((degree) => degree > 0).length
    const seen = new Set<number>()
    pairs.users.forEach((user, i) => {
      const saved = new Set(rowOf(all, user))
      correctionOf(i).forEach((value, c) => {
        const pin = pins[c]!
        // Places that were skipped read what the first does.
        const isSkipped = c > 0 && pin === pins[0]
        const isHidden = isSkipped || (saved.has(pin) && pin !== pairs.pins[i])
        expect(value > HIDDEN).toBe(isHidden)
        if (isHidden) return
        seen.add(pin)
        const asPair = (1 - degrees[pin]! / all.items.length) ** ROWS
        const evenly = (1 - 1 / known) ** (NEGATIVES * ROWS)
        expect(value).toBeCloseTo(Math.log(1 - asPair * evenly), 5)
      })
    })
    expect(seen.size).toBeGreaterThan(30)
  })
  test('rows beyond its count weigh nothing', () => {
    const batches = new PairBatches({ saves: all, all }, bags, shape, { history: 4, idDropout: 0 })
    batches.fill(trainer, pairsAt(1), new Random(5), 10)
    expect([...trainer.input('weights')]).toEqual([...Array(10).fill(1), ...Array(6).fill(0)])
  })
  test('leaves ids out in the share that is asked for, and of pins without saves always', () => {
    const share = (idDropout: number) => {
      filled(6, { idDropout })
      const weights = trainer.input('id weights')
      weights.forEach((weight, at) => {
        expect(weight).toBe(trainer.table('ids').ids[at] === 0 ? 0 : 1)
      })
      return weights.reduce((sum, weight) => sum + weight, 0) / weights.length
    }
    expect(share(0)).toBe(1)
    expect(share(1)).toBe(0)
    // 144 draws: four deviations are .17.
    expect(Math.abs(share(0.5) - 0.5)).toBeLessThan(0.17)
    const pairs = pairsAt(0)
    pairs.pins[3] = COLD + 5
    filled(6, {}, pairs)
    const place = Number(trainer.index('targets')[3])
    expect(trainer.table('ids').ids[place]).toBe(0)
    expect(trainer.input('id weights')[place]).toBe(0)
  })
})
