/**
 * Actor types that only simulated hosts have: what they hold shows what the host did with entries
 * and asks.
 */
import {
  type ActorContext,
  actorType,
  type CommandedContext,
  type EntryBatch,
  type HostedModule,
} from '../../actors/index.ts'
import {
  f64,
  isEventCode,
  listShape,
  nothingShape,
  numberShape,
  ring,
  stateSchema,
  u32,
} from '../../base/index.ts'

/** An event of this weight is more than a witness can take. */
export const POISON_WEIGHT = 666

/** Events of one user that are remembered: more than a run has. */
const REMEMBERED = 4_000

/** One for all: a trace of the stack costs more than the turn. */
const poison = new Error('poison')

const witnessState = stateSchema('Witness', 1, { applied: ring({ position: u32 }, REMEMBERED) })

/** Remembers which events of its user it was given, and in which order. */
class Witness {
  readonly #context: ActorContext<typeof witnessState.fields>

  constructor(context: ActorContext<typeof witnessState.fields>) {
    this.#context = context
  }

  apply(batch: EntryBatch): void {
    const { applied } = this.#context.state
    for (let i = 0; i < batch.length; i++) {
      const entry = batch.at(i)
      if (!isEventCode(entry.kind)) continue
      // After the change, so that it must be undone.
      applied.append().position = entry.position
      if (entry.weight === POISON_WEIGHT) throw poison
    }
  }

  /** Positions in the partition of the user. */
  applied(): number[] {
    const { applied } = this.#context.state
    return Array.from({ length: applied.length }, (_, i) => applied.at(i).position)
  }
}

const witnessActor = actorType({
  name: 'Witness',
  state: witnessState,
  methods: {
    applied: {
      kind: 'read',
      argument: nothingShape,
      result: listShape(numberShape(0), REMEMBERED),
    },
  },
  create: (context: ActorContext<typeof witnessState.fields>) => new Witness(context),
})

const counterState = stateSchema('Counter', 1, { sum: f64 })

/** Whose events say what was added to a counter. */
export const emitterOf = (counter: string) => `of ${counter}`

/** A commanded actor: what was added and acknowledged must be there, and in the log. */
class Counter {
  readonly #context: CommandedContext<typeof counterState.fields>

  constructor(context: CommandedContext<typeof counterState.fields>) {
    this.#context = context
  }

  add(by: number): number {
    const { state, id } = this.#context
    state.sum += by
    const { sum } = state
    const time = 1_700_000_000_000 + sum
    this.#context.emit({ kind: 'outbound', time, user: emitterOf(id), pin: 'p0', weight: sum })
    return sum
  }

  sum(): number {
    return this.#context.state.sum
  }
}

const counterActor = actorType({
  name: 'Counter',
  state: counterState,
  methods: {
    add: { kind: 'write', argument: numberShape(0), result: numberShape() },
    sum: { kind: 'read', argument: nothingShape, result: numberShape() },
  },
  create: (context: CommandedContext<typeof counterState.fields>) => new Counter(context),
})

const here = { module: import.meta.url }
export const hostedTypes: readonly HostedModule[] = [
  { ...here, exported: 'witness', space: 'user', type: witnessActor },
  { ...here, exported: 'counter', space: 'actor', type: counterActor },
]
