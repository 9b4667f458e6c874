/**
 * What turns of commanded actors emitted, on its way into the event log. It was kept in one frame
 * with the state (a transactional outbox); here it is appended, in the order of the turns, and then
 * marked as sent. After a start, or when an append failed, it is unknown what came through: the
 * event log is read from where it ended when the oldest was kept, and what is missing is appended.
 *
 * Law: an event that a kept turn emitted is in the log once, however often a process ends; one of a
 * turn that was not kept is not.
 */
import {
  type Clock,
  type Entry,
  type EventEntry,
  errorCode,
  type Logger,
} from '../../../base/index.ts'
import type { EmittedEvent } from '../../actor.ts'
import type { StateStore } from '../../asks/index.ts'
import { EntryReader, EntryWriter, type EventLog } from '../../log/index.ts'
import type { StateLog } from './state-log.ts'
import type { Outgoing } from './state-record.ts'

export type OutboxOptions = {
  readonly states: StateLog
  readonly log: EventLog
  readonly clock: Clock
  readonly logger: Logger
  readonly ingest: (entries: readonly Entry[]) => Promise<unknown>
}

/** From a failed append to the next: the disk may have room again. */
const AGAIN_MS = 500
/** Entries that are appended at once. */
const STRETCH = 1_000

const idOf = (number: number, time: number, i: number) => `emitted:${number}:${time}:${i}`

export class Outbox implements StateStore {
  readonly #states: StateLog
  readonly #log: EventLog
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #ingest: OutboxOptions['ingest']
  readonly #writer = new EntryWriter()
  readonly #ending = new AbortController()
  /** Everything up to this number is in the log. */
  #through = 0
  /** Whether it may be that more is. */
  #isUnsure: boolean
  #last: Promise<void> = Promise.resolve()

  constructor({ states, log, clock, logger, ingest }: OutboxOptions) {
    this.#states = states
    this.#log = log
    this.#clock = clock
    this.#logger = logger
    this.#ingest = ingest
    this.#isUnsure = this.#pending().length > 0
  }

  get(type: string, id: string): Uint8Array | undefined {
    return this.#states.get(type, id)
  }

  put(
    type: string,
    id: string,
    bytes: Uint8Array,
    emitted?: readonly EmittedEvent[],
  ): Promise<void> {
    return this.#states.put(type, id, bytes, emitted && this.#outgoing(emitted))
  }

  /** Rejects when the host stops, or can append nothing any more; the next start goes on. */
  sent(): Promise<void> {
    this.#last = this.#last.catch(() => {}).then(() => this.#send())
    return this.#last
  }

  /** Positions of the event log, by partition, from which on it may have to be read. */
  needs(): readonly number[] | undefined {
    let least: number[] | undefined
    for (const { since } of this.#states.unmarked) {
      least = least ? least.map((position, p) => Math.min(position, since[p]!)) : [...since]
    }
    return least
  }

  /** Nothing is sent any more that is not on its way. */
  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#last.catch(() => {})
  }

  #outgoing(emitted: readonly EmittedEvent[]): Outgoing {
    const number = this.#states.nextNumber()
    const now = this.#clock.now()
    emitted.forEach((event, i) => {
      this.#writer.append({ ...event, id: idOf(number, now, i) } as EventEntry)
    })
    return { number, since: this.#log.positions(), entries: this.#writer.take().payload }
  }

  #pending(): Outgoing[] {
    return Array.from(this.#states.unmarked).filter(({ number }) => number > this.#through)
  }

  async #send(): Promise<void> {
    for (let pending = this.#pending(); pending.length > 0; pending = this.#pending()) {
      try {
        await this.#append(pending)
      } catch (error) {
        if (this.#ending.signal.aborted || this.#log.failure !== undefined) throw error
        await this.#clock.sleep(AGAIN_MS, this.#ending.signal)
      }
    }
  }

  async #append(pending: readonly Outgoing[]): Promise<void> {
    this.#ending.signal.throwIfAborted()
    let entries = pending.flatMap(entriesOf)
    if (this.#isUnsure) {
      const there = await this.#found(new Set(entries.map(({ id }) => id)))
      entries = entries.filter(({ id }) => !there.has(id))
      const found = { missing: entries.length, there: there.size }
      this.#logger.info(found, 'events that turns emitted were looked for in the log')
    }
    this.#isUnsure = true
    for (let i = 0; i < entries.length; i += STRETCH) {
      await this.#ingest(entries.slice(i, i + STRETCH))
    }
    this.#isUnsure = false
    this.#through = pending.at(-1)!.number
    // Without a mark the next start reads a little more.
    this.#states.mark(this.#through).catch((error: unknown) => {
      if (errorCode(error) !== 'LOG_WRITE_FAILED') throw error
    })
  }

  /** Those of the ids that the event log has. */
  async #found(ids: ReadonlySet<string>): Promise<Set<string>> {
    const found = new Set<string>()
    for await (const { payload } of this.#log.read(this.needs())) {
      const reader = new EntryReader(payload)
      while (reader.next()) {
        if (!reader.isEvent || reader.isRedacted) continue
        const id = reader.bytes.toString('utf8', reader.eventStart, reader.eventEnd)
        if (ids.has(id)) found.add(id)
      }
    }
    return found
  }
}

function entriesOf({ entries }: Outgoing): EventEntry[] {
  const reader = new EntryReader(entries)
  const events: EventEntry[] = []
  while (reader.next()) if (!reader.isRedacted) events.push(reader.toEntry() as EventEntry)
  return events
}
