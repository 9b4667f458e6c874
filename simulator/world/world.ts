/**
 * The latent world: who likes what, what a pin is about, how good it is. Every user, pin and board
 * is drawn from its own stream, named by (seed, kind, index), so nobody depends on how many others
 * there are or in which order they are asked for; the columns only remember the draws (about 26
 * bytes a pin, 30 a user). Recommenders never see any of it: they see the entries that `workload`
 * and `texts.ts` make from it.
 *
 * Laws
 * - Topics are chosen with weight (rank + 3)^-0.8 over a seeded order of the vocabulary.
 * - A pin's appeal is u^-0.85 with u uniform: a Pareto law with index 1 / 0.85, capped at 400.
 * - A user's activity a is u^-0.5, capped at 12; interests number at most 1 + Poisson(1.3 + log2 a)
 *   (the busy have more of them), the j-th weighing 0.65^j, each with chance 0.35 from the family
 *   of the one before.
 * - Pins are numbered by birth. The archive grows: the pin at share x of the numbers is
 *   `spanDays` (1 - x)^1.8 old, so a quarter of them is younger than two months.
 */
import { assert, type EpochMs, Random } from '../../base/index.ts'
import {
  type Boards,
  createBoards,
  createPins,
  createUsers,
  type Pins,
  type Shelves,
  shelve,
  topicLaw,
  type Users,
  type WorldOptions,
} from './population.ts'
import { topics } from './vocabulary.ts'
import { countBelow } from './weighted.ts'

export type World = {
  readonly options: Required<WorldOptions>
  /** The root of every stream of this world. */
  readonly random: Random
  readonly pins: Pins
  readonly users: Users
  readonly boards: Boards
  readonly shelves: Shelves
}

export function createWorld(options: WorldOptions): World {
  const full = { topics: topics.length, spanDays: 720, ...options }
  assert(full.topics >= 1 && full.topics <= topics.length, 'topics come from the vocabulary')
  assert(full.users >= 1 && full.pins >= 1 && full.boards >= 0, 'a world has users and pins')
  const random = new Random(full.seed).split('world')
  const topicOf = topicLaw(full.topics, random.split('topics'))
  const pins = createPins(full, random.split('pin'), topicOf)
  const users = createUsers(full, random.split('user'), topicOf)
  const boards = createBoards(full, random.split('board'), users)
  return { options: full, random, pins, users, boards, shelves: shelve(pins, full.topics) }
}

/** Weight of a user's j-th interest against the one before. */
export const INTEREST_DECAY = 0.65

/** How many pins are born before `time`: they are the first that many numbers. */
export function pinsBorn(world: World, time: EpochMs): number {
  const birth = world.pins.birth
  return countBelow(birth, { from: 0, to: birth.length }, time)
}

/** How many pins of `topic` are among the first `born` pins. */
export function shelfBorn(world: World, topic: number, born: number): number {
  const { starts, pins } = world.shelves
  return countBelow(pins, { from: starts[topic]!, to: starts[topic + 1]! }, born)
}
