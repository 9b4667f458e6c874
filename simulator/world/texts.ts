/**
 * What can be read of the world from outside: ids, titles, tags, a category. It is made from the
 * latent truth with mistakes: some tags are missing, some are wrong, some pins have none at all,
 * and the category (a family's name, as a shop or an editor would give it) is absent for every
 * seventh pin and wrong for every twentieth. Titles are English whatever the pin's language.
 */
import type { Random } from '../../base/index.ts'
import { capital, pinTitle } from './captions.ts'
import { NO_TOPIC } from './population.ts'
import { families, styles, topics } from './vocabulary.ts'
import type { World } from './world.ts'

export const userId = (user: number) => `u${user}`
export const pinId = (pin: number) => `p${pin}`
export const boardId = (board: number) => `b${board}`

const oneOf = (list: readonly string[], random: Random) => list[random.below(list.length)]!

export type PinText = {
  readonly title: string
  readonly tags: readonly string[]
  /** Name of a family, or absent. */
  readonly category?: string
}

/** Title, tags and category of a pin: the same whenever asked. */
export function pinText(world: World, pin: number): PinText {
  const random = world.random.split('text').split(pin)
  const topic = topics[world.pins.topic[pin]!]!
  const thing = oneOf(topic.things, random)
  const title = pinTitle(thing, world.pins.topic[pin]!, random)
  const tags = random.unit() < 0.06 ? [] : pinTags(world, pin, thing, random)
  const category = pinCategory(topic.family, random)
  return category === undefined ? { title, tags } : { title, tags, category }
}

function pinTags(world: World, pin: number, thing: string, random: Random): string[] {
  const topic = topics[world.pins.topic[pin]!]!
  const second = world.pins.second[pin]!
  const tags = new Set<string>()
  const maybe = (chance: number, tag: string) => {
    if (random.unit() < chance) tags.add(tag)
  }
  maybe(0.82, topic.name)
  maybe(0.55, thing)
  maybe(0.45, families[topic.family]!.name.toLowerCase())
  if (second !== NO_TOPIC) maybe(0.6, topics[second]!.name)
  maybe(0.3, styles[world.pins.style[pin]!]!)
  // A careless or hopeful tag: any topic at all.
  maybe(0.06, topics[random.below(world.options.topics)]!.name)
  return [...tags]
}

function pinCategory(family: number, random: Random): string | undefined {
  const luck = random.unit()
  if (luck < 1 / 7) return undefined
  return families[luck > 0.95 ? random.below(families.length) : family]!.name
}

const boardForms: readonly ((topic: string) => string)[] = [
  (topic) => capital(topic),
  (topic) => `${capital(topic)} to try`,
  (topic) => `${capital(topic)} ideas`,
  (topic) => `My ${topic}`,
  (topic) => `${capital(topic)}, someday`,
  (topic) => `${capital(topic)} notebook`,
  (topic) => `Best of ${topic}`,
  (topic) => `For later: ${topic}`,
]

export function boardTitle(world: World, board: number): string {
  const random = world.random.split('board text').split(board)
  const form = boardForms[random.below(boardForms.length)]!
  return form(topics[world.boards.topic[board]!]!.name)
}
