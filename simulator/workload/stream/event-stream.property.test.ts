/** The laws of a stream: an event is its number, whoever asks, in whatever order. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entryProblem, kindCode, kindNames, NONE } from '../../../base/index.ts'
import { type CircleWorld, circleWorld, growSeedGraph, planCircles } from '../../world/index.ts'
import { EventStream } from './event-stream.ts'
import { emptyFrame, FRAME_EVENTS, NO_RANK, readFrame, streamRecord } from './frame.ts'
import { type StreamName, streamShapes } from './mix.ts'
import { streamEntries } from './stream-entries.ts'
import { streamIdentity } from './stream-identity.ts'

/** Circles of 400 people instead of tens of thousands. */
function smallWorld(circles: number, patterns: 1 | 2 | 4): CircleWorld {
  const plan = planCircles({ seed: 5, users: 1, patterns })
  const laws = { ...plan.laws, users: 400, saves: 30_000 }
  const small = { ...plan, laws, circles, patterns }
  const graphs = Array.from({ length: patterns }, (_, pattern) =>
    growSeedGraph({ laws, seed: 5, pattern }),
  )
  return circleWorld(small, graphs)
}

const one = new EventStream(smallWorld(1, 1))
const many = new EventStream(smallWorld(37, 4))
/** Of one pattern: a stream of it is made in a fourth of the time. */
const few = new EventStream(smallWorld(3, 1))
const cold = new EventStream(many.world, { name: 'cold-start' })
const stream = fc.constantFrom(one, many, cold)
const index = fc.oneof(fc.nat(300_000), fc.nat(2 ** 40))

const recordsOf = (of: EventStream, first: number, frames: number) => {
  const frame = emptyFrame()
  return Array.from({ length: frames }, (_, n) => {
    of.fill(frame, first + n * FRAME_EVENTS)
    return Array.from({ length: frame.count }, (_, at) => readFrame(frame, at, streamRecord()))
  }).flat()
}

test('event i is the i-th of the stream, whatever was asked before', () => {
  fc.assert(
    fc.property(stream, fc.array(index, { maxLength: 4 }), index, (of, others, i) => {
      const first = Math.floor(i / FRAME_EVENTS) * FRAME_EVENTS
      const expected = recordsOf(of, first, 1)[i - first]
      for (const other of others) of.at(other, streamRecord())
      expect(of.at(i, streamRecord())).toEqual(expected)
    }),
    { numRuns: 25 },
  )
})

test('the same for another stream of the same world', () => {
  const again = new EventStream(many.world)
  expect(recordsOf(again, 8 * FRAME_EVENTS, 2)).toEqual(recordsOf(many, 8 * FRAME_EVENTS, 2))
})

test('times ascend by whole units, within frames, over them and over days', () => {
  for (const of of [one, many]) {
    const day = Math.floor(of.dayEvents / FRAME_EVENTS) * FRAME_EVENTS
    for (const first of [0, day - FRAME_EVENTS]) {
      let last = -1
      for (const { time } of recordsOf(of, first, 3)) {
        expect(time).toBeGreaterThanOrEqual(last)
        expect((time - of.options.from) % of.unit).toBe(0)
        last = time
      }
    }
  }
})

test('sizes are above every number, also where days bring new ones', () => {
  for (const of of [one, many, cold]) {
    const first = Math.floor((3 * of.dayEvents) / FRAME_EVENTS) * FRAME_EVENTS
    const { users, pins, boards } = of.sizes(first + FRAME_EVENTS)
    for (const { user, pin, board } of recordsOf(of, first, 1)) {
      expect(user).toBeLessThan(users)
      expect(pin).toBeLessThan(pins)
      if (board !== NONE) expect(board).toBeLessThan(boards)
    }
  }
  expect(cold.sizes(cold.dayEvents).users).toBe(many.sizes(1).users)
  expect(cold.sizes(cold.dayEvents + 1).users).toBe(2 * many.sizes(1).users)
})

test('an identity is equal for equal streams alone', () => {
  const { world } = few
  const [graph, ...others] = world.graphs
  const other = { ...graph!, savePin: graph!.savePin.map((pin, n) => (n === 0 ? pin + 1 : pin)) }
  const { options, shape } = few
  const all = [
    few,
    many,
    cold,
    one,
    { world: { ...world, seed: 6 }, options, shape },
    { world: { ...world, laws: { ...world.laws, stay: 0.5 } }, options, shape },
    { world, options: { ...options, from: 0 }, shape },
    { world: { ...world, graphs: [other, ...others] }, options, shape },
  ].map((of) => JSON.stringify(streamIdentity(of)))
  expect(new Set(all).size).toBe(all.length)
  expect(streamIdentity(new EventStream(world))).toEqual(streamIdentity(few))
})

test('numbers are those that exist; boards belong to their user', () => {
  const { users, pins, boards, circles, graphs, patterns } = many.world
  const owners = new Map<number, number>()
  const wrong = recordsOf(many, 0, 30).filter(({ user, pin, board, kind, rank }) => {
    const exist = user < users * circles && pin < pins * circles
    const isPin = pin % pins < graphs[Math.floor(pin / pins) % patterns]!.pins
    const isRanked = (rank !== NO_RANK) === (kind === kindCode.impression)
    if (board === NONE) return !(exist && isPin && isRanked)
    const isFiled = [kindCode.save, kindCode.unsave].includes(kind) && board < boards * circles
    const owner = owners.get(board) ?? user
    owners.set(board, user)
    return !(exist && isPin && isRanked && isFiled && owner === user)
  })
  expect(wrong).toEqual([])
  expect(owners.size).toBeGreaterThan(1_000)
})

