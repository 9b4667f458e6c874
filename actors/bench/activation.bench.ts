/**
 * Actors that come back to memory from the cold store, an LMDB file, on one core: reads of random
 * actors of whom few fit into memory, so that nearly every read brings one in and sends one out.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  bySpace,
  type Clock,
  f64,
  Interner,
  nothingShape,
  numberShape,
  Random,
  ref,
  ring,
  stateSchema,
  u32,
  vector,
} from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { type ActorContext, actorType } from '../actor.ts'
import { type EntryBatch, RecordBlock, roles } from '../shard/record-block.ts'
import { Shard } from '../shard/shard.ts'
import { LmdbStates } from '../store/index.ts'

const sizes = {
  small: { actors: 5_000, resident: 500, reads: 5_000, rounds: 1 },
  large: { actors: 1_000_000, resident: 50_000, reads: 500_000, rounds: 5 },
} as const
const SEED = 1
const KINDS = 8
const BATCH = 4096
/** Events of each actor before it leaves. */
const EVENTS = 6

const fields = {
  last: f64,
  counts: vector(u32, KINDS),
  pins: ring({ pin: ref('pin'), time: f64 }, 100),
}
type Context = ActorContext<typeof fields>

class Visitor {
  readonly #context: Context
  constructor(context: Context) {
    this.#context = context
  }
  apply(batch: EntryBatch): void {
    const { state } = this.#context
    for (let i = 0; i < batch.length; i++) {
      const { kind, time, pin } = batch.at(i)
      state.counts.set(kind, state.counts.get(kind) + 1)
      state.last = time
      const row = state.pins.append()
      row.pin = pin
      row.time = time
    }
  }
  last(): number {
    return this.#context.state.last
  }
}
const visitor = actorType({
  name: 'Visitor',
  state: stateSchema('Visitor', 1, fields),
  methods: { last: { kind: 'read', argument: nothingShape, result: numberShape() } },
  create: (context: Context) => new Visitor(context),
})

export const bench = {
  name: 'actors/activation',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const { actors, resident, reads, rounds } = sizes[size]
    const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-activation-'))
    const states = LmdbStates.create(join(scratch, 'states.mdb'))
    try {
      const names = bySpace(() => new Interner({ capacity: 16 }))
      const rowBytes = visitor.state.layout.bytes + 8 * 16
      const bytesMax = resident * rowBytes
      const cold = states.storeOf('Visitor')
      const shard = new Shard({ type: visitor, space: 'user', names, cold, bytesMax })
      const began = clock.monotonic()
      fill(shard, actors)
      const filled = (clock.monotonic() - began) / 1000
      const random = new Random(SEED)
      const rates: number[] = []
      const cpuRates: number[] = []
      let checksum = 0
      for (let round = 0; round < rounds; round++) {
        const before = shard.residents.activations
        const start = clock.monotonic()
        const used = process.cpuUsage()
        for (let n = 0; n < reads; n++) {
          checksum += shard.read(random.below(actors), 'last', undefined) as number
        }
        const seconds = (clock.monotonic() - start) / 1000
        const { user, system } = process.cpuUsage(used)
        const activations = shard.residents.activations - before
        rates.push(activations / seconds)
        cpuRates.push(activations / ((user + system) / 1e6))
      }
      return {
        seed: SEED,
        options: sizes[size],
        activationsPerSecond: Math.round(median(rates)),
        /** Whatever else the machine does; what LMDB's own thread takes counts, too. */
        activationsPerCpuSecond: Math.round(median(cpuRates)),
        evictionsPerSecondOfNew: Math.round(shard.residents.evictions / filled),
        storedBytes: cold.get(1)?.length,
        inMemory: shard.residents.live,
        digest: checksum.toString(16),
      }
    } finally {
      await states.close()
      rmSync(scratch, { recursive: true, force: true })
    }
  },
}

function fill(shard: Shard, actors: number): void {
  const block = new RecordBlock(BATCH)
  block.roles.fill(roles.user)
  for (let first = 0; first < actors; first += BATCH / EVENTS) {
    block.count = 0
    for (let i = 0; i < Math.floor(BATCH / EVENTS) && first + i < actors; i++) {
      for (let event = 0; event < EVENTS; event++) {
        const n = block.count++
        block.owner[n] = Math.floor(first) + i
        block.pin[n] = event
        block.kind[n] = event % KINDS
        block.time[n] = n
      }
    }
    shard.foldBlock(block, block.owner, roles.user)
  }
}
