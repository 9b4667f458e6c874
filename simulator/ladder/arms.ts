/**
 * What answers in a world: a generation by the code that serves, or one of the bounds, chance,
 * popularity and the oracle. An arm hears what happens in its own world alone; the oracle alone
 * knows the truth.
 */
import { type DeepTeaching, LoneHost, teachings } from '../../actors/index.ts'
import type { Clock, Entry, EpochMs, EventEntry } from '../../base/index.ts'
import { type Appeal, BOARDS_MAX, chancesOf, type Situation } from '../behaviour/index.ts'
import { Scatter } from '../workload/scatter.ts'
import { type Device, pinId } from '../world/index.ts'

export type ArmAsk = {
  readonly user: string
  readonly at: EpochMs
  readonly device: Device
  readonly limit: number
  readonly seed: number
  /** Pins that exist: the first so many numbers. */
  readonly born: number
  /** Pins that the user saved, hid or saw before. */
  readonly known: ReadonlySet<number>
  /** For the oracle: what the person is like now. */
  readonly truth: Situation
}

export type ArmAnswer = {
  /** Best first; as many as are asked for, where there are. */
  readonly pins: readonly number[]
  /** Of each, the probability that it is saved once seen, from an arm that says so. */
  readonly chances?: readonly number[]
}

export interface Arm {
  readonly name: ArmName
  /** What happened, in order of time. */
  hear(entries: readonly Entry[]): void
  recommend(ask: ArmAsk): Promise<ArmAnswer>
  /** A day begins: what is counted or built without training is brought up to date. */
  refresh(): void
  /** Learns from what it heard, as often as all arms do. */
  learn(): Promise<void>
}

export const armNames = ['random', 'popularity', 'tags', 'collaborative', 'deep', 'oracle'] as const
export type ArmName = (typeof armNames)[number]

export type ArmSetup = {
  readonly pins: number
  readonly users: number
  readonly seed: number
  readonly clock: Clock
  /** The truth, for the oracle. */
  readonly appeal: Appeal
  readonly teaching: DeepTeaching
}

/** Of as few rows as a small world gives. */
export const ladderTeaching: DeepTeaching = Object.freeze({ ...teachings.rivals, rowsMax: 100_000 })

export function createArm(name: ArmName, setup: ArmSetup): Arm {
  if (name === 'random') return new RandomArm()
  if (name === 'popularity') return new PopularityArm(setup.pins)
  if (name === 'oracle') return new OracleArm(setup.appeal)
  return new GenerationArm(name, setup)
}

/** Each pin that exists and is not known has the same chance. */
class RandomArm implements Arm {
  readonly name = 'random'
  hear(): void {}
  refresh(): void {}
  async learn(): Promise<void> {}

  async recommend({ born, known, limit, seed }: ArmAsk): Promise<ArmAnswer> {
    const order = new Scatter(born, seed)
    const chosen: number[] = []
    for (let place = 0; place < born && chosen.length < limit; place++) {
      const pin = order.number(place)
      if (!known.has(pin)) chosen.push(pin)
    }
    return { pins: chosen }
  }
}

const PRIOR_SAVES = 1
const PRIOR_VIEWS = 50

/** By saves for each view, as a shop that counts well would do. */
class PopularityArm implements Arm {
  readonly name = 'popularity'
  readonly #views: Float64Array
  readonly #saves: Float64Array
  #order: Uint32Array = new Uint32Array()

  constructor(pins: number) {
    this.#views = new Float64Array(pins)
    this.#saves = new Float64Array(pins)
  }

  hear(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const { pin } = entry as EventEntry
      if (entry.kind === 'impression') this.#views[numberOf(pin!)]!++
      if (entry.kind === 'save') this.#saves[numberOf(pin!)]!++
    }
  }

  async learn(): Promise<void> {}

  refresh(): void {
    const score = (pin: number) =>
      (this.#saves[pin]! + PRIOR_SAVES) / (this.#views[pin]! + PRIOR_VIEWS)
    this.#order = Uint32Array.from(this.#views.keys()).sort((a, b) => score(b) - score(a) || a - b)
  }

  async recommend({ born, known, limit }: ArmAsk): Promise<ArmAnswer> {
    const chosen: number[] = []
    for (const pin of this.#order) {
      if (chosen.length === limit) break
      if (pin < born && !known.has(pin)) chosen.push(pin)
    }
    return { pins: chosen }
  }
}

/** By the true chance to be saved, given the person's state. */
class OracleArm implements Arm {
  readonly name = 'oracle'
  readonly #appeal: Appeal

  constructor(appeal: Appeal) {
    this.#appeal = appeal
  }

  hear(): void {}
  refresh(): void {}
  async learn(): Promise<void> {}

  async recommend({ born, known, limit, truth }: ArmAsk): Promise<ArmAnswer> {
    const wanted = new Float64Array(born)
    for (let pin = 0; pin < born; pin++) {
      wanted[pin] = known.has(pin) ? -1 : chancesOf(this.#appeal.of(pin, truth)).save
    }
    const order = Uint32Array.from(wanted.keys()).sort((a, b) => wanted[b]! - wanted[a]! || a - b)
    const pins = [...order.subarray(0, limit)].filter((pin) => wanted[pin]! >= 0)
    return { pins, chances: pins.map((pin) => wanted[pin]!) }
  }
}

/** A generation, asked as a server is asked. */
class GenerationArm implements Arm {
  readonly name: 'tags' | 'collaborative' | 'deep'
  readonly #host: LoneHost
  readonly #setup: ArmSetup

  constructor(name: 'tags' | 'collaborative' | 'deep', setup: ArmSetup) {
    this.name = name
    this.#setup = setup
    const { pins, users, clock } = setup
    // A person has the implicit board and a few own ones.
    const boardCapacity = users * (BOARDS_MAX + 1)
    this.#host = new LoneHost({ pinCapacity: pins + 16, boardCapacity, clock })
  }

  hear(entries: readonly Entry[]): void {
    this.#host.fold(entries)
  }

  refresh(): void {
    this.#host.build()
  }

  async learn(): Promise<void> {
    const { teaching, seed } = this.#setup
    if (this.name === 'collaborative') await this.#host.fit(FITTED, seed)
    if (this.name === 'deep') await this.#host.learnDeep(teaching, seed)
  }

  async recommend({ user, at, device, limit, seed }: ArmAsk): Promise<ArmAnswer> {
    const candidates = Math.min(CANDIDATES_MAX, Math.ceil(this.#setup.pins / 10))
    const ask = { user, at, device, limit, seed, generation: this.name, candidates }
    const reply = await this.#host.recommend(ask)
    const pins = reply.pins.map(({ pin }) => numberOf(this.#host.names.pin.id(pin)))
    // The deep ranker alone says log-odds of a save; the others' scores only order.
    if (this.name !== 'deep' || reply.rung !== 'full') return { pins }
    return { pins, chances: reply.pins.map(({ score }) => 1 / (1 + Math.exp(-score))) }
  }
}

/** Of a request, in a large world; in a small one a tenth of its pins. */
const CANDIDATES_MAX = 10_000

/** The model of generation 2: of those that are fitted in seconds the best on these logs. */
const FITTED = 'rp3beta'

/** The number in an outside id of a pin. */
export const numberOf = (id: string) => Number(id.slice(pinId(0).length - 1))
