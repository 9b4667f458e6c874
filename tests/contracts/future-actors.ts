/** The Counter of a later program: its state has a version that today's cannot read. */
import { type ActorContext, actorType } from '../../actors/actor.ts'
import { f64, nothingShape, numberShape, stateSchema, u32 } from '../../base/index.ts'

const state = stateSchema('Counter', 2, { sum: f64, mood: u32 })

class LaterCounter {
  readonly #context: ActorContext<typeof state.fields>
  constructor(context: ActorContext<typeof state.fields>) {
    this.#context = context
  }
  add(by: number): number {
    this.#context.state.mood = 1
    this.#context.state.sum += by
    return this.#context.state.sum
  }
  get(): number {
    return this.#context.state.sum
  }
}

export const laterCounterActor = actorType({
  name: 'Counter',
  state,
  methods: {
    add: { kind: 'write', argument: numberShape(), result: numberShape() },
    get: { kind: 'read', argument: nothingShape, result: numberShape() },
  },
  create: (context: ActorContext<typeof state.fields>) => new LaterCounter(context),
})
