/** The diversifiers against their definitions, computed by brute force. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Diversifier } from './diversifier.ts'
import { dpp, kinship } from './dpp.ts'
import { mmr } from './mmr.ts'
import { byTags, byVectors, type Similarity, similarityOf } from './similarity.ts'
import { rankingOf, rulesWith, type TestPin, testPins } from './testing.ts'

/** Vectors of small whole numbers: gains differ clearly, or not at all. */
const vectors = fc.array(
  fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 4, maxLength: 4 }),
  {
    minLength: 1,
    maxLength: 10,
  },
)
const lambda = fc.constantFrom(0, 0.25, 0.6, 0.9, 1)
const closed = fc.uniqueArray(fc.nat(9), { maxLength: 4 })
/** Tolerance of a gain: sums of at most ten terms near 1 round below this by far. */
const ROUNDING = 1e-9

function vectorsOf(rows: readonly (readonly number[])[]): Similarity {
  // The fifth number makes every vector a direction.
  const of = (pin: number) => Float32Array.from([...rows[pin]!, 1])
  return byVectors(
    Uint32Array.from(rows, (_, pin) => pin),
    { dimensions: 5, of },
  )!
}

function matrixOf(similarity: Similarity, count: number): number[][] {
  return Array.from({ length: count }, (_, item) => {
    const row = new Float64Array(count)
    similarity.to(item, row)
    return [...row]
  })
}

function itemsOf(rows: readonly (readonly number[])[]) {
  const count = rows.length
  const relevance = Float64Array.from(rows, (_, i) => (count === 1 ? 1 : 1 - i / (count - 1)))
  return { count, relevance, similarity: vectorsOf(rows) }
}

/** Every pick has the greatest gain of what is open. */
function expectGreedy(
  diversifier: Diversifier,
  rows: readonly (readonly number[])[],
  weight: number,
  shut: readonly number[],
  gainOf: (taken: readonly number[], item: number, matrix: readonly number[][]) => number,
) {
  const items = itemsOf(rows)
  const matrix = matrixOf(items.similarity, items.count)
  const open = rows.map((_, i) => i).filter((i) => !shut.includes(i))
  const picked = [...diversifier.begin(items, weight).picks((i) => !shut.includes(i))]
  expect([...picked].sort((a, b) => a - b)).toEqual(open)
  picked.forEach((item, at) => {
    const taken = picked.slice(0, at)
    const value = (i: number) =>
      weight * items.relevance[i]! + (1 - weight) * gainOf(taken, i, matrix)
    for (const other of picked.slice(at)) {
      expect(value(item)).toBeGreaterThanOrEqual(value(other) - ROUNDING)
    }
  })
}

/** By elimination with pivots. */
function determinant(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map((row) => [...row])
  let product = 1
  for (let c = 0; c < rows.length; c++) {
    const from = rows
      .slice(c)
      .reduce((p, row, i) => (Math.abs(row[c]!) > Math.abs(rows[p]![c]!) ? c + i : p), c)
    if (rows[from]![c] === 0) return 0
    if (from !== c) {
      ;[rows[c], rows[from]] = [rows[from]!, rows[c]!]
      product = -product
    }
    product *= rows[c]![c]!
    for (const row of rows.slice(c + 1)) {
      const factor = row[c]! / rows[c]![c]!
      for (let k = c; k < row.length; k++) row[k]! -= factor * rows[c]![k]!
    }
  }
  return product
}

test('mmr takes what its definition says', () => {
  fc.assert(
    fc.property(vectors, lambda, closed, (rows, weight, shut) => {
      expectGreedy(mmr, rows, weight, shut, (taken, item, matrix) =>
        taken.length === 0 ? 0 : -Math.max(...taken.map((other) => matrix[item]![other]!)),
      )
    }),
    { numRuns: 100, seed: 11 },
  )
})

test('dpp takes what raises the determinant most', () => {
  const shaded = (matrix: readonly number[][], of: readonly number[]) =>
    of.map((a) => of.map((b) => (a === b ? 1 : kinship * matrix[a]![b]!)))
  fc.assert(
    fc.property(vectors, lambda, closed, (rows, weight, shut) => {
      expectGreedy(dpp, rows, weight, shut, (taken, item, matrix) => {
        const before = determinant(shaded(matrix, taken))
        return Math.log(determinant(shaded(matrix, [...taken, item])) / before)
      })
    }),
    { numRuns: 100, seed: 12 },
  )
})

describe.each([mmr, dpp])('$name', (diversifier) => {
  test('at lambda 1 it is the order of scores', () => {
    fc.assert(
      fc.property(vectors, (rows) => {
        const picked = [...diversifier.begin(itemsOf(rows), 1).picks(() => true)]
        expect(picked).toEqual(rows.map((_, i) => i))
      }),
    )
  })
  test('what is closed to it in one round comes in the next', () => {
    const greedy = diversifier.begin(
      itemsOf([
        [1, 0, 0, 0],
        [1, 0, 0, 0],
        [0, 1, 0, 0],
      ]),
      0.5,
    )
    expect([...greedy.picks((item) => item !== 1)]).toEqual([0, 2])
    expect([...greedy.picks(() => true)]).toEqual([1])
  })
  test('equal gains fall to the lower number, which is the better score', () => {
    const same = Array.from({ length: 6 }, () => [2, 1, 0, 0])
    expect([...diversifier.begin(itemsOf(same), 0).picks(() => true)]).toEqual([0, 1, 2, 3, 4, 5])
  })
  test('of two alike it takes one, then something else', () => {
    const rows = [
      [3, 0, 0, 0],
      [3, 0, 0, 0],
      [0, 0, 3, 0],
    ]
    expect([...diversifier.begin(itemsOf(rows), 0.3).picks(() => true)]).toEqual([0, 2, 1])
  })
})

describe('similarity', () => {
  const featuresOf = (pins: readonly TestPin[]) => rankingOf(pins, rulesWith({})).services.features
  const numbers = (pins: readonly unknown[]) => Uint32Array.from(pins, (_, i) => i)

  test('of tags: the cosine of the sets of tags and topic', () => {
    fc.assert(
      fc.property(testPins(10), (pins) => {
        const matrix = matrixOf(byTags(numbers(pins), featuresOf(pins)), pins.length)
        const sets = pins.map(
          ({ tags = [], topic }) => new Set([...tags, ...(topic === undefined ? [] : [topic])]),
        )
        for (const [i, a] of sets.entries()) {
          for (const [j, b] of sets.entries()) {
            const both = [...a].filter((tag) => b.has(tag)).length
            const cosine = both === 0 ? 0 : both / Math.sqrt(a.size * b.size)
            expect(matrix[i]![j]).toBeCloseTo(i === j ? 1 : cosine, 12)
          }
        }
      }),
    )
  })
  test('by vectors where every pin has one, else by tags', () => {
    const pins: TestPin[] = [
      { score: 1, tags: [1] },
      { score: 0.5, tags: [1] },
    ]
    const at = (of: (pin: number) => Float32Array | undefined) =>
      matrixOf(similarityOf(numbers(pins), featuresOf(pins), { dimensions: 2, of }), 2)[0]![1]
    expect(at((pin) => Float32Array.of(1, pin))).toBeCloseTo((1 + Math.SQRT1_2) / 2, 6)
    expect(at((pin) => (pin === 1 ? undefined : Float32Array.of(1, 0)))).toBe(1)
    expect(at((pin) => Float32Array.of(pin, 0))).toBe(1)
  })
})
