/**
 * What people had saved before the world starts, as those have who come with collections: over the
 * year before, a dozen and more saves each, of pins of the interests that they had then. Of a few
 * pins of the topic that exist the one is saved that appeals most, with noise of the size that
 * choices have (Gumbel: a softmax).
 */
import type { Entry } from '../../base/index.ts'
import { type Appeal, NO_INTENT, type Situation } from '../behaviour/index.ts'
import { DAY_MS, interestPlace, pinId, Shelves, topics, userId } from '../world/index.ts'
import type { People } from './people.ts'

export const archiveDefaults = Object.freeze({
  /** Saves of the least active; the most active has eight times as many, at most `savesMax`. */
  saves: 24,
  savesMax: 100,
  days: 365,
  /** Pins that one looks at before saving one. */
  looks: 12,
})

/** Saves in order of time, with the boards that they are filed on. The people remember them. */
export function archiveEntries(appeal: Appeal, people: People): Entry[] {
  const { world } = appeal
  const shelves = new Shelves(world)
  const saves = people.persons.flatMap(({ user }) => savesOf(appeal, shelves, user))
  saves.sort((a, b) => a.time - b.time || a.user - b.user)
  const entries: Entry[] = []
  for (const { user, pin, time } of saves) {
    if (people.known[user]!.has(pin)) continue
    people.known[user]!.add(pin)
    people.persons[user]!.saved.add(pin)
    const { board, made } = people.boards[user]!.file(world.pins.topic[pin]!, time)
    if (made) entries.push(made)
    const id = `e${people.events++}`
    const save = { kind: 'save' as const, id, time, user: userId(user), pin: pinId(pin) }
    entries.push(board === undefined ? save : { ...save, board })
  }
  return entries
}

type Save = { readonly user: number; readonly pin: number; readonly time: number }

function savesOf(appeal: Appeal, shelves: Shelves, user: number): Save[] {
  const { world } = appeal
  const born = world.bornAt(world.options.from)
  const { saves, savesMax, days, looks } = archiveDefaults
  const random = world.random.split('archive').split(user)
  const count = Math.min(savesMax, random.poisson(saves * world.users.activity[user]!))
  const found: Save[] = []
  for (let n = 0; n < count; n++) {
    const time = Math.floor(world.options.from - DAY_MS * days * random.unit())
    const interests = world.interestsAt(user, time)
    const intent = interests[interestPlace(random.unit(), interests.length)]!
    const seen = new Float32Array(topics.length)
    const now: Situation = { user, time, device: 'desktop', interests, intent: NO_INTENT, seen }
    const shelf = shelves.born(intent, born)
    let best = -1
    let most = Number.NEGATIVE_INFINITY
    for (let look = 0; look < looks && shelf > 0; look++) {
      const pin = shelves.pin(intent, random.below(shelf))
      const wants = appeal.of(pin, now) + random.gumbel()
      if (world.pins.birth[pin]! > time || wants < most) continue
      most = wants
      best = pin
    }
    if (best >= 0) found.push({ user, pin: best, time })
  }
  return found
}
