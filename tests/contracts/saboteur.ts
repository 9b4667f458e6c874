/** For tests alone: a folded type that ends its thread, or holds it up for ever, when told to. */

import { type ActorContext, actorType } from '../../actors/actor.ts'
import type { EntryBatch } from '../../actors/shard/record-block.ts'
import { nothingShape, numberShape, ref, ring, stateSchema } from '../../base/index.ts'

const saboteurState = stateSchema('Saboteur', 1, { pins: ring({ pin: ref('pin') }, 1000) })

/** Weights of events that do harm. */
export const harm = Object.freeze({ end: 0.13, hang: 0.14 })

class Saboteur {
  readonly #context: ActorContext<typeof saboteurState.fields>
  constructor(context: ActorContext<typeof saboteurState.fields>) {
    this.#context = context
  }
  apply(batch: EntryBatch): void {
    for (let i = 0; i < batch.length; i++) {
      const { weight, pin } = batch.at(i)
      this.#context.state.pins.append().pin = pin
      if (weight === Math.fround(harm.end)) process.exit(3)
      while (weight === Math.fround(harm.hang));
    }
  }
  count(): number {
    return this.#context.state.pins.length
  }
  end(): number {
    return process.exit(4)
  }
  hang(): number {
    for (;;);
  }
}

const read = { kind: 'read', argument: nothingShape, result: numberShape() } as const
export const saboteur = actorType({
  name: 'Saboteur',
  state: saboteurState,
  methods: { count: read, end: read, hang: read },
  create: (context: ActorContext<typeof saboteurState.fields>) => new Saboteur(context),
})
