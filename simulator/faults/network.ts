/**
 * The way between clients and the host: it takes time, and may lose a request or an answer. A
 * client that hears nothing for a while does not know whether the host did what it asked.
 */
import type { Runtime } from '../../actors/index.ts'
import { errorCode } from '../../base/index.ts'
import type { OperatedHost } from './operated-host.ts'
import type { Trace } from './trace.ts'
import type { VirtualTime } from './virtual-time.ts'

export type Outcome<T> =
  | { readonly kind: 'answer'; readonly value: T }
  /** The host refused it, with this code. */
  | { readonly kind: 'refusal'; readonly code: string }
  /** Nobody listens. */
  | { readonly kind: 'down' }
  /** No answer came. */
  | { readonly kind: 'silence' }

const TIMEOUT_MS = 250
const ONE_WAY_MS = 0.2

export class Network {
  requestsToLose = 0
  answersToLose = 0
  readonly #time: VirtualTime
  readonly #host: OperatedHost
  readonly #trace: Trace

  constructor(time: VirtualTime, host: OperatedHost, trace: Trace) {
    this.#time = time
    this.#host = host
    this.#trace = trace
  }

  /** Has the host do something, if it can be reached. */
  call<T>(request: (runtime: Runtime) => Promise<T>): Promise<Outcome<T>> {
    return new Promise((resolve) => {
      const end = (outcome: Outcome<T>) => {
        callOff()
        resolve(outcome)
      }
      const callOff = this.#time.after(TIMEOUT_MS, () => {
        this.#trace.count('no answer in time')
        resolve({ kind: 'silence' })
      })
      if (this.requestsToLose > 0) {
        this.requestsToLose--
        this.#trace.count('request lost')
        return
      }
      this.#time.after(ONE_WAY_MS, () => this.#arrive(request, end))
    })
  }

  #arrive<T>(request: (runtime: Runtime) => Promise<T>, end: (outcome: Outcome<T>) => void): void {
    const life = this.#host.serving
    if (!life) {
      this.#trace.count('host is down')
      this.#time.after(ONE_WAY_MS, () => end({ kind: 'down' }))
      return
    }
    life.process.do(() => {
      const answer = (outcome: Outcome<T>) => this.#answer(outcome, end)
      request(life.runtime).then(
        (value) => answer({ kind: 'answer', value }),
        (error: unknown) => answer({ kind: 'refusal', code: errorCode(error) ?? String(error) }),
      )
    })
  }

  #answer<T>(outcome: Outcome<T>, end: (outcome: Outcome<T>) => void): void {
    if (this.answersToLose > 0) {
      this.answersToLose--
      this.#trace.count('answer lost')
    } else this.#time.after(ONE_WAY_MS, () => end(outcome))
  }
}
