/** Actor types that only the host contract knows: small, and able to misbehave. */

import { type ActorContext, actorType, type CommandedContext } from '../../actors/actor.ts'
import type { EntryBatch } from '../../actors/shard/record-block.ts'
import {
  f64,
  flagShape,
  nothingShape,
  numberShape,
  optionalShape,
  recordShape,
  ref,
  ring,
  type ShapeOf,
  stateSchema,
  text,
  textShape,
  u32,
} from '../../base/index.ts'

const counterState = stateSchema('Counter', 1, { sum: f64, calls: u32, note: text(200) })
const noteShape = recordShape({ note: textShape(200), loud: optionalShape(flagShape) })

const tellShape = recordShape({
  times: numberShape(0, 100),
  kind: textShape(20),
  fails: optionalShape(flagShape),
})

/** Whose events a counter emits. */
export const emitterOf = (counter: string) => `of ${counter}`

class Counter {
  readonly #context: CommandedContext<typeof counterState.fields>
  constructor(context: CommandedContext<typeof counterState.fields>) {
    this.#context = context
  }
  add(by: number): number {
    const { state } = this.#context
    state.calls += 1
    state.sum += by
    return state.sum
  }
  get(): number {
    return this.#context.state.sum
  }
  calls(): number {
    return this.#context.state.calls
  }
  whoAmI(): string {
    return this.#context.id
  }
  write(note: { readonly note: string; readonly loud?: boolean }): string {
    this.#context.state.note = note.loud ? note.note.toUpperCase() : note.note
    return this.#context.state.note
  }
  read(): string {
    return this.#context.state.note
  }
  addAndTell(by: number): number {
    this.#emit('outbound', by)
    return this.add(by)
  }
  tell({ times, kind, fails }: ShapeOf<typeof tellShape>): number {
    for (let n = 0; n < times; n++) this.#emit(kind, n)
    if (fails) throw new Error('thrown after the change')
    return this.add(times)
  }
  readThatTells(): number {
    this.#emit('outbound', 1)
    return 1
  }
  #emit(kind: string, weight: number): void {
    const user = emitterOf(this.#context.id)
    this.#context.emit({ kind: kind as 'save', time: 1_000, user, pin: 'told', weight })
  }
  addThenThrow(by: number): number {
    this.add(by)
    this.#context.state.note = 'never to be seen'
    throw new Error('thrown after the change')
  }
  throwNothing(): number {
    this.add(1)
    throw undefined
  }
  answerWrongly(): number {
    this.add(100)
    return 'not a number' as unknown as number
  }
  readThatWrites(): number {
    this.#context.state.sum = 999
    return 1
  }
}

export const counterActor = actorType({
  name: 'Counter',
  state: counterState,
  methods: {
    add: { kind: 'write', argument: numberShape(-1e9, 1e9), result: numberShape() },
    get: { kind: 'read', argument: nothingShape, result: numberShape() },
    calls: { kind: 'read', argument: nothingShape, result: numberShape() },
    whoAmI: { kind: 'read', argument: nothingShape, result: textShape(300) },
    write: { kind: 'write', argument: noteShape, result: textShape(200) },
    read: { kind: 'read', argument: nothingShape, result: textShape(200) },
    addAndTell: { kind: 'write', argument: numberShape(), result: numberShape() },
    tell: { kind: 'write', argument: tellShape, result: numberShape() },
    readThatTells: { kind: 'read', argument: nothingShape, result: numberShape() },
    addThenThrow: { kind: 'write', argument: numberShape(), result: numberShape() },
    throwNothing: { kind: 'write', argument: nothingShape, result: numberShape() },
    answerWrongly: { kind: 'write', argument: nothingShape, result: numberShape() },
    readThatWrites: { kind: 'read', argument: nothingShape, result: numberShape() },
  },
  create: (context: CommandedContext<typeof counterState.fields>) => new Counter(context),
})

const tallyState = stateSchema('Tally', 1, {
  entries: u32,
  weight: f64,
  pins: ring({ pin: ref('pin') }, 64),
})

/** Folds a user's events; a weight of 666 is more than it can take. */
class Tally {
  readonly #context: ActorContext<typeof tallyState.fields>
  constructor(context: ActorContext<typeof tallyState.fields>) {
    this.#context = context
  }
  apply(batch: EntryBatch): void {
    const { state } = this.#context
    for (let i = 0; i < batch.length; i++) {
      const entry = batch.at(i)
      state.entries += 1
      state.weight += entry.weight
      state.pins.append().pin = entry.pin
      if (entry.weight === 666) throw new Error('poison')
    }
  }
  entries(): number {
    return this.#context.state.entries
  }
  weight(): number {
    return this.#context.state.weight
  }
}

export const tallyActor = actorType({
  name: 'Tally',
  state: tallyState,
  methods: {
    entries: { kind: 'read', argument: nothingShape, result: numberShape() },
    weight: { kind: 'read', argument: nothingShape, result: numberShape() },
  },
  create: (context: ActorContext<typeof tallyState.fields>) => new Tally(context),
})
