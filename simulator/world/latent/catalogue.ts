/**
 * What can be read of a latent world from outside: its people and pins as entries of the catalogue.
 * Of tags 15 % are missing and 10 % are another topic's; a category is a family's name, absent for
 * one pin in seven and wrong for one in twenty. The look and the quality of a pin are told by no
 * word; the look is to be seen in its picture.
 */
import type { PinEntry, Random, UserEntry } from '../../../base/index.ts'
import { pinDescription, pinTitle } from '../captions.ts'
import { LOOK_SIZE } from '../circle/people.ts'
import { blankPng, picturePng, type Subject } from '../pictures/index.ts'
import { pinId, userId } from '../texts.ts'
import { families, languages, topics } from '../vocabulary.ts'
import { type LatentWorld, NO_SECOND } from './latent-world.ts'

const MISSING = 0.15
const WRONG = 0.1

export function userEntry(world: LatentWorld, user: number): UserEntry {
  return { kind: 'user', id: userId(user), time: world.options.from - 1 }
}

export function pinEntry(world: LatentWorld, pin: number): PinEntry {
  const { pins, options } = world
  const random = world.random.split('text').split(pin)
  const topic = pins.topic[pin]!
  const things = topics[topic]!.things
  const thing = things[random.below(things.length)]!
  const title = pinTitle(thing, topic, random)
  const category = categoryOf(world, topic, random)
  const description = pinDescription(topic, world.random.split('description').split(pin))
  const birth = pins.birth[pin]!
  return {
    kind: 'pin',
    id: pinId(pin),
    time: birth,
    created: birth,
    ...(options.switches.pictures && { title, ...(description !== undefined && { description }) }),
    tags: tagsOf(world, pin, thing, random),
    ...(category !== undefined && { topic: category }),
    language: languages[pins.language[pin]!]!.code,
  }
}

/** What the picture of a pin is drawn from. */
export function pinSubject({ pins, random }: LatentWorld, pin: number): Subject {
  const look = pins.look.subarray(pin * LOOK_SIZE, (pin + 1) * LOOK_SIZE)
  return { topic: pins.topic[pin]!, look, random: random.split('picture').split(pin) }
}

/** The picture of a pin as a PNG; without pictures in the world the one that all pins have. */
export function pinPicture(world: LatentWorld, pin: number): Buffer {
  return world.options.switches.pictures ? picturePng(pinSubject(world, pin)) : blankPng()
}

function tagsOf(world: LatentWorld, pin: number, thing: string, random: Random): string[] {
  const { pins, options } = world
  const { tagErrors } = options.switches
  const tags = new Set<string>()
  const say = (topic: number) => {
    const luck = random.unit()
    const other = topics[world.topicAt(random.unit())]!.name
    if (!tagErrors) tags.add(topics[topic]!.name)
    else if (luck >= MISSING) tags.add(luck < MISSING + WRONG ? other : topics[topic]!.name)
  }
  say(pins.topic[pin]!)
  if (pins.second[pin] !== NO_SECOND) say(pins.second[pin]!)
  if (random.unit() < 0.5) tags.add(thing)
  return [...tags]
}

function categoryOf(world: LatentWorld, topic: number, random: Random): string | undefined {
  const { family } = topics[topic]!
  if (!world.options.switches.tagErrors) return families[family]!.name
  const luck = random.unit()
  if (luck < 1 / 7) return undefined
  return families[luck > 0.95 ? random.below(families.length) : family]!.name
}
