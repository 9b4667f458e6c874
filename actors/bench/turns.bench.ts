/**
 * Turns of many actors in memory on one core: batches of events of random users are folded by a
 * shard, with every guard on (grouping, stage, last use). Beside it a bare loop that does the same
 * arithmetic on rows of the same length in typed arrays, and nothing else.
 *
 * The actor: events by kind, the latest time, an activity that fades.
 */
import {
  bySpace,
  type Clock,
  f32,
  f64,
  heapAllocator,
  Interner,
  Page,
  Random,
  stateSchema,
  u32,
  vector,
} from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { type ActorContext, actorType } from '../actor.ts'
import { type EntryBatch, RecordBlock, roles } from '../shard/record-block.ts'
import { Shard } from '../shard/shard.ts'

const sizes = {
  small: { actors: 20_000, turns: 100_000, rounds: 1 },
  large: { actors: 10_000_000, turns: 20_000_000, rounds: 5 },
} as const
const SEED = 1
const KINDS = 8
const BATCH = 4096
/** An event's weight halves when it is this old. */
const FADES_MS = 1e7

const fields = { last: f64, activity: f32, counts: vector(u32, KINDS) }
type Context = ActorContext<typeof fields>

class Reader {
  readonly #state: Context['state']
  constructor({ state }: Context) {
    this.#state = state
  }
  apply(batch: EntryBatch): void {
    const state = this.#state
    for (let i = 0; i < batch.length; i++) {
      const { kind, time, weight } = batch.at(i)
      state.counts.set(kind, state.counts.get(kind) + 1)
      const { last } = state
      if (time >= last) {
        state.activity = state.activity / (1 + (time - last) / FADES_MS) + weight
        state.last = time
      } else state.activity += weight / (1 + (last - time) / FADES_MS)
    }
  }
}
const reader = actorType({
  name: 'Reader',
  state: stateSchema('Reader', 1, fields),
  methods: {},
  create: (context: Context) => new Reader(context),
})

/** The same work on bare arrays: rows of `words` words. */
class BareRows {
  readonly #words: number
  readonly #u32: Uint32Array
  readonly #f32: Float32Array
  readonly #f64: Float64Array
  constructor(actors: number, words: number) {
    const { u32, f32, f64 } = Page.made(heapAllocator, actors * words * 4)
    this.#words = words
    this.#u32 = u32
    this.#f32 = f32
    this.#f64 = f64
  }
  foldBlock({ owner, kind, time, weight, count }: RecordBlock): void {
    const u32 = this.#u32
    const f32 = this.#f32
    const f64 = this.#f64
    const words = this.#words
    for (let i = 0; i < count; i++) {
      const at = Math.imul(owner[i]!, words)
      u32[at + 3 + kind[i]!]!++
      const now = time[i]!
      const last = f64[at >>> 1]!
      if (now >= last) {
        f32[at + 2] = f32[at + 2]! / (1 + (now - last) / FADES_MS) + weight[i]!
        f64[at >>> 1] = now
      } else f32[at + 2]! += weight[i]! / (1 + (last - now) / FADES_MS)
    }
  }
  checksum(): number {
    let sum = 0
    for (let at = 0; at + this.#words <= this.#u32.length; at += this.#words) {
      for (let k = 0; k < KINDS; k++) sum = (Math.imul(sum, 31) + this.#u32[at + 3 + k]!) | 0
    }
    return sum >>> 0
  }
}

export const bench = {
  name: 'actors/turns',

  run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const names = bySpace(() => new Interner({ capacity: 16 }))
    const shard = new Shard({ type: reader, space: 'user', names })
    const { residents } = shard
    const before = process.memoryUsage.rss()
    const touched = seconds(clock, () => touchAll(shard, options.actors))
    const resident = process.memoryUsage.rss() - before
    const bare = new BareRows(options.actors, residents.rows.rowWords)
    const results: { readonly ours: number; readonly bare: number }[] = []
    for (let round = 0; round < options.rounds; round++) {
      results.push(race(clock, shard, bare, options, round))
    }
    // The first round warms the code.
    const measured = results.length > 1 ? results.slice(1) : results
    const turnsPerSecond = Math.round(median(measured.map(({ ours }) => ours)))
    const baseline = Math.round(median(measured.map((result) => result.bare)))
    const stateBytes = reader.state.layout.bytes - 16
    return {
      seed: SEED,
      options: { ...options, batch: BATCH },
      turnsPerSecond,
      baseline,
      ratio: round2(turnsPerSecond / baseline),
      firstTouchPerSecond: Math.round(options.actors / touched),
      stateBytes,
      residentBytesPerActor: round2(resident / options.actors),
      bytesBeyondState: round2(resident / options.actors - stateBytes),
      digest: shard.turns.toString(16),
    }
  },
}

/** Turns a second of both over the same events, by turns. */
function race(
  clock: Clock,
  shard: Shard,
  bare: BareRows,
  { actors, turns }: { readonly actors: number; readonly turns: number },
  round: number,
) {
  const before = shard.turns
  const block = batchOf(BATCH)
  const run = (fold: () => unknown) => {
    const random = new Random(SEED, round)
    let spent = 0
    for (let events = 0; events < turns; events += BATCH) {
      for (let i = 0; i < BATCH; i++) {
        block.owner[i] = random.below(actors)
        block.time[i] = events + i
      }
      spent += seconds(clock, fold)
    }
    return spent
  }
  const ours = run(() => shard.foldBlock(block, block.owner, roles.user))
  const theirs = run(() => bare.foldBlock(block))
  return { ours: (shard.turns - before) / ours, bare: turns / theirs }
}

function touchAll(shard: Shard, actors: number): void {
  const block = batchOf(BATCH)
  for (let first = 0; first < actors; first += BATCH) {
    block.count = Math.min(BATCH, actors - first)
    for (let i = 0; i < block.count; i++) block.owner[i] = first + i
    shard.foldBlock(block, block.owner, roles.user)
  }
}

function batchOf(records: number): RecordBlock {
  const block = new RecordBlock(records)
  block.count = records
  block.roles.fill(roles.user)
  block.weight.fill(1)
  for (let i = 0; i < records; i++) block.kind[i] = i % KINDS
  return block
}

function seconds(clock: Clock, work: () => unknown): number {
  const began = clock.monotonic()
  work()
  return (clock.monotonic() - began) / 1000
}

const round2 = (value: number) => Math.round(value * 100) / 100
