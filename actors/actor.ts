/**
 * The contract between actors and hosts.
 *
 * An actor is a plain class built over one `ActorContext`; it has no fields of its own and touches
 * nothing else. Two instances serve all actors of its type in a shard, one over a view for writes
 * and one over a view for reads: the host moves `state` to the actor whose turn it is. Beside the
 * class stands an `ActorType` constant, all that a host reads.
 *
 * Two families, never mixed in one type:
 * - folded: state is a fold of the log. `apply(batch)` takes the actor's entries in log order; it
 *   is synchronous and draws time and chance from the entries alone, so that any split into batches
 *   gives equal bytes.
 * - commanded: state changes by 'write' methods that a caller asks for; the host makes the change
 *   durable before the reply leaves. What such a turn causes in other actors it emits: events that
 *   are kept in one with the change and go into the log once.
 * A throw drops the whole turn. A 'read' that changes state is refused. Only listed methods exist.
 */
import type { EventEntry, Shape, StateFields, StateSchema, StateView } from '../base/index.ts'
import type { EntryBatch } from './shard/record-block.ts'

export interface ActorContext<F extends StateFields> {
  /** The actor's outside id. */
  readonly id: string
  readonly state: StateView<F>
}

/** An event that a turn causes; the host gives its id. */
export type EmittedEvent = Omit<EventEntry, 'id'>

/** Events that one turn may emit. */
export const EMITTED_MAX = 16

/** What an instance of a commanded type sees. */
export interface CommandedContext<F extends StateFields> extends ActorContext<F> {
  /**
   * Has an event in the log, once, if the turn's change is kept; the reply leaves when it is there.
   * EMIT_REFUSED: not within a write, not an event, more than EMITTED_MAX, or a host that cannot.
   */
  emit(event: EmittedEvent): void
}

export type MethodType<Argument, Result> = {
  readonly kind: 'read' | 'write'
  readonly argument: Shape<Argument>
  readonly result: Shape<Result>
}

/** The names of A's public methods, `apply` apart. */
type MethodsOf<A> = {
  [K in keyof A & string]: A[K] extends (argument: never) => unknown
    ? K extends 'apply'
      ? never
      : K
    : never
}[keyof A & string]
type MethodTable<A> = {
  readonly [K in MethodsOf<A>]: A[K] extends (argument: infer Argument) => infer Result
    ? MethodType<Argument, Awaited<Result>>
    : never
}

export interface Foldable {
  /** One turn: all entries of one actor in a stretch of the log, oldest first. */
  apply(batch: EntryBatch): void
}

export type ActorType<A = object, F extends StateFields = StateFields, Services = unknown> = {
  /** Stable: it names documents in stores. */
  readonly name: string
  readonly state: StateSchema<F>
  /** Every public method of the class; a forgotten one does not compile. */
  readonly methods: MethodTable<A>
  readonly create: (context: CommandedContext<F>, services: Services) => A
  /** Where entries go by kind, so that a host may load it in time: only speed changes. */
  readonly appends?: Appends<keyof F & string>
  /** What people are shown of a state with outside ids; all of it as it lies where absent. */
  readonly readable?: Readable
}

export type Readable = (plain: Readonly<Record<string, unknown>>) => Record<string, unknown>

/** Names of rings, trails and tables, and the kinds that go to each. */
export type Appends<Name extends string = string> = Readonly<
  Partial<Record<Name, (kind: number) => boolean>>
>

/** A type as a host holds it, whatever its class. */
export type AnyActorType = {
  readonly name: string
  readonly state: StateSchema
  readonly methods: Readonly<Record<string, MethodType<unknown, unknown>>>
  readonly create: (context: CommandedContext<StateFields>, services: never) => object
  readonly appends?: Appends
  readonly readable?: Readable
}

/** Declares an actor type; infers everything from the class. */
export function actorType<A extends object, F extends StateFields, Services>(
  type: ActorType<A, F, Services>,
): AnyActorType {
  return type as unknown as AnyActorType
}
