/** What the write under way emits; handed on with the state, or dropped with the turn. */
import {
  codeOf,
  type DeclaredKinds,
  entryProblem,
  isEventCode,
  type PinwheelError,
  pinwheelError,
} from '../../base/index.ts'
import { EMITTED_MAX, type EmittedEvent } from '../actor.ts'

const none: readonly EmittedEvent[] = []

export class Emitted {
  readonly #type: string
  readonly #kinds: DeclaredKinds | undefined
  #events: EmittedEvent[] | undefined
  #isOpen = false

  /** Without `kinds` the host has no way into the log for what is emitted. */
  constructor(type: string, kinds: DeclaredKinds | undefined) {
    this.#type = type
    this.#kinds = kinds
  }

  /** A write begins. */
  open(): void {
    this.#isOpen = true
    this.#events = undefined
  }

  /** The write is over; what it emitted waits for `take`. */
  close(): void {
    this.#isOpen = false
  }

  /** The write is over and never was. */
  drop(): void {
    this.#isOpen = false
    this.#events = undefined
  }

  take(): readonly EmittedEvent[] {
    const events = this.#events
    if (events === undefined) return none
    this.#events = undefined
    return events
  }

  /** EMIT_REFUSED. */
  emit(event: EmittedEvent): void {
    if (!this.#isOpen) throw this.#refused('it is not within a write')
    if (!this.#kinds) throw this.#refused('this host keeps no outbox')
    if (this.#events?.length === EMITTED_MAX) {
      throw this.#refused(`a turn emits ${EMITTED_MAX} events at most`)
    }
    // A copy: what the turn does with its own afterwards does not matter.
    const copy = { ...event, ...(event.context && { context: { ...event.context } }) }
    const problem = entryProblem({ ...copy, id: 'given by the host' }, this.#kinds)
    if (problem) {
      const { field, value, expected } = problem
      throw this.#refused(`${field} is ${value}; expected ${expected}`)
    }
    if (!isEventCode(codeOf(copy.kind))) throw this.#refused(`${copy.kind} is not a kind of event`)
    this.#events ??= []
    this.#events.push(copy)
  }

  #refused(reason: string): PinwheelError {
    return pinwheelError('EMIT_REFUSED', { type: this.#type, reason })
  }
}
