/** Boards of a person, as they grow: one about each topic that they saved enough of. */
import type { BoardEntry } from '../../base/index.ts'
import { topics, userId } from '../world/index.ts'

/** Saves of a topic that go to no board before one is made. */
const SAVES_BEFORE = 2
/** Boards of one person, at most. */
export const BOARDS_MAX = 16

/** Outside id of a person's board: the `nth` that they make, about a topic. */
export type BoardName = (board: {
  readonly user: number
  readonly topic: number
  readonly nth: number
}) => string

/** In the order in which they are made. */
const numbered: BoardName = ({ user, nth }) => `b${user}_${nth}`
/** By what they are about, so that who knows a person knows their boards. */
export const boardAbout: BoardName = ({ user, topic }) => `b${user}_${topic}`

export class PersonBoards {
  readonly #user: number
  readonly #name: BoardName
  readonly #boards = new Map<number, string>()
  readonly #loose = new Map<number, number>()

  constructor(user: number, name: BoardName = numbered) {
    this.#user = user
    this.#name = name
  }

  copy(): PersonBoards {
    const other = new PersonBoards(this.#user, this.#name)
    for (const [topic, board] of this.#boards) other.#boards.set(topic, board)
    for (const [topic, saves] of this.#loose) other.#loose.set(topic, saves)
    return other
  }

  /**
   * The board for a pin of this topic, and its entry where it is new; neither while too few fit.
   */
  file(topic: number, time: number): { readonly board?: string; readonly made?: BoardEntry } {
    const { family } = topics[topic]!
    const known = this.#boards.get(topic)
    if (known) return { board: known }
    const loose = (this.#loose.get(topic) ?? 0) + 1
    this.#loose.set(topic, loose)
    if (loose <= SAVES_BEFORE || this.#boards.size === BOARDS_MAX) {
      // Until then a board of the family will do.
      for (const [about, board] of this.#boards) {
        if (topics[about]!.family === family) return { board }
      }
      return {}
    }
    const board = this.#name({ user: this.#user, topic, nth: this.#boards.size })
    this.#boards.set(topic, board)
    const title = topics[topic]!.name
    const made = { kind: 'board' as const, id: board, time, user: userId(this.#user), title }
    return { board, made }
  }
}
