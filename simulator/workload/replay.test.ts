import { describe, expect, test } from 'vitest'
import { kindCode, NONE } from '../../base/index.ts'
import { replayDefaults, replayRecord, replayWorkload } from './replay.ts'

const EVENTS = 200_000
const options = { seed: 1, users: 5_000, pins: 40_000, boards: 15_000 }
const workload = replayWorkload(options)
const events = Array.from({ length: EVENTS }, (_, i) => {
  const event = replayRecord()
  workload.at(i, event)
  return event
})
const ofKind = (kind: keyof typeof kindCode) => events.filter((e) => e.kind === kindCode[kind])
const saves = ofKind('save')

function tally(keys: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

describe('the replay', () => {
  test('mixes kinds by its law', () => {
    // Shares of 200,000 deviate by at most 0.0011; four times that is allowed.
    const share = (kind: keyof typeof kindCode) => ofKind(kind).length / EVENTS
    expect(Math.abs(share('impression') - 0.6)).toBeLessThan(0.005)
    expect(Math.abs(share('save') - 0.16)).toBeLessThan(0.005)
    expect(Math.abs(share('closeup') - 0.14)).toBeLessThan(0.005)
    expect(Math.abs(share('unsave') - 0.02)).toBeLessThan(0.005)
  })

  test('users follow the law in the header', () => {
    const counts = [...tally(events.map((e) => e.user)).values()].sort((a, b) => b - a)
    const within = (ranks: number) => ((ranks + 1) ** 0.4 - 1) / ((options.users + 1) ** 0.4 - 1)
    for (const ranks of [50, 500, 2_500]) {
      const share = counts.slice(0, ranks).reduce((a, b) => a + b) / EVENTS
      // Sorting by count instead of rank raises the share a little, most in the flat tail.
      expect(share).toBeGreaterThan(within(ranks) - 0.004)
      expect(share).toBeLessThan(within(ranks) + 0.03)
    }
  })

  test('pins are heavy-tailed within their topics', () => {
    const counts = [...tally(events.map((e) => e.pin)).values()].sort((a, b) => b - a)
    const best = counts.slice(0, options.pins / 100).reduce((a, b) => a + b) / EVENTS
    // A hundredth is two of the 208 ranks of a topic: (3^0.2 - 1) / (209^0.2 - 1) = 0.129 by the
    // law, a little more once sorted by count; even draws would give 0.01.
    expect(best).toBeGreaterThan(0.125)
    expect(best).toBeLessThan(0.15)
    expect(counts.length).toBeGreaterThan(20_000)
  })

  test('boards are coherent', () => {
    const boards = Map.groupBy(
      saves.filter((save) => save.board !== NONE),
      (save) => save.board,
    )
    let most = 0
    let total = 0
    for (const list of boards.values()) {
      if (list.length < 5) continue
      most += Math.max(...tally(list.map((save) => workload.topicOf(save.pin))).values())
      total += list.length
    }
    expect(total).toBeGreaterThan(5_000)
    // Topics at random would give a board of ten saves about two of the commonest.
    expect(most / total).toBeGreaterThan(0.6)
  })

  test('an unsave takes back a save of the 64 events before it', () => {
    for (const [i, event] of events.entries()) {
      if (event.kind !== kindCode.unsave) continue
      const found = events
        .slice(Math.max(0, i - 64), i)
        .some((e) => e.kind === kindCode.save && e.user === event.user && e.pin === event.pin)
      expect(found).toBe(true)
    }
  })

  test('time goes on by the gap; weights are those of the kinds', () => {
    expect(events[1_000]!.time).toBe(replayDefaults.from + 1_000 * replayDefaults.gapMs)
    expect(saves[0]!.weight).toBe(1)
    expect(ofKind('hide')[0]!.weight).toBe(-1)
  })

  test('an entry says what the record says', () => {
    const i = events.findIndex((e) => e.kind === kindCode.save && e.board !== NONE)
    const { user, pin, board, time } = events[i]!
    expect(workload.entryAt(i)).toEqual({
      kind: 'save',
      id: `e${i}`,
      time,
      user: `u${user}`,
      pin: `p${pin}`,
      board: `b${board}`,
    })
  })
})
