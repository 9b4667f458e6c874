import { describe, expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { createWorld, NO_TOPIC } from '../world/index.ts'
import {
  boardFit,
  examination,
  fileUnder,
  isForeign,
  MISFILED,
  NO_BOARD,
  noReaction,
  react,
  topicMatch,
  utility,
} from './index.ts'

const world = createWorld({
  seed: 5,
  users: 200,
  pins: 5_000,
  boards: 400,
  until: Date.UTC(2026, 0, 31),
})
const interestsOf = (user: number) => {
  const { interestStarts, interests } = world.users
  return interests.subarray(interestStarts[user]!, interestStarts[user + 1]!)
}
const pins = Array.from({ length: 5_000 }, (_, pin) => pin)
/** A pin of the user's first interest and one of no interest at all. */
const own = (user: number) => pins.filter((p) => world.pins.topic[p] === interestsOf(user)[0])
const strange = (user: number) => pins.filter((p) => topicMatch(world, user, p) === 0)

describe('liking', () => {
  test('the first interest counts 1, the second 0.65, a stranger 0', () => {
    const user = 3
    expect(topicMatch(world, user, own(user)[0]!)).toBe(1)
    expect(strange(user).length).toBeGreaterThan(1_000)
    const rich = [...Array(200).keys()].find((u) => {
      const [a, b] = interestsOf(u)
      return b !== undefined && Math.floor(a! / 12) !== Math.floor(b / 12)
    })!
    const second = pins.find(
      (p) => world.pins.topic[p] === interestsOf(rich)[1] && world.pins.second[p] === NO_TOPIC,
    )!
    expect(topicMatch(world, rich, second)).toBeCloseTo(0.65, 12)
  })

  test('a foreign language costs', () => {
    const user = world.users.language.indexOf(0)
    const foreign = pins.find((p) => isForeign(world, user, p))!
    const language = world.pins.language[foreign]!
    const before = utility(world, user, foreign)
    world.pins.language[foreign] = 0
    expect(utility(world, user, foreign) - before).toBeCloseTo(1.5, 12)
    world.pins.language[foreign] = language
  })
})

describe('reactions', () => {
  const count = (user: number, pin: number, rank: number, saved = false) => {
    const total = { viewed: 0, save: 0, hide: 0, closeup: 0 }
    const out = noReaction()
    for (let session = 0; session < 4_000; session++) {
      react(world, { user, pin, rank, saved }, new Random(session), out)
      total.viewed += out.viewed ? 1 : 0
      total.save += out.save ? 1 : 0
      total.hide += out.hide ? 1 : 0
      total.closeup += out.dwell > 0 ? 1 : 0
      if (!out.viewed) expect(out.save || out.hide || out.outbound || out.dwell > 0).toBe(false)
      expect(out.save && out.hide).toBe(false)
    }
    return total
  }

  test('what is seen depends on rank alone', () => {
    for (const rank of [0, 1, 8, 22]) {
      const { viewed } = count(1, own(1)[0]!, rank)
      // Four deviations of a share of 4,000 are at most 0.032.
      expect(Math.abs(viewed / 4_000 - examination(rank))).toBeLessThan(0.032)
      expect(count(1, strange(1)[0]!, rank).viewed).toBe(viewed)
    }
  })

  test('a pin of the first interest is saved ten times as often as a stranger, hidden less', () => {
    const liked = count(1, own(1)[0]!, 0)
    const other = count(1, strange(1)[0]!, 0)
    expect(liked.save).toBeGreaterThan(10 * other.save)
    expect(liked.closeup).toBeGreaterThan(other.closeup)
    expect(liked.hide).toBe(0)
    expect(other.hide).toBeGreaterThan(100)
  })

  test('what was saved before is looked at only', () => {
    expect(count(1, own(1)[0]!, 0, true)).toEqual({ viewed: 4_000, save: 0, hide: 0, closeup: 0 })
  })

  test('the answer at a rank does not depend on what was drawn before', () => {
    const shown = { user: 1, pin: own(1)[0]!, rank: 4, saved: false }
    const fresh = react(world, shown, new Random(9), noReaction())
    const used = new Random(9)
    for (let i = 0; i < 100; i++) used.u32()
    expect(react(world, shown, used, noReaction())).toEqual(fresh)
  })
})

describe('filing', () => {
  test('goes to the best board but for one in twenty', () => {
    const user = [...Array(200).keys()].find((u) => {
      const { ownedStarts } = world.boards
      return ownedStarts[u + 1]! - ownedStarts[u]! >= 3 && interestsOf(u).length >= 3
    })!
    const { owned, ownedStarts } = world.boards
    const boards = [...owned.subarray(ownedStarts[user]!, ownedStarts[user + 1]!)]
    const pin = own(user)[0]!
    const best = Math.max(...boards.map((board) => boardFit(world, board, pin)))
    expect(best).toBe(3)
    const random = new Random(2)
    let wrong = 0
    for (let i = 0; i < 4_000; i++) {
      const board = fileUnder(world, { user, pin }, random)
      expect(boards).toContain(board)
      if (boardFit(world, board, pin) < best) wrong++
    }
    const poor = boards.filter((board) => boardFit(world, board, pin) < best).length
    const expected = (MISFILED * poor) / boards.length
    // Four deviations of a share near 0.04 in 4,000 draws.
    expect(Math.abs(wrong / 4_000 - expected)).toBeLessThan(0.0125)
  })

  test('what fits nowhere has no board, but for one in twenty', () => {
    const user = 1
    const pin = strange(user).find((p) => boardFit(world, world.boards.owned[0]!, p) === 0)!
    const random = new Random(2)
    let none = 0
    for (let i = 0; i < 1_000; i++) {
      if (fileUnder(world, { user, pin }, random) === NO_BOARD) none++
    }
    expect(none).toBeGreaterThan(920)
    expect(none).toBeLessThan(980)
  })
})
