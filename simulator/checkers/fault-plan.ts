/** Which faults strike in a run, and when: after so many entries were sent, and a little later. */
import type { Random } from '../../base/index.ts'
import { type Fault, faults, type HostSizes, type Trace, type World } from '../faults/index.ts'

type Planned = { readonly fault: Fault; readonly after: number }

/** What waits for a moment at which it can strike is tried again. */
const AGAIN_MS = 4
const LATER_MS = 8

export class FaultPlan {
  readonly #world: World
  readonly #trace: Trace
  readonly #planned: Planned[]
  #sent = 0
  #striking = 0

  /** `entries` is how many will be sent at least. */
  constructor(world: World, trace: Trace, sizes: HostSizes, entries: number) {
    this.#world = world
    this.#trace = trace
    this.#planned = chosen(world.random, sizes)
      .map((fault) => ({ fault, after: world.random.below(entries) }))
      .sort((a, b) => a.after - b.after)
  }

  /** Whether every fault has struck. */
  get isDone(): boolean {
    return this.#planned.length === 0 && this.#striking === 0
  }

  /** So many more entries were sent. */
  noteSent(count: number): void {
    this.#sent += count
    while (this.#planned.length > 0 && this.#planned[0]!.after <= this.#sent) {
      const { fault } = this.#planned.shift()!
      this.#striking++
      this.#world.time.after(this.#world.random.below(LATER_MS), () => this.#strike(fault))
    }
  }

  #strike(fault: Fault): void {
    if (fault.strike(this.#world)) {
      this.#striking--
      this.#trace.count(`fault: ${fault.name}`)
    } else this.#world.time.after(AGAIN_MS, () => this.#strike(fault))
  }
}

/** One or two that end the host's life, and two or three that do not. */
function chosen(random: Random, sizes: HostSizes): Fault[] {
  const allowed = faults.filter(({ fits }) => fits === undefined || fits(sizes))
  const some = (ends: boolean, count: number) => {
    const these = allowed.filter((fault) => fault.ends === ends)
    return Array.from({ length: count }, () => these[random.below(these.length)]!)
  }
  return [...some(true, random.below(6) === 0 ? 2 : 1), ...some(false, 2 + random.below(2))]
}
