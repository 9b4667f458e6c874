/**
 * Actors that tell what was done to them. `Witness` folds a user's entries and lists where each
 * stood in the log; an event of weight POISON is more than it can take. `Tokens` is commanded and
 * lists what it was given.
 */
import {
  type ActorContext,
  actorType,
  type EntryBatch,
  type Hosted,
  pinActor,
  userActor,
  userServices,
} from '../../actors/index.ts'
import {
  type Names,
  noDeclaredKinds,
  nothingShape,
  numberShape,
  ring,
  stateSchema,
  u8,
  u32,
} from '../../base/index.ts'

export const POISON = 666

export const witnessState = stateSchema('Witness', 1, {
  heard: ring({ position: u32, partition: u8 }, 4096),
})

class Witness {
  readonly #context: ActorContext<typeof witnessState.fields>
  constructor(context: ActorContext<typeof witnessState.fields>) {
    this.#context = context
  }
  apply(batch: EntryBatch): void {
    const { heard } = this.#context.state
    for (let i = 0; i < batch.length; i++) {
      const { position, partition, weight } = batch.at(i)
      const row = heard.append()
      row.position = position
      row.partition = partition
      if (weight === POISON) throw new Error('poison')
    }
  }
  count(): number {
    return this.#context.state.heard.length
  }
}

export const witnessActor = actorType({
  name: 'Witness',
  state: witnessState,
  methods: { count: { kind: 'read', argument: nothingShape, result: numberShape() } },
  create: (context: ActorContext<typeof witnessState.fields>) => new Witness(context),
})

export const tokensState = stateSchema('Tokens', 1, { given: ring({ token: u32 }, 4096) })

class Tokens {
  readonly #context: ActorContext<typeof tokensState.fields>
  constructor(context: ActorContext<typeof tokensState.fields>) {
    this.#context = context
  }
  give(token: number): number {
    const { given } = this.#context.state
    given.append().token = token
    return given.length
  }
  count(): number {
    return this.#context.state.given.length
  }
}

export const tokensActor = actorType({
  name: 'Tokens',
  state: tokensState,
  methods: {
    give: { kind: 'write', argument: numberShape(0), result: numberShape() },
    count: { kind: 'read', argument: nothingShape, result: numberShape() },
  },
  create: (context: ActorContext<typeof tokensState.fields>) => new Tokens(context),
})

/** What the hosts of a simulation have: pins or users beside those that tell. */
export function hostedTypes(names: Names, folded: 'Pin' | 'User'): Hosted[] {
  const services = userServices(noDeclaredKinds, names)
  return [
    folded === 'Pin'
      ? { type: pinActor, space: 'pin' }
      : { type: userActor, space: 'user', services },
    { type: witnessActor, space: 'user' },
    { type: tokensActor, space: 'user' },
  ]
}

/** Where the entries that a witness heard stood, read from its document. */
export function heardIn(state: Uint8Array): { partition: number; position: number }[] {
  const view = viewOf(state)
  return Array.from({ length: view.getUint32(3, true) }, (_, n) => ({
    position: view.getUint32(7 + n * 5, true),
    partition: view.getUint8(11 + n * 5),
  }))
}

/** The tokens that an actor was given, read from its document. */
export function tokensIn(state: Uint8Array): number[] {
  const view = viewOf(state)
  return Array.from({ length: view.getUint32(3, true) }, (_, n) => view.getUint32(7 + n * 4, true))
}

function viewOf(state: Uint8Array): DataView {
  return new DataView(state.buffer, state.byteOffset, state.byteLength)
}
