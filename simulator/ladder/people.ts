/** The people of a world: what each remembers, and what of theirs is known outside. */
import type { Entry, EpochMs } from '../../base/index.ts'
import { type Appeal, Person, PersonBoards } from '../behaviour/index.ts'
import { DAY_MS, pinEntry, userEntry } from '../world/index.ts'

export class People {
  readonly persons: Person[]
  readonly boards: PersonBoards[]
  /** When each comes next; Infinity: never. */
  readonly next: Float64Array
  readonly known: Set<number>[]
  /** Topics of which each opened something. */
  readonly opened: Set<number>[]
  /** Pins that the catalogue has told of. */
  told = 0
  events = 0

  constructor(appeal: Appeal, from: EpochMs) {
    const { users } = appeal.world.options
    const first = appeal.world.random.split('first visit')
    this.persons = Array.from({ length: users }, (_, user) => new Person(appeal, user))
    this.boards = this.persons.map(({ user }) => new PersonBoards(user))
    this.known = this.persons.map(() => new Set<number>())
    this.opened = this.persons.map(() => new Set<number>())
    // One in five joins while the world runs, the others come within its first days.
    this.next = Float64Array.from(this.persons, (_, user) => {
      const random = first.split(user)
      return from + DAY_MS * (random.unit() < 0.2 ? 28 : 3) * random.unit()
    })
  }

  /** People and pins of whom nobody heard, up to a time. */
  tell(appeal: Appeal, time: EpochMs): Entry[] {
    const { world } = appeal
    const entries: Entry[] = []
    if (this.told === 0) for (const { user } of this.persons) entries.push(userEntry(world, user))
    const born = world.bornAt(time)
    // Pins differ however alike their words: each has a picture of its own, where there are any.
    const { pictures } = world.options.switches
    for (; this.told < born; this.told++) {
      const entry = pinEntry(world, this.told)
      entries.push(pictures ? { ...entry, image: `pictures/${entry.id}.png` } : entry)
    }
    return entries
  }

  /** A copy that goes its own way. */
  copy(appeal: Appeal): People {
    const other = new People(appeal, 0)
    other.next.set(this.next)
    other.told = this.told
    other.events = this.events
    for (const [user, person] of this.persons.entries()) {
      other.persons[user] = person.copy()
      other.boards[user] = this.boards[user]!.copy()
      other.known[user] = new Set(this.known[user])
      other.opened[user] = new Set(this.opened[user])
    }
    return other
  }
}
