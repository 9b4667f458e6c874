/**
 * Actors that tell what was done to them. `Witness` folds a user's entries and lists where each
 * stood in the log; an event of weight POISON is more than it can take. `Tokens` is commanded and
 * lists what it was given.
 */
import {
  type ActorContext,
  type AnyActorType,
  actorType,
  addTotal,
  type EntryBatch,
  type Hosted,
  type PinView,
  pinActor,
  userActor,
  userServices,
} from '../../actors/index.ts'
import {
  EVENT_SLOTS,
  eventSlot,
  kindCode,
  type Names,
  noDeclaredKinds,
  nothingShape,
  numberShape,
  ring,
  stateSchema,
  u32,
} from '../../base/index.ts'

export const POISON = 666

export const witnessState = stateSchema('Witness', 1, {
  heard: ring({ where: u32 }, 4096),
})

/** A place in the log as one number. */
export function placeOf(partition: number, position: number): number {
  return partition * 0x1000000 + position
}

/** A place in words. */
export function placeName(place: number): string {
  return `${Math.floor(place / 0x1000000)}-${place % 0x1000000}`
}

class Witness {
  readonly #context: ActorContext<typeof witnessState.fields>
  constructor(context: ActorContext<typeof witnessState.fields>) {
    this.#context = context
  }
  apply(batch: EntryBatch): void {
    const { heard } = this.#context.state
    for (let i = 0; i < batch.length; i++) {
      const { position, partition, weight } = batch.at(i)
      heard.append().where = placeOf(partition, position)
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

/** A pin that does something more after its turn: a planted bug. */
function pinWith(more: (state: PinView, batch: EntryBatch) => void): AnyActorType {
  return {
    ...pinActor,
    create: (context, services) => {
      const pin = pinActor.create(context, services) as { apply: (batch: EntryBatch) => void }
      const apply = pin.apply.bind(pin)
      pin.apply = (batch) => {
        apply(batch)
        more(context.state as unknown as PinView, batch)
      }
      return pin
    },
  }
}

export const miscountingPin = pinWith((state, batch) => {
  const hide = eventSlot(kindCode.hide)
  for (let i = 0; i < batch.length; i++) {
    if (batch.at(i).kind === kindCode.hide) addTotal(state, hide)
  }
})

/** Counts batches where events of declared kinds are counted. */
export const splitMindingPin = pinWith((state) => addTotal(state, EVENT_SLOTS - 1))

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

/** What an actor lists, read from its document: places that a witness heard, or tokens. */
export function listedIn(state: Uint8Array): number[] {
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength)
  return Array.from({ length: view.getUint32(3, true) }, (_, n) => view.getUint32(7 + n * 4, true))
}

/** The rows of such a list, as bytes: between head and checksum. */
export function rowsOf(state: Uint8Array): Uint8Array {
  return state.subarray(7, -4)
}
