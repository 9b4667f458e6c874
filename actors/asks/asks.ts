/**
 * Asks: calls of listed methods by type and outside id, with outside ids in arguments and results,
 * as through a network. What a caller may rely on:
 *
 * - One turn at a time per id, in order of arrival, whether turns wait (for a service, for a store)
 *   or not; turns of other ids go on meanwhile.
 * - A write's reply leaves when its state is in the store and what it emitted in the log; when the
 *   store refuses, the actor is put back and the write failed.
 * - Mailboxes are bounded: beyond, OVERLOADED, to be sent again later. A turn that does not end by
 *   its deadline is answered DEADLINE; one that has not begun by then never begins.
 * - After `turnsPerSlice` turns timers and I/O get their turn.
 */
import {
  type Clock,
  type IdNumbers,
  idProblem,
  knownIds,
  limits,
  type Names,
  pinwheelError,
  type Space,
} from '../../base/index.ts'
import type { AnyActorType, EmittedEvent, MethodType } from '../actor.ts'
import { argumentError } from '../shard/arguments.ts'
import type { StateStore } from './state-store.ts'
import type { Turn, TurnPlace } from './turn-place.ts'

export const askDefaults = Object.freeze({
  deadlineMs: 5_000,
  /** Asks that may wait, for all actors and for one. */
  waitingMax: 8_192,
  waitingPerActorMax: 512,
  turnsPerSlice: 256,
})

export type AskBounds = { readonly [K in keyof typeof askDefaults]: number }

export type AskedType = { readonly type: AnyActorType; readonly space: Space }

export type AsksOptions = {
  readonly types: Iterable<AskedType>
  readonly names: Names
  readonly place: TurnPlace
  readonly clock: Clock
  /** Keeps the states of commanded actors. */
  readonly states?: StateStore
  readonly bounds?: Partial<AskBounds>
}

/** How often deadlines of turns that wait are looked at. */
const WATCH_MS = 20

class Hosted {
  readonly type: AnyActorType
  readonly space: Space
  readonly interner: IdNumbers
  readonly methods: ReadonlyMap<string, MethodType<unknown, unknown>>
  /** Whether state changes by asks: it is then kept in the store. */
  readonly isCommanded: boolean
  readonly home: unknown
  /** Asks that wait for the turn of an actor that has begun and not ended. */
  readonly busy = new Map<number, Ask[]>()

  constructor({ type, space }: AskedType, names: Names, place: TurnPlace) {
    this.type = type
    this.space = space
    this.interner = names[space]
    this.methods = new Map(Object.entries(type.methods))
    this.isCommanded = Object.values(type.methods).some(({ kind }) => kind === 'write')
    this.home = place.homeOf?.(type)
  }
}

class Ask implements Turn {
  readonly hosted: Hosted
  readonly id: string
  readonly key: number
  readonly method: string
  readonly spec: MethodType<unknown, unknown>
  readonly value: unknown
  readonly deadline: number
  readonly deadlineMs: number
  state: Uint8Array | undefined
  bytes: Uint8Array | undefined
  emitted: readonly EmittedEvent[] | undefined
  /** Whether the next of its actor may begin, though this one has not ended. */
  isPast = false
  resolve!: (result: unknown) => void
  reject!: (error: unknown) => void

  constructor(
    hosted: Hosted,
    id: string,
    key: number,
    method: string,
    spec: MethodType<unknown, unknown>,
    value: unknown,
    deadline: number,
    deadlineMs: number,
  ) {
    this.hosted = hosted
    this.id = id
    this.key = key
    this.method = method
    this.spec = spec
    this.value = value
    this.deadline = deadline
    this.deadlineMs = deadlineMs
  }
  get type(): AnyActorType {
    return this.hosted.type
  }
  get home(): unknown {
    return this.hosted.home
  }
  get space(): Space {
    return this.hosted.space
  }
  get isWrite(): boolean {
    return this.spec.kind === 'write'
  }
  get what(): string {
    return `${this.type.name}.${this.method}`
  }
}

export class Asks {
  readonly #hosted: ReadonlyMap<string, Hosted>
  readonly #names: Names
  readonly #ids: ReturnType<typeof knownIds>
  readonly #place: TurnPlace
  readonly #clock: Clock
  readonly #states: StateStore | undefined
  readonly #bounds: AskBounds
  /** A ring of asks that have not begun: [head, tail). */
  readonly #queue: (Ask | undefined)[]
  #head = 0
  #tail = 0
  /** Turns that have begun and wait. */
  readonly #long = new Set<Ask>()
  /** Asks that have not been answered. */
  #open = 0
  #time = 0
  #running = false
  #watching = false
  #stopping = false
  #idle: (() => void) | undefined

