import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bySpace,
  f64,
  heapAllocator,
  Interner,
  type Names,
  ref,
  ring,
  stateSchema,
  table,
  u32,
} from '../../base/index.ts'
import { type ActorContext, actorType } from '../actor.ts'
import type { DeadLetter } from './dead-letter.ts'
import { Digest } from './digest.ts'
import { type EntryBatch, RecordBlock, roles } from './record-block.ts'
import { Shard, type ShardOptions } from './shard.ts'

const fields = {
  last: f64,
  turns: u32,
  pins: ring({ pin: ref('pin'), time: f64 }, 20),
  best: table({ pin: ref('pin'), times: u32 }, { capacity: 4, evictBy: 'times' }),
}
type Context = ActorContext<typeof fields>

/** A time that no entry may have. */
const POISON = 666

class Diary {
  readonly #context: Context
  constructor(context: Context) {
    this.#context = context
  }
  apply(batch: EntryBatch): void {
    const { state } = this.#context
    for (let i = 0; i < batch.length; i++) {
      const { time, pin } = batch.at(i)
      state.last = time
      const row = state.pins.append()
      row.pin = pin
      row.time = time
      state.best.upsert(pin).times += 1
      // After its changes: they must go.
      if (time === POISON) throw undefined
    }
  }
}
const diary = actorType({
  name: 'Diary',
  state: stateSchema('Diary', 1, fields),
  methods: {},
  create: (context: Context) => new Diary(context),
})

const USERS = 60
const PINS = 9
function namesOfAll(): Names {
  const names = bySpace(() => new Interner())
  for (let user = 0; user < USERS; user++) names.user.intern(`u${user}`)
  for (let pin = 0; pin < PINS; pin++) names.pin.intern(`p${pin}`)
  return names
}

type Event = { readonly user: number; readonly pin: number; readonly time: number }

function blockOf(events: readonly Event[]): RecordBlock {
  const block = new RecordBlock(events.length)
  for (const { user, pin, time } of events) {
    const n = block.count++
    block.owner[n] = user
    block.pin[n] = pin
    block.time[n] = time
    block.position[n] = n
    // Every seventh pin is none of this shard's business.
    block.roles[n] = pin === 7 ? roles.pin : roles.user | roles.pin
  }
  return block
}

const pages = { allocate: heapAllocator, pageBytes: 1 << 17 }
const rowBytes = diary.state.layout.bytes

function run(events: readonly Event[], cuts: number, options: Partial<ShardOptions> = {}) {
  const letters: DeadLetter[] = []
  const names = namesOfAll()
  const onDeadLetter = (letter: DeadLetter) => letters.push(letter)
  const shard = new Shard({ type: diary, space: 'user', names, pages, onDeadLetter, ...options })
  let applied = 0
  const step = Math.max(1, Math.ceil(events.length / cuts))
  for (let from = 0; from < events.length; from += step) {
    const block = blockOf(events.slice(from, from + step))
    applied += shard.foldBlock(block, block.owner, roles.user)
    const { usedBytes } = shard.residents
    if (options.bytesMax !== undefined) expect(usedBytes).toBeLessThanOrEqual(options.bytesMax)
  }
  const digest = new Digest()
  shard.digest(digest)
  return { shard, applied, digest: digest.hex(), letters }
}

const events = fc.array(
  fc.record({
    user: fc.nat(USERS - 1),
    pin: fc.nat(PINS - 1),
    time: fc.oneof(
      { weight: 30, arbitrary: fc.nat(600) },
      { weight: 1, arbitrary: fc.constant(POISON) },
    ),
  }),
  { minLength: 1, maxLength: 1_500, size: 'max' },
)

test('state does not depend on batches, on memory, or on how actors are found', () => {
  let evictions = 0
  let activations = 0
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 40 }), (list, cuts) => {
      const whole = run(list, 1)
      const others = [
        run(list, cuts),
        run(list, cuts, { isSparse: true }),
        // Room for a few actors only, found directly at first.
        run(list, cuts, { bytesMax: rowBytes * 12 }),
        run(list, cuts, { bytesMax: rowBytes * 12, isSparse: true }),
      ]
      const halves = new Digest()
      for (const part of [0, 1]) {
        const mine = list.filter(({ user }) => user % 2 === part)
        halves.merge(run(mine, cuts, { stride: 2, bytesMax: rowBytes * 12 }).digest)
      }
      expect(halves.hex()).toBe(whole.digest)
      for (const other of others) {
        expect(other.digest).toBe(whole.digest)
        expect(other.applied).toBe(whole.applied)
        expect(other.shard.actors).toBe(whole.shard.actors)
        expect(other.letters).toHaveLength(whole.letters.length)
        evictions += other.shard.residents.evictions
        activations += other.shard.residents.activations
      }
    }),
    { numRuns: 40 },
  )
  // Else memory was never short, and nothing was shown.
  expect(evictions).toBeGreaterThan(1_000)
  expect(activations).toBeGreaterThan(1_000)
})

test('what is poisonous is told with its reason, and everything else is applied', () => {
  fc.assert(
    fc.property(events, (list) => {
      const { letters, applied } = run(list, 1)
      const mine = list.filter(({ pin }) => pin !== 7)
      const poison = mine.filter(({ time }) => time === POISON)
      expect(letters).toHaveLength(poison.length)
      for (const letter of letters) {
        expect(letter).toMatchObject({ type: 'Diary', reason: 'nothing was said' })
        expect(list[letter.position]!.time).toBe(POISON)
        expect(letter.id).toBe(`u${list[letter.position]!.user}`)
      }
      expect(applied).toBe(mine.length - poison.length)
    }),
    { numRuns: 40 },
  )
})
