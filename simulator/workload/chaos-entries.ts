/**
 * Entries of one client of a simulated host: every kind that there is, some poisonous to an actor
 * type, some sent twice within a batch. Each client has users of its own and shares pins, boards
 * and tags with the others.
 */
import type { DeclaredKind, DeclaredKinds, Entry, EventKind, Random } from '../../base/index.ts'

/** Kinds that the operator of a simulated host has declared. */
export const chaosKinds: DeclaredKinds = new Map([
  ['purchase', 2],
  ['dislike', -1],
])

export const chaosIds = Object.freeze({
  pins: Array.from({ length: 40 }, (_, n) => `p${n}`),
  /** Beyond an inline slot of the dictionary, and beyond ASCII. */
  boards: ['b0', 'b1', 'a board with a long name', 'brett-ä'],
  tags: ['red', 'green', 'blue', 'grün'],
})

const USERS_PER_CLIENT = 3
const SHARE_TWICE = 0.03
const SHARE_POISON = 0.005
const DAY_MS = 86_400_000
const FIRST_TIME = 1_700_000_000_000
const DAYS = 12

type Kind = EventKind | 'purchase' | 'dislike' | 'pin' | 'board' | 'user' | Deletion
type Deletion = 'delete-pin' | 'delete-board' | 'delete-user'

/** Of a hundred entries. */
const shares: readonly (readonly [kind: Kind, share: number])[] = [
  ['impression', 30],
  ['save', 26],
  ['closeup', 14],
  ['hide', 5],
  ['unsave', 5],
  ['outbound', 4],
  ['follow-topic', 3],
  ['purchase', 2],
  ['dislike', 2],
  ['pin', 4],
  ['board', 2],
  ['user', 1],
  ['delete-pin', 1],
  ['delete-board', 0.5],
  ['delete-user', 0.5],
]

const kindByPercent = shares.flatMap(([kind, share]) => new Array<Kind>(share * 2).fill(kind))

export class ChaosEntries {
  readonly users: readonly string[]
  readonly #client: string
  readonly #random: Random
  readonly #poison: number
  #made = 0

  /** `poisonWeight` is what an actor type cannot take. */
  constructor(client: string, random: Random, poisonWeight: number) {
    this.#client = client
    this.#random = random
    this.#poison = poisonWeight
    this.users = Array.from({ length: USERS_PER_CLIENT }, (_, n) => `${client}-${n}`)
  }

  batch(count: number): Entry[] {
    const entries: Entry[] = []
    while (entries.length < count) {
      const isAgain = entries.length > 0 && this.#random.unit() < SHARE_TWICE
      entries.push(isAgain ? this.#oneOf(entries) : this.#entry())
    }
    return entries
  }

  #entry(): Entry {
    const n = this.#made++
    const kind = this.#oneOf(kindByPercent)
    const { boards, tags, pins } = chaosIds
    // Unlike any other of this kind and id.
    const clientPart = Number(this.#client.slice(1)) / 8
    const days = Math.floor(this.#random.unit() * DAYS)
    const time = FIRST_TIME + days * DAY_MS + n + clientPart
    const pin = this.#oneOf(pins)
    switch (kind) {
      case 'pin':
        return { kind, id: pin, time, title: `Pin ${n}`, topic: this.#oneOf(tags), tags: [...tags] }
      case 'board':
        return { kind, id: this.#oneOf(boards), time, user: this.#oneOf(this.users) }
      case 'delete-pin':
        return { kind, id: pin, time }
      case 'delete-board':
        return { kind, id: this.#oneOf(boards), time }
      case 'user':
        return { kind, id: this.#oneOf(this.users), time }
      case 'delete-user':
        return { kind, id: `gone-${this.#client}`, time }
      default:
        return this.#event(kind, { id: `${n}`, time, pin })
    }
  }

  #event(
    kind: EventKind | 'purchase' | 'dislike',
    { id, time, pin }: { id: string; time: number; pin: string },
  ): Entry {
    const user = this.#oneOf(this.users)
    if (kind === 'follow-topic') {
      return { kind, id, time, user, topic: this.#oneOf(chaosIds.tags) }
    }
    const isPoison = this.#random.unit() < SHARE_POISON
    const hasBoard = kind === 'save' && this.#random.below(2) === 0
    return {
      kind: kind as EventKind | DeclaredKind,
      id,
      time,
      user,
      pin,
      ...(hasBoard && { board: this.#oneOf(chaosIds.boards) }),
      ...(isPoison && { weight: this.#poison }),
    }
  }

  #oneOf<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)]!
  }
}
