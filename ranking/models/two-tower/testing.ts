/** A small world in which tags decide who saves what. */
import { Random } from '../../../base/index.ts'
import { type Rows, rowsFrom } from '../../algebra/index.ts'
import type { TwoTowerOptions } from './fit-two-tower.ts'
import type { PinTags } from './tag-bags.ts'

export const PLANTED_PINS = 240
const USERS = 160
const TASTES = 6

/** The taste that a pin belongs to. */
export const tasteOf = (pin: number) => pin % TASTES

/**
 * Each user saves pins of two tastes out of six. A pin has one of the three tags of its taste and
 * one that says nothing. `cold` are the pins from there on, which nobody has saved.
 */
export function planted(seed: number, cold = PLANTED_PINS): { rows: Rows; tags: PinTags } {
  const random = new Random(seed)
  const tags = Array.from({ length: PLANTED_PINS }, (_, pin) => [
    `taste ${tasteOf(pin)} ${random.below(3)}`,
    `colour ${random.below(5)}`,
  ])
  const rows = Array.from({ length: USERS }, (_, user) => {
    const likes = likesOf(user)
    const liked = Array.from({ length: cold }, (_, pin) => pin).filter((pin) => {
      return likes.includes(tasteOf(pin))
    })
    return random.shuffle(liked).slice(0, 14)
  })
  return { rows: rowsFrom(rows), tags }
}

/** Two of the tastes. */
export function likesOf(user: number): readonly number[] {
  return [user % TASTES, (user + 1 + (user % 2)) % TASTES]
}

/** So that a fit takes a second. */
export const small: Partial<TwoTowerOptions> = {
  width: 16,
  historyPins: 4,
  epochs: 6,
  batch: 64,
  learningRate: 0.01,
}