test('entries are those the API takes, and say what the events say', () => {
  const range = { from: FRAME_EVENTS - 50, to: FRAME_EVENTS + 50 }
  const records = recordsOf(many, 0, 2).slice(range.from, range.to)
  for (const [n, entry] of [...streamEntries(many, range)].entries()) {
    const { user, pin, time, kind, board } = records[n]!
    expect(entryProblem(entry)).toBeUndefined()
    const { id } = entry
    expect(entry).toMatchObject({
      id,
      time,
      user: `u${user}`,
      pin: `p${pin}`,
      kind: kindNames[kind],
    })
    expect(entry.board).toBe(board === NONE ? undefined : `b${board}`)
    expect(id).toBe(`e${range.from + n}`)
  }
})

test('saves grow the boards of the circle again, each once', () => {
  const graph = one.world.graphs[0]!
  const wanted = new Set(
    graph.savePin.keys().map((s) => `${graph.saveBoard[s]} ${graph.savePin[s]}`),
  )
  const saved = new Set<string>()
  let boardSaves = 0
  // A tenth of the growth, so that no kind of visit begins anew.
  for (const { kind, board, pin } of recordsOf(one, 0, 2)) {
    if (kind !== kindCode.save) continue
    expect(wanted.has(`${board} ${pin}`)).toBe(true)
    if (board === NONE) continue
    saved.add(`${board} ${pin}`)
    boardSaves++
  }
  expect(boardSaves).toBeGreaterThan(1_000)
  expect(saved.size).toBe(boardSaves)
})

test('an unsave takes back what the same person saved before', () => {
  const saved = new Set<string>()
  let unsaves = 0
  let known = 0
  for (const { kind, user, board, pin } of recordsOf(one, 0, 32)) {
    const key = `${user} ${board} ${pin}`
    if (kind === kindCode.save) saved.add(key)
    if (kind !== kindCode.unsave) continue
    unsaves++
    if (saved.has(key)) known++
  }
  expect(unsaves).toBeGreaterThan(500)
  // A visit over midnight has its end at its day's beginning: a visit lasts minutes of a day.
  expect(known / unsaves).toBeGreaterThan(0.97)
})

describe('named workloads', () => {
  const known = new Map<StreamName, ReturnType<typeof measured>>()
  /** A stream begins with the plan of its day, which takes longest. */
  const sharesOf = (name: StreamName) => {
    const found = known.get(name) ?? measured(name)
    known.set(name, found)
    return found
  }
  const measured = (name: StreamName) => {
    const records = recordsOf(new EventStream(few.world, { name }), 0, 20)
    const share = (keep: (r: (typeof records)[number]) => boolean) =>
      records.filter(keep).length / records.length
    return { records, share }
  }
  /** Four deviations of a share near a half of 81,920 events that come in visits of a dozen. */
  const ERROR = 0.025

  test.each(Object.keys(streamShapes) as StreamName[])('%s has the kinds of its mix', (name) => {
    const { mix } = streamShapes[name]
    const { share } = sharesOf(name)
    const impressions = mix.impressions / (1 + mix.impressions)
    expect(Math.abs(share((r) => r.kind === kindCode.impression) - impressions)).toBeLessThan(ERROR)
    const saves = mix.save * (1 - impressions)
    expect(Math.abs(share((r) => r.kind === kindCode.save) - saves)).toBeLessThan(ERROR)
    expect(share((r) => kindNames[r.kind] === undefined)).toBe(0)
  })

  test.each(['collect', 'feed'] as const)('%s has a save of ten events and more', (name) => {
    expect(sharesOf(name).share((r) => r.kind === kindCode.save)).toBeGreaterThan(0.1)
  })

  test('hot-pin: a fifth of events is about one pin of each circle', () => {
    const { share } = sharesOf('hot-pin')
    const hot = share((r) => r.pin % few.world.pins === 0)
    expect(hot).toBeGreaterThan(0.19)
    expect(hot).toBeLessThan(0.23)
  })

  test('cold-start: nobody and nothing is met again on another day', () => {
    const days = [0, 3].map((day) => {
      const first = Math.ceil((day * cold.dayEvents) / FRAME_EVENTS) * FRAME_EVENTS
      return recordsOf(cold, first, 10)
    })
    const users = new Set(days[0]!.map(({ user }) => user))
    expect(days[1]!.some(({ user }) => users.has(user))).toBe(false)
    expect(Math.min(...days[1]!.map(({ pin }) => pin))).toBeGreaterThan(many.world.pins * 37)
  })

  test('burst: a fifth of the day falls into ten minutes', () => {
    const burst = new EventStream(one.world, { name: 'burst' })
    const perMinute = new Float64Array(1440)
    for (const { time } of recordsOf(burst, 0, 16)) {
      perMinute[Math.floor((time - burst.options.from) / 60_000) % 1440]!++
    }
    const busiest = perMinute
      .toSorted()
      .slice(-11)
      .reduce((a, b) => a + b)
    expect(busiest / 65_536).toBeGreaterThan(0.19)
  })

  test('diurnal: nights are all but silent', () => {
    const diurnal = new EventStream(one.world, { name: 'diurnal' })
    const hours = new Float64Array(24)
    for (const { time } of recordsOf(diurnal, 0, 16)) hours[new Date(time).getUTCHours()]!++
    expect(hours[7]! / hours[19]!).toBeLessThan(0.02)
  })
})