  constructor(options: AsksOptions) {
    this.#names = options.names
    this.#ids = knownIds(options.names)
    this.#place = options.place
    this.#clock = options.clock
    this.#states = options.states
    this.#bounds = { ...askDefaults, ...options.bounds }
    this.#queue = new Array(2 ** Math.ceil(Math.log2(this.#bounds.waitingMax))).fill(undefined)
    this.#hosted = new Map(
      Array.from(options.types, (type) => [
        type.type.name,
        new Hosted(type, options.names, options.place),
      ]),
    )
  }

  /** Asks that have not been answered. */
  get waiting(): number {
    return this.#open
  }

  /**
   * ACTOR_TYPE_UNKNOWN, ACTOR_ID_INVALID, METHOD_UNLISTED, ARGUMENT_INVALID, OVERLOADED, DEADLINE,
   * STOPPING, and what the turn throws.
   */
  ask(
    type: string,
    id: string,
    method: string,
    argument?: unknown,
    deadlineMs: number = this.#bounds.deadlineMs,
  ): Promise<unknown> {
    let ask: Ask
    try {
      ask = this.#accept(type, id, method, argument, deadlineMs)
    } catch (error) {
      return Promise.reject(error)
    }
    return new Promise((resolve, reject) => {
      ask.resolve = resolve
      ask.reject = reject
      this.#open++
      this.#queue[this.#tail++ & (this.#queue.length - 1)] = ask
      if (!this.#running) this.#start()
    })
  }

  /** The number of an actor and its place, as asks find them. ACTOR_TYPE_UNKNOWN and the like. */
  find(type: string, id: string): { readonly space: Space; readonly key: number } {
    const hosted = this.#typeOf(type)
    return { space: hosted.space, key: this.#keyOf(hosted, id) }
  }

  /** Refuses new asks, and resolves when those before have been answered. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#open === 0) return
    await new Promise<void>((resolve) => {
      this.#idle = resolve
    })
  }

  #accept(type: string, id: string, method: string, argument: unknown, deadlineMs: number): Ask {
    const hosted = this.#typeOf(type)
    const key = this.#keyOf(hosted, id)
    const spec = hosted.methods.get(method)
    if (!spec) throw pinwheelError('METHOD_UNLISTED', { type, method })
    if (this.#stopping) throw pinwheelError('STOPPING')
    if (this.#open >= this.#bounds.waitingMax) {
      throw pinwheelError('OVERLOADED', { count: this.#open })
    }
    // Copied now: what the caller does with it while it waits is the caller's own.
    let value: unknown
    try {
      value = spec.argument.unpack(argument, this.#ids)
    } catch (error) {
      throw argumentError(error, hosted.type, method)
    }
    if (!this.#running) this.#time = this.#clock.monotonic()
    const deadline = this.#time + deadlineMs
    return new Ask(hosted, id, key, method, spec, value, deadline, deadlineMs)
  }

  #typeOf(type: string): Hosted {
    const hosted = this.#hosted.get(type)
    if (hosted) return hosted
    throw pinwheelError('ACTOR_TYPE_UNKNOWN', { type, known: [...this.#hosted.keys()].join(', ') })
  }

  #keyOf({ interner, space }: Hosted, id: string): number {
    const known = typeof id === 'string' ? interner.find(id) : -1
    if (known >= 0) return known
    if (idProblem(id)) {
      const shown = JSON.stringify(id)?.slice(0, 80) ?? 'nothing'
      throw pinwheelError('ACTOR_ID_INVALID', { id: shown, limit: limits.idBytesMax })
    }
    // Ids of users and pins are numbered by the log alone; a read does not make one.
    if (space === 'actor') return interner.intern(id)
    throw pinwheelError(space === 'user' ? 'USER_UNKNOWN' : 'PIN_UNKNOWN', { id })
  }

  #start(): void {
    this.#running = true
    queueMicrotask(() => this.#slice())
  }

  #slice(): void {
    this.#time = this.#clock.monotonic()
    const mask = this.#queue.length - 1
    const end = this.#head + this.#bounds.turnsPerSlice
    while (this.#head !== this.#tail) {
      if (this.#head === end) {
        void this.#clock.yield().then(() => this.#slice())
        return
      }
      const at = this.#head++ & mask
      const ask = this.#queue[at]!
      this.#queue[at] = undefined
      this.#begin(ask)
    }
    this.#running = false
  }

  #begin(ask: Ask): void {
    const { busy } = ask.hosted
    if (busy.size > 0) {
      const line = busy.get(ask.key)
      if (line) {
        if (line.length < this.#bounds.waitingPerActorMax) line.push(ask)
        else this.#refuse(ask, pinwheelError('OVERLOADED', { count: line.length }))
        return
      }
    }
    this.#take(ask)
  }

  #take(ask: Ask): void {
    const msLeft = ask.deadline - this.#time
    if (msLeft <= 0) {
      this.#late(ask)
      return
    }
    const { hosted } = ask
    const states = hosted.isCommanded ? this.#states : undefined
    if (states) ask.state = states.get(hosted.type.name, ask.id)
    let result: unknown
    try {
      result = this.#place.turn(ask, msLeft)
      if (!(result instanceof Promise) && !ask.bytes) {
        this.#reply(ask, ask.spec.result.pack(result, this.#names))
        return
      }
    } catch (error) {
      this.#refuse(ask, error)
      return
    }
    // Folded state is ordered by its shard; its reads need not wait for each other here.
    if (hosted.isCommanded) hosted.busy.set(ask.key, [])
    this.#long.add(ask)
    void this.#finish(ask, result)
    if (!this.#watching) void this.#watch()
  }

  async #finish(ask: Ask, turn: unknown): Promise<void> {
    try {
      const result = await turn
      if (ask.bytes) await this.#store(ask, ask.bytes)
      if (this.#long.has(ask)) this.#reply(ask, ask.spec.result.pack(result, this.#names))
    } catch (error) {
      if (this.#long.has(ask)) this.#refuse(ask, error)
    }
    this.#long.delete(ask)
    if (!ask.isPast) this.#release(ask)
  }

  async #store(ask: Ask, bytes: Uint8Array): Promise<void> {
    try {
      await this.#states!.put(ask.type.name, ask.id, bytes, ask.emitted)
    } catch (error) {
      await this.#place.restore(ask, ask.state)
      throw error
    }
    if (ask.emitted) await this.#states!.sent()
  }

  /** Lets the next in line begin. */
  #release(ask: Ask): void {
    const { busy } = ask.hosted
    const line = busy.get(ask.key)
    if (!line) return
    busy.delete(ask.key)
    this.#time = this.#clock.monotonic()
    while (line.length > 0) {
      const next = line.shift()!
      this.#take(next)
      if (!busy.has(ask.key)) continue
      busy.set(ask.key, line)
      return
    }
  }

  /** Answers turns whose deadline passes while they wait, and those in line behind them. */
  async #watch(): Promise<void> {
    this.#watching = true
    while (this.#long.size > 0) {
      await this.#clock.sleep(WATCH_MS)
      const now = this.#clock.monotonic()
      for (const ask of this.#long) {
        const line = ask.hosted.busy.get(ask.key)
        if (line?.some(({ deadline }) => deadline <= now)) {
          ask.hosted.busy.set(ask.key, this.#dropLate(line, now))
        }
        if (ask.deadline > now) continue
        this.#long.delete(ask)
        this.#late(ask)
        // It may not touch state any more, so the next may begin; a write is not over yet.
        if (ask.isWrite) continue
        ask.isPast = true
        this.#release(ask)
      }
    }
    this.#watching = false
  }

  #dropLate(line: readonly Ask[], now: number): Ask[] {
    const kept: Ask[] = []
    for (const ask of line) {
      if (ask.deadline > now) kept.push(ask)
      else this.#late(ask)
    }
    return kept
  }

  #late(ask: Ask): void {
    this.#refuse(ask, pinwheelError('DEADLINE', { what: ask.what, ms: ask.deadlineMs }))
  }

  #reply(ask: Ask, result: unknown): void {
    ask.resolve(result)
    this.#closed()
  }

  #refuse(ask: Ask, error: unknown): void {
    ask.reject(error)
    this.#closed()
  }

  #closed(): void {
    if (--this.#open === 0) this.#idle?.()
  }
}
