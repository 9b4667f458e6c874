/**
 * What users were last shown by answers, before any impression tells so. In the memory of the
 * process that answers: after a restart it is empty, and impressions in the log remember for good.
 *
 * At most `usersMax` users, the longest unasked leave first; 16 bytes an answer and 8 a pin.
 */
import { type EpochMs, limits } from '../../base/index.ts'

type Answer<Pin> = { readonly at: EpochMs; readonly pins: readonly Pin[] }
export type ServedWindow = { readonly requests: number; readonly hours: number }

export const servedDefaults = Object.freeze({ usersMax: 20_000 })
const HOUR_MS = 3_600_000

/** `Pin`: as whoever asks names them. */
export class ServedMemory<Pin> {
  /** Newest last; users in the order in which they were last answered. */
  readonly #answers = new Map<string, Answer<Pin>[]>()
  readonly #usersMax: number

  constructor(usersMax: number = servedDefaults.usersMax) {
    this.#usersMax = usersMax
  }

  /** Pins of the last answers to this user within the window, each once, newest first. */
  of(user: string, at: EpochMs, { requests, hours }: ServedWindow): Pin[] {
    if (requests === 0) return []
    const answers = this.#answers.get(user) ?? []
    const lately = answers.slice(-requests).filter((answer) => at - answer.at < hours * HOUR_MS)
    return [...new Set(lately.reverse().flatMap(({ pins }) => pins))]
  }

  remember(user: string, at: EpochMs, pins: readonly Pin[]): void {
    const answers = [...(this.#answers.get(user) ?? []), { at, pins }]
    this.#answers.delete(user)
    this.#answers.set(user, answers.slice(-limits.servedAnswersMax))
    if (this.#answers.size <= this.#usersMax) return
    for (const longest of this.#answers.keys()) {
      this.#answers.delete(longest)
      return
    }
  }

  forget(user: string): void {
    this.#answers.delete(user)
  }
}
