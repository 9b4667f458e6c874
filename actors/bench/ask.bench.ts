/**
 * Asks of hot actors on one core, through the public `ask` with every guard on: type, id and
 * method looked up, argument checked and copied, mailbox bound, deadline, stage, result checked and
 * copied. So many are always on their way, each awaited by a caller of its own.
 */
import {
  bySpace,
  type Clock,
  f64,
  Interner,
  numberShape,
  Random,
  recordShape,
  stateSchema,
  u32,
} from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { type ActorContext, actorType } from '../actor.ts'
import { Asks, ShardPlace } from '../asks/index.ts'
import { Shard } from '../shard/shard.ts'

const sizes = {
  small: { asks: 20_000, actors: 100, inFlight: 100, rounds: 1 },
  large: { asks: 3_000_000, actors: 1_000, inFlight: 1_000, rounds: 5 },
} as const

const SEED = 1
/** Ids are asked in this many steps, then again. */
const ASKED = 65_536

const fields = { sum: f64, weighed: f64, last: f64, times: u32 }
type Context = ActorContext<typeof fields>
type Argument = {
  readonly by: number
  readonly weight: number
  readonly at: number
  readonly kind: number
}

class Meter {
  readonly #context: Context
  constructor(context: Context) {
    this.#context = context
  }
  add({ by, weight, at, kind }: Argument): number {
    const { state } = this.#context
    state.sum += by
    state.weighed += by * weight
    if (at > state.last) state.last = at
    state.times += kind
    return state.sum
  }
  mean({ by, weight, at, kind }: Argument): number {
    const { state } = this.#context
    const age = at - state.last
    return (state.weighed + by * weight) / (state.sum + by) + age * kind
  }
}
const any = numberShape()
const argument = recordShape({ by: any, weight: any, at: any, kind: numberShape(0, 255) })
const meter = actorType({
  name: 'Meter',
  state: stateSchema('Meter', 1, fields),
  methods: {
    add: { kind: 'write', argument, result: any },
    mean: { kind: 'read', argument, result: any },
  },
  create: (context: Context) => new Meter(context),
})

export const bench = {
  name: 'actors/ask',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const names = bySpace(() => new Interner())
    const shard = new Shard({ type: meter, space: 'actor', names })
    const place = new ShardPlace(new Map([['Meter', shard]]))
    const types = [{ type: meter, space: 'actor' as const }]
    const asks = new Asks({ types, names, place, clock })
    const random = new Random(SEED)
    const ids = Array.from({ length: ASKED }, () => `meter-${random.below(options.actors)}`)
    const rates: Record<'mean' | 'add', number[]> = { mean: [], add: [] }
    let checksum = 0
    for (let round = 0; round < options.rounds; round++) {
      for (const method of ['add', 'mean'] as const) {
        const began = clock.monotonic()
        const callers = Array.from({ length: options.inFlight }, async (_, caller) => {
          let sum = 0
          for (let n = caller; n < options.asks; n += options.inFlight) {
            const argument = { by: 1, weight: n & 7, at: n, kind: 1 }
            const id = ids[n % ASKED]!
            sum += (await asks.ask('Meter', id, method, argument)) as number
          }
          return sum
        })
        for (const caller of callers) checksum += await caller
        rates[method].push((options.asks / (clock.monotonic() - began)) * 1000)
      }
    }
    const asksPerSecond = {
      read: Math.round(median(rates.mean)),
      write: Math.round(median(rates.add)),
    }
    return { seed: SEED, options, asksPerSecond, digest: Math.round(checksum).toString(16) }
  },
}
