/** Users among vectors of pins: against the model that was fitted, and against all pins by hand. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { ManualClock, NONE, Random } from '../../base/index.ts'
import { IalsModel, ialsDefaults } from '../models/ials/index.ts'
import { Gemm } from '../onnx/index.ts'
import { FactorReader, type FoldedUser } from './factor-reader.ts'
import { factorDefaults, fitPinFactors } from './fit-pin-factors.ts'
import { type PinFactors, pinFactorsMemory } from './pin-factors.ts'

const USERS = 120
const context = { clock: new ManualClock() }
const options = { dimensions: 16 }

/** People of three tastes, newest first; pins from 80 on are saved by nobody. */
function histories(): number[][] {
  const random = new Random(4)
  return Array.from({ length: USERS }, (_, user) => {
    const drawn = Array.from({ length: 3 + random.below(20) }, () => {
      const pin = random.below(80)
      return random.below(4) === 0 ? pin : pin - (pin % 3) + (user % 3)
    })
    return [...new Set(drawn.map((pin) => Math.min(79, pin)))]
  })
}

/** This host's number of a pin, which is not the fit's. */
const hostOf = (pin: number) => (pin === 7 ? -1 : 2 * pin)
let factors: PinFactors<number>
let reader: FactorReader
beforeAll(async () => {
  const fitted = await fitPinFactors(histories(), options, context)
  if (!fitted) throw new Error('there were saves')
  factors = fitted
  reader = new FactorReader(pinFactorsMemory(fitted, hostOf))
})

const saved = fc.uniqueArray(fc.nat(79), { minLength: 1, maxLength: 60 })
/** Newest first. */
const folded = (pins: readonly number[]) => reader.fold(pins.map(hostOf))

const scoreOf = (user: FoldedUser, pin: number) => user.scoresOf([pin])[0]!

/** Scores of all rows by the model that serves whole catalogues, standardised by brute force. */
async function byHand(pins: readonly number[]): Promise<Map<number, number>> {
  const { numbers, vectors, diagonal } = factors
  const d = numbers.dimensions
  const items = { rows: vectors.length / d, columns: d, values: vectors }
  const ials = { options: { ...ialsDefaults, ...factorDefaults, ...numbers }, items, diagonal }
  const known = pins.filter((pin) => pin !== 7)
  const history = Uint32Array.from(known, (pin) => factors.pins.indexOf(pin)).reverse()
  const { values } = new IalsModel(ials, new Gemm(1)).foldIn([history])
  const scores = Float64Array.from(factors.pins, (_, row) => {
    let sum = 0
    for (let k = 0; k < d; k++) sum += values[k]! * vectors[row * d + k]!
    return sum
  })
  const mean = scores.reduce((sum, x) => sum + x, 0) / scores.length
  const variance = scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / scores.length
  return new Map(factors.pins.map((pin, row) => [pin, (scores[row]! - mean) / Math.sqrt(variance)]))
}

test('a score is the fit’s own of who is folded in, in deviations above the mean of all pins', async () => {
  await fc.assert(
    fc.asyncProperty(saved, async (pins) => {
      const user = folded(pins)
      if (pins.every((pin) => pin === 7)) {
        expect(user).toBeUndefined()
        return
      }
      const expected = await byHand(pins)
      for (const [pin, score] of expected) {
        if (pin !== 7) expect(Math.abs(scoreOf(user!, hostOf(pin)) - score)).toBeLessThan(1e-5)
      }
    }),
    { numRuns: 40 },
  )
})

test('taste is found: pins of one’s own kind lie above the others', () => {
  let [own, others] = [0, 0]
  for (const history of histories()) {
    const user = folded(history)
    const kind = history.filter((pin) => pin % 3 === history[0]! % 3).length
    if (!user || kind < 0.7 * history.length) continue
    for (let pin = 0; pin < 78; pin++) {
      const score = pin === 7 ? 0 : scoreOf(user, hostOf(pin))
      if (pin % 3 === history[0]! % 3) own += score
      else others += score / 2
    }
  }
  expect(own).toBeGreaterThan(Math.abs(others) + 100)
})

test('a save counts at once, in whatever number came before', () => {
  const before = scoreOf(folded([3, 6, 9])!, hostOf(13))
  const after = scoreOf(folded([13, 10, 3, 6, 9])!, hostOf(13))
  expect(after).toBeGreaterThan(before)
})

test('the best are those of brute force, without what is not allowed', () => {
  fc.assert(
    fc.property(saved, fc.nat(100), fc.uniqueArray(fc.nat(79)), (pins, top, out) => {
      const user = folded(pins)
      if (!user) return
      const banned = new Set(out.map(hostOf))
      const { pins: best, scores } = user.best(top, banned)
      const all = factors.pins.filter((pin) => pin !== 7 && !banned.has(hostOf(pin))).map(hostOf)
      const expected = all.toSorted((a, b) => scoreOf(user, b) - scoreOf(user, a)).slice(0, top)
      expect([...best].sort()).toEqual(expected.sort())
      expect([...scores]).toEqual([...user.scoresOf(best)])
      expect([...scores]).toEqual([...scores].sort((a, b) => b - a))
    }),
    { numRuns: 60 },
  )
})

describe('of whom nothing is known:', () => {
  test('a user without saves, or with saves that have no vector', () => {
    expect(reader.fold([])).toBeUndefined()
    expect(reader.fold([2 * 85, 1, 10_000, NONE])).toBeUndefined()
  })

  test('a pin that came after the fit, or that this host has under another number', () => {
    const user = folded([1, 2, 3])!
    expect([...user.scoresOf([2 * 85, 1, 10_000, NONE])]).toEqual([0, 0, 0, 0])
  })
})

describe('a fit', () => {
  test('takes the most saved pins, and saves until there are enough', async () => {
    const all = histories()
    const few = await fitPinFactors(all, { ...options, pinsMax: 10 }, context)
    const counts = new Map<number, number>()
    for (const pin of all.flat()) counts.set(pin, (counts.get(pin) ?? 0) + 1)
    const most = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || a - b)
    expect(few?.pins).toEqual(most.slice(0, 10))
    const two = { ...options, savesMax: 5, userSavesMax: 4 }
    const early = await fitPinFactors([[1, 2, 3, 4, 5], [], [6, 7], [8]], two, context)
    // The newest four of the first, then the next who saved anything.
    expect(early?.pins.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 6, 7])
  })

  test('of nobody’s saves is none', async () => {
    expect(await fitPinFactors([[], []], options, context)).toBeUndefined()
  })
})
