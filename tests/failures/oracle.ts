/**
 * What a driver was told, and what must be so: every acknowledged event has its effect on its user
 * and its pin once, an event that was never acknowledged at most once, and a user's actions lie in
 * their order.
 */
export type Told = { readonly user: string; readonly pin: string; readonly event: string }

export type Violation = {
  readonly what: 'lost' | 'doubled' | 'disordered' | 'repeated'
  readonly about: string
}

type Range = { least: number; most: number }

export class Oracle {
  readonly #users = new Map<string, Range>()
  readonly #pins = new Map<string, Range>()
  readonly violations: Violation[] = []
  acknowledged = 0

  /** An event is on its way: it may have its effect from now on. */
  sent({ user, pin }: Told): void {
    range(this.#users, user).most++
    range(this.#pins, pin).most++
  }

  acknowledge({ user, pin }: Told): void {
    range(this.#users, user).least++
    range(this.#pins, pin).least++
    this.acknowledged++
  }

  get users(): string[] {
    return [...this.#users.keys()]
  }

  get pins(): string[] {
    return [...this.#pins.keys()]
  }

  /** What is wrong with how often events of a user or on a pin had their effect, if anything. */
  judge(kind: 'user' | 'pin', id: string, count: number): Violation | undefined {
    const { least, most } = range(kind === 'user' ? this.#users : this.#pins, id)
    const wanted = least === most ? `${least}` : `${least} to ${most}`
    const about = `${kind} ${id} has ${count}, not ${wanted}`
    // What nobody says is not there.
    if (!(count >= least)) return { what: 'lost', about }
    return count > most ? { what: 'doubled', about } : undefined
  }

  /** Of what a user's actor holds: actions by time, as `Driver` numbers them. */
  judgeOrder(user: string, times: readonly number[]): Violation | undefined {
    const place = times.findIndex((time, n) => n > 0 && time < times[n - 1]!)
    if (place < 0) return undefined
    return { what: 'disordered', about: `user ${user}: ${times[place]} behind ${times[place - 1]}` }
  }

  /** Pins of an answer: each once. */
  judgeFeed(user: string, pins: readonly string[]): void {
    if (new Set(pins).size === pins.length) return
    this.violations.push({ what: 'repeated', about: `feed of ${user}: ${pins.join(' ')}` })
  }
}

function range(of: Map<string, Range>, id: string): Range {
  const found = of.get(id) ?? { least: 0, most: 0 }
  of.set(id, found)
  return found
}
