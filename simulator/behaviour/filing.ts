/** Where a user files a pin: the board that fits best, now and then a wrong one. */
import type { Random } from '../../base/index.ts'
import { topics, type World } from '../world/index.ts'

/** Means the user's implicit board. */
export const NO_BOARD = -1

export const MISFILED = 0.05

/**
 * The board of `user` for `pin`: one of the pin's topic, else one of its family, else none. With
 * chance 0.05 any of the user's boards.
 */
export function fileUnder(
  world: World,
  { user, pin }: { readonly user: number; readonly pin: number },
  random: Random,
): number {
  const { owned, ownedStarts } = world.boards
  const from = ownedStarts[user]!
  const count = ownedStarts[user + 1]! - from
  if (count === 0) return NO_BOARD
  if (random.unit() < MISFILED) return owned[from + random.below(count)]!
  let best = NO_BOARD
  let bestFit = 0
  for (let i = from; i < from + count; i++) {
    const fit = boardFit(world, owned[i]!, pin)
    if (fit > bestFit) {
      best = owned[i]!
      bestFit = fit
    }
  }
  return best
}

/** 3 where the board is about the pin's topic, 2 its second topic, 1 its family, else 0. */
export function boardFit(world: World, board: number, pin: number): number {
  const about = world.boards.topic[board]!
  if (about === world.pins.topic[pin]) return 3
  if (about === world.pins.second[pin]) return 2
  return topics[about]!.family === topics[world.pins.topic[pin]!]!.family ? 1 : 0
}
