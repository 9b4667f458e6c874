import { describe, expect, test } from 'vitest'
import { NONE, Random, systemClock } from '../../base/index.ts'
import { walkCheck } from './walk-check.ts'
import { walkReading } from './walk-reading.ts'
import { walkSample } from './walk-sample.ts'

/** Forty pins of each of two topics; boards of one topic, and every fourth of both. */
const PINS = 80
const BOARDS = 200
const random = new Random(5)
const rows = Array.from({ length: BOARDS }, (_, board) => {
  const own = board % 2
  const isMixed = board % 4 === 0
  const pins = Array.from({ length: 8 }, (_, i) => {
    const topic = isMixed && i % 3 === 0 ? 1 - own : own
    return topic * 40 + random.below(40)
  })
  return [...new Set(pins)]
})
const edges = {
  pins: Uint32Array.from(rows.flat()),
  boards: Uint32Array.from(rows.flatMap((row, board) => row.map(() => board))),
  edgeCount: rows.flat().length,
  pinCount: PINS,
  boardCount: BOARDS,
}
const topicsFor = () => ({ of: Uint32Array.from({ length: PINS }, (_, i) => i / 40), count: 2 })
const check = (steps: number) =>
  walkCheck({ edges, topicsFor, clock: systemClock, users: 40, steps, top: 10 })

describe('a sample', () => {
  const { view, boards } = walkSample(edges, { users: 60, seed: 1, topicsFor })
  test('holds one pin of each board out of the graph', () => {
    expect(boards).toHaveLength(60)
    expect(view.frozen.edgeCount).toBe(edges.edgeCount - 60)
    for (const { board, held, pins, alone } of boards) {
      expect([...pins, held].sort()).toEqual([...rows[board]!].sort())
      const left = Array.from({ length: view.boardDegree(board) }, (_, rank) =>
        view.pinOfBoard(board, rank),
      )
      expect(left.sort()).toEqual([...pins].sort())
      expect(pins).toContain(alone)
    }
  })
  test('tells boards of one topic from mixed ones', () => {
    for (const { board, topic, isMixed } of boards) {
      if (board % 4 !== 0) expect([topic, isMixed]).toEqual([board % 2, false])
    }
    expect(boards.some(({ isMixed }) => isMixed)).toBe(true)
  })
  test('of a graph without topics has no topic', () => {
    const nothing = { of: new Uint32Array(PINS).fill(NONE), count: 0 }
    const bare = walkSample(edges, { users: 5, seed: 1, topicsFor: () => nothing })
    expect(bare.boards.map(({ topic }) => topic)).toEqual([NONE, NONE, NONE, NONE, NONE])
  })
})

describe('the check', () => {
  test('sees that more steps come nearer to the exact lists', async () => {
    const [few, many] = [await check(300), await check(20_000)]
    const ofExact = ({ overlap }: typeof few) => overlap[0]!.boards.mean
    expect(ofExact(many)).toBeGreaterThan(0.8)
    expect(ofExact(few)).toBeLessThan(ofExact(many) - 0.1)
    for (const { reading } of [few, many]) {
      expect(reading[0]).toContain('no more is missing than chance explains')
    }
  })
  test('sees that a bias finds the topic of mixed boards, and is the same again', async () => {
    const checked = await check(3_000)
    const several = checked.holdOut.map(({ several }) => several.onTopic.mean)
    expect(several[5]).toBeGreaterThan(several[0]! + 0.02)
    expect(await check(3_000)).toEqual(checked)
  })
  test('sees that early stop makes fewer steps', async () => {
    const { earlyStop } = await check(20_000)
    const [full, ...rest] = earlyStop.map(({ pins }) => pins.steps.mean)
    expect(full).toBe(20_000)
    expect(Math.min(...rest)).toBeLessThan(10_000)
  })
  test('needs a board to ask about', async () => {
    const nobody = walkCheck({ edges, topicsFor, clock: systemClock, users: 0 })
    await expect(nobody).rejects.toMatchObject({ code: 'GRAPH_OPTIONS' })
  })
})

describe('the reading follows the rows', () => {
  const mean = (value: number, standardError = 0.01) => ({ mean: value, standardError })
  const overlap = (exact: number, noise: number) =>
    [
      ['walk', 'exact PageRank', exact],
      ['walk', 'exact P3', exact],
      ['walk', 'another walk', noise],
    ].map(([list, against, share]) => ({
      list: String(list),
      against: String(against),
      boards: mean(Number(share)),
      pins: mean(Number(share)),
    }))
  const stopped = (steps: number, share: number) => ({ steps: mean(steps), overlap: mean(share) })
  const stop = (earlyStopPins: number, steps: number, share: number) => ({
    earlyStopPins,
    earlyStopVisits: 4,
    boards: stopped(steps, share),
    pins: stopped(steps, share),
  })
  const holdOut = (hits: number, change: number, boards = 90) => {
    const part = { boards, hits: mean(hits), change: mean(change), rank: 1, onTopic: mean(0.5) }
    return { one: part, several: { ...part, change: mean(-change) } }
  }
  const read = (exact: number, change: number, share: number) =>
    walkReading(
      {
        overlap: overlap(exact, 0.8),
        earlyStop: [stop(0, 1000, 0.8), stop(50, 400, share)],
        holdOut: [
          { name: 'as served', ...holdOut(0.3, 0) },
          { name: 'booster', ...holdOut(0.3, change) },
        ],
      },
      { steps: 1000, top: 20 },
    ).join('\n')

  test.each([
    [0.9, 0, 0.79, 'no more is missing than chance'],
    [0.6, 0, 0.79, 'so more is missing than chance'],
    [0.9, 0, 0.79, 'n_p 50, n_v 4 makes 40 % of the steps at -0.010 of overlap'],
    [0.9, 0, 0.7, 'saves nothing within 0.02'],
    [0.9, 0.04, 0.7, 'boards of one topic it helps (hits +0.040'],
    [0.9, 0.04, 0.7, 'of several it hurts (hits -0.040'],
    [0.9, 0.025, 0.7, 'boards of one topic it may help'],
    [0.9, 0.01, 0.7, 'boards of one topic show no difference'],
  ])('exact %d, change %d, stopped %d: %s', (exact, change, share, sentence) => {
    expect(read(exact, change, share)).toContain(sentence)
  })

  test('of a few boards nothing is claimed', () => {
    const few = holdOut(0.3, 0.5, 5)
    const rows = { overlap: overlap(0.9, 0.8), earlyStop: [stop(0, 1000, 0.8)] }
    const names = ['as served', 'bias 1 to its topic']
    const nobody = { ...few.several, boards: 0, onTopic: mean(Number.NaN) }
    const holdOutRows = names.map((name) => ({ name, ...few, several: nobody }))
    const text = walkReading({ ...rows, holdOut: holdOutRows }, { steps: 9, top: 2 }).join('\n')
    expect(text).toContain('boards of one topic are too few to tell (5), of several are too few')
    expect(text).not.toContain('NaN')
  })
})
