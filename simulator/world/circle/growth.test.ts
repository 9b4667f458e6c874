/** A small circle: what grows is the seed's alone, and keeps the laws of boards. */
import { describe, expect, test } from 'vitest'
import { NONE, Random } from '../../../base/index.ts'
import { TOPICS_PER_FAMILY, topics } from '../vocabulary.ts'
import { CircleGrowth } from './growth.ts'
import { type CircleLaws, circleLaws, lawsHash } from './laws.ts'
import { drawPeople, topicDraw } from './people.ts'
import { growSeedGraph } from './seed-graph.ts'
import { decodeSeedGraph, encodeSeedGraph } from './seed-graph-file.ts'
import { VISIT_SAVES_MAX, visitLength } from './visits.ts'

const laws: CircleLaws = { ...circleLaws, users: 800, saves: 60_000 }
const growth = new CircleGrowth(laws, new Random(3)).grow()
const saves = growth.savePin.length
const places = Array.from({ length: saves }, (_, save) => save)
const filed = places.filter((save) => growth.saveBoard[save] !== NONE)

describe('growth', () => {
  test('the same seed grows the same, another one does not', () => {
    const again = new CircleGrowth(laws, new Random(3)).grow()
    expect(again.savePin).toEqual(growth.savePin)
    expect(again.saveBoard).toEqual(growth.saveBoard)
    expect(new CircleGrowth(laws, new Random(4)).grow().savePin).not.toEqual(growth.savePin)
  })

  test('every save is by the owner of its board, of a pin and a board that exist', () => {
    const { visitStarts, visitUser, saveBoard, savePin, boardOwner, pinCount } = growth
    expect(visitStarts.at(-1)).toBe(saves)
    for (let visit = 0; visit < visitUser.length; visit++) {
      const count = visitStarts[visit + 1]! - visitStarts[visit]!
      expect(count).toBeGreaterThan(0)
      expect(count).toBeLessThanOrEqual(VISIT_SAVES_MAX)
      for (let save = visitStarts[visit]!; save < visitStarts[visit + 1]!; save++) {
        expect(savePin[save]!).toBeLessThan(pinCount)
        const board = saveBoard[save]!
        if (board !== NONE) expect(boardOwner[board]).toBe(visitUser[visit])
      }
    }
  })

  test('a board holds a pin once, and no more than fits', () => {
    const held = new Map<number, Set<number>>()
    for (const save of filed) {
      const board = growth.saveBoard[save]!
      const pins = held.get(board) ?? new Set()
      held.set(board, pins)
      expect(pins.has(growth.savePin[save]!)).toBe(false)
      pins.add(growth.savePin[save]!)
      expect(pins.size).toBeLessThanOrEqual(laws.boardPinsMax)
    }
  })

  test('a board is about an interest of its owner, its pins mostly about its topic', () => {
    const { interestStarts, interests } = growth.people
    for (let board = 0; board < growth.boardCount; board++) {
      const owner = growth.boardOwner[board]!
      const own = interests.subarray(interestStarts[owner]!, interestStarts[owner + 1]!)
      expect(own).toContain(growth.boardTopic[board]!)
    }
    const fits = (save: number) =>
      growth.pinTopic[growth.savePin[save]!] === growth.boardTopic[growth.saveBoard[save]!]
    const share = filed.filter(fits).length / filed.length
    // Saves elsewhere: near, of another interest, any, misfiled; a few of those fit all the same.
    const { nearTopic, ownInterest, anyTopic, misfiled } = laws
    const least = (1 - nearTopic - ownInterest - anyTopic) * (1 - misfiled)
    expect(share).toBeGreaterThan(least - 0.02)
    expect(share).toBeLessThan(least + 0.2)
  })
})

describe('people', () => {
  test('more of them change nobody', () => {
    const draw = (users: number) =>
      drawPeople({ ...laws, users }, new Random(9), topicDraw(laws, new Random(8)))
    const [few, many] = [draw(50), draw(500)]
    expect(many.interests.subarray(0, few.interests.length)).toEqual(few.interests)
    expect(many.look.subarray(0, few.look.length)).toEqual(few.look)
    expect(many.activity.subarray(0, 51)).toEqual(few.activity)
  })

  test('interests number one more than a Poisson draw at most, each once', () => {
    const { interestStarts, interests } = growth.people
    const counts = Array.from({ length: laws.users }, (_, user) => {
      const own = interests.subarray(interestStarts[user]!, interestStarts[user + 1]!)
      expect(new Set(own).size).toBe(own.length)
      return own.length
    })
    const mean = counts.reduce((a, b) => a + b) / counts.length
    // Near topics repeat now and then, so the mean of 5 is not reached; 800 draws err by .07.
    expect(mean).toBeGreaterThan(4.3)
    expect(mean).toBeLessThan(5.2)
    expect(topics.length % TOPICS_PER_FAMILY).toBe(0)
  })
})

test('visits: median 3, p90 7, p99 18 actions', () => {
  const random = new Random(1)
  const lengths = Float64Array.from({ length: 100_000 }, () => visitLength(random.normal())).sort()
  const at = (p: number) => lengths[Math.floor(p * lengths.length)]!
  expect([at(0.5), at(0.9), at(0.99)]).toEqual([3, 7, 18])
})

describe('a seed graph', () => {
  const options = { laws, seed: 3, pattern: 1 }
  const graph = growSeedGraph(options)
  const bytes = encodeSeedGraph(options, graph)

  test('has every save once, visits with equally many saves together and in order', () => {
    expect(graph.savePin.length).toBe(graph.topicPins.length)
    for (let q = 1; q <= VISIT_SAVES_MAX; q++) {
      for (let visit = graph.classStarts[q]!; visit < graph.classStarts[q + 1]!; visit++) {
        const next = graph.visitSave[visit + 1] ?? graph.savePin.length
        expect(next - graph.visitSave[visit]!).toBe(q)
      }
    }
    for (let topic = 0; topic < topics.length; topic++) {
      const shelf = graph.topicPins.subarray(
        graph.topicStarts[topic]!,
        graph.topicStarts[topic + 1]!,
      )
      expect(shelf.every((pin) => graph.pinTopic[pin] === topic)).toBe(true)
    }
  })

  test('comes back from its bytes', () => {
    expect(decodeSeedGraph(bytes, options)).toEqual(graph)
  })

  test('of other laws, another seed or pattern is none, and damaged bytes are none', () => {
    expect(decodeSeedGraph(bytes, { ...options, seed: 4 })).toBeUndefined()
    expect(decodeSeedGraph(bytes, { ...options, pattern: 0 })).toBeUndefined()
    expect(decodeSeedGraph(bytes, { ...options, laws: circleLaws })).toBeUndefined()
    for (const at of [0, 9, 200, bytes.length >> 1, bytes.length - 1]) {
      const damaged = bytes.slice()
      damaged[at]! ^= 1
      expect(decodeSeedGraph(damaged, options)).toBeUndefined()
    }
    expect(decodeSeedGraph(bytes.subarray(0, 5), options)).toBeUndefined()
    expect(decodeSeedGraph(bytes.subarray(0, bytes.length - 9), options)).toBeUndefined()
  })

  test('laws have a hash that any change of them changes', () => {
    expect(lawsHash({ ...laws })).toBe(lawsHash(laws))
    for (const name of Object.keys(laws) as (keyof CircleLaws)[]) {
      expect(lawsHash({ ...laws, [name]: laws[name] + 1 })).not.toBe(lawsHash(laws))
    }
  })
})
