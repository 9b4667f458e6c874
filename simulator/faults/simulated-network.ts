/**
 * A network between simulated processes. A call takes time both ways, which the seed chooses, so
 * calls overtake each other. It may be lost on its way there or, when it was carried out already,
 * on its way back; its connection may break, and it is sent again, as `callActor` in Dapr's router
 * does, while the first copy goes on; a link may be cut.
 *
 * A caller always hears something: the answer, or after a while that there is none. It then gives
 * up the call, which may go on being carried out, or begin later.
 */
import type { Random } from '../../base/index.ts'
import type { Happenings } from './happenings.ts'
import type { SimulatedProcess, VirtualTime } from './virtual-time.ts'

/** Something with an address. A process that was killed is followed by another at the same. */
export type SimulatedNode = { readonly name: string; process: SimulatedProcess }

/** A call as the one who carries it out sees it. */
export type SimulatedCall = {
  /** Whether its caller waits no more. */
  isGivenUp: boolean
  onGivenUp: () => void
}

/** Nobody answered: the call was carried out, or was not, or will be. */
export class Unanswered extends Error {}

export const networkDefaults = Object.freeze({ delayMs: 1, waitMs: 250 })

/** How soon a connection breaks that breaks. */
const BREAKS_MS = 8

type Link = {
  lostRequests: number
  lostReplies: number
  twice: number
  isCut: boolean
  /** How long callers wait for a call that is under way. */
  patienceMs: number
}
type Open = { readonly caller: SimulatedProcess; readonly giveUp: () => void }

/** Nothing is lost, and callers wait. */
export const calmLink: Link = Object.freeze({
  lostRequests: 0,
  lostReplies: 0,
  twice: 0,
  isCut: false,
  patienceMs: Number.POSITIVE_INFINITY,
})

export class SimulatedNetwork {
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #happenings: Happenings
  readonly #links = new Map<string, Link>()
  /** Calls on their way, by who carries them out. */
  readonly #open = new Map<SimulatedProcess, Set<Open>>()
  delayMs: number = networkDefaults.delayMs

  constructor(time: VirtualTime, random: Random, happenings: Happenings) {
    this.#time = time
    this.#random = random
    this.#happenings = happenings
  }

  /** Whether no call is under way, not even one whose caller's caller gave up. */
  get isIdle(): boolean {
    return [...this.#open.values()].every((calls) => calls.size === 0)
  }

  /** Changes how calls from one node to another fare; chances are from 0 to 1. */
  disturb(from: string, to: string, change: Partial<Link>): void {
    this.#links.set(`${from}>${to}`, { ...this.#link(from, to), ...change })
  }

  calm(): void {
    this.#links.clear()
    this.delayMs = networkDefaults.delayMs
  }

  /** Has `run` carried out by the process at `to`. Throws what it throws, or `Unanswered`. */
  call<T>(
    from: SimulatedNode,
    to: SimulatedNode,
    run: (call: SimulatedCall) => Promise<T>,
  ): Promise<T> {
    const link = this.#link(from.name, to.name)
    if (!this.#isHit(link.twice)) return this.#copy(from, to, run, link)
    return this.#copy(from, to, run, { ...link, patienceMs: BREAKS_MS }).catch((error) => {
      if (!(error instanceof Unanswered)) throw error
      this.#happenings.add('a call came twice')
      return this.#copy(from, to, run, link)
    })
  }

  #copy<T>(
    from: SimulatedNode,
    to: SimulatedNode,
    run: (call: SimulatedCall) => Promise<T>,
    link: Link,
  ): Promise<T> {
    const [caller, callee] = [from.process, to.process]
    const call: SimulatedCall = { isGivenUp: false, onGivenUp: () => {} }
    return new Promise((resolve, reject) => {
      let isOver = false
      const open: Open = {
        caller,
        giveUp: () => {
          if (isOver) return
          isOver = true
          call.isGivenUp = true
          this.#open.get(callee)?.delete(open)
          call.onGivenUp()
          caller.do(() => reject(new Unanswered(`${to.name} does not answer`)))
        },
      }
      const answer = (settle: () => void) => {
        const fate = this.#link(from.name, to.name)
        if (fate.isCut || this.#isHit(link.lostReplies)) {
          this.#happenings.add('a reply was lost')
          return this.#giveUpLater(open)
        }
        return this.#time.after(this.#delay(), () => {
          if (isOver) return
          isOver = true
          this.#open.get(callee)?.delete(open)
          caller.do(settle)
        })
      }
      this.#opened(callee).add(open)
      if (link.isCut || this.#isHit(link.lostRequests)) {
        this.#happenings.add('a request was lost')
        this.#giveUpLater(open)
        return
      }
      const delay = this.#delay()
      if (link.patienceMs < Number.POSITIVE_INFINITY) {
        this.#time.after(link.patienceMs * this.#random.unit(), open.giveUp)
      }
      this.#time.after(delay, () => {
        if (!callee.isAlive) return open.giveUp()
        if (callee.isPaused) this.#giveUpLater(open)
        callee.do(() => {
          run(call).then(
            (value) => callee.do(() => answer(() => resolve(value))),
            (error: unknown) => callee.do(() => answer(() => reject(error))),
          )
        })
      })
    })
  }

  /** A process was killed: connections to it break, and those who carry out its calls hear it. */
  broken(process: SimulatedProcess): void {
    for (const open of this.#open.get(process) ?? []) {
      this.#time.after(this.#delay(), open.giveUp)
    }
    for (const calls of this.#open.values()) {
      for (const open of calls) {
        if (open.caller === process) this.#time.after(this.#delay(), open.giveUp)
      }
    }
  }

  /** A process stands still: callers wait no longer than usual. */
  stalled(process: SimulatedProcess): void {
    for (const open of this.#open.get(process) ?? []) {
      this.#giveUpLater(open)
    }
  }

  /** Some wait far longer than others. */
  #giveUpLater(open: Open): () => void {
    return this.#time.after(networkDefaults.waitMs * (0.2 + this.#random.unit()), open.giveUp)
  }

  #link(from: string, to: string): Link {
    return this.#links.get(`${from}>${to}`) ?? calmLink
  }

  #isHit(chance: number): boolean {
    return chance > 0 && this.#random.unit() < chance
  }

  #delay(): number {
    return this.delayMs * (0.2 + this.#random.unit())
  }

  #opened(callee: SimulatedProcess): Set<Open> {
    let calls = this.#open.get(callee)
    if (!calls) {
      calls = new Set()
      this.#open.set(callee, calls)
    }
    return calls
  }
}
