import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bySpace, heapAllocator, Interner, type Names, StateSchema } from '../../base/index.ts'
import { pinActor } from '../pin-actor.ts'
import { MemoryColdStore } from '../store/index.ts'
import { Digest, WordDigest } from './digest.ts'
import { KeptStates } from './kept-states.ts'
import { Shard } from './shard.ts'
import { restoreActors } from './shard-dump.ts'
import { foldSaves } from './testing.ts'

const PINS = 40_000
const names: Names = bySpace(() => new Interner())
for (let pin = 0; pin < PINS; pin++) names.pin.intern(`p${pin}`)
const pages = { allocate: heapAllocator, pageBytes: 1 << 20 }
const pin = fc.oneof(fc.nat(9), fc.nat(PINS - 1))
const block = fc.array(pin, { maxLength: 40 })

function digestsOf(shard: Shard): readonly string[] {
  const [digest, words] = [new Digest(), new WordDigest()]
  shard.digest(digest)
  shard.residents.eachState((key, at, end) => words.add(0, key, at, 1, end))
  return [digest.hex(), words.hex()]
}

const steps = fc.array(
  fc.oneof(
    fc.record({ fold: block }),
    fc.record({ read: pin }),
    fc.record({ evict: pin }),
    fc.record({ erase: pin }),
  ),
  { maxLength: 8 },
)

test('actors that a start found are as if they had never been away, whatever happens next', () => {
  const given = fc.record({
    before: fc.array(block, { maxLength: 6 }),
    steps,
    bytesMax: fc.constantFrom(0, 3_000, Number.POSITIVE_INFINITY),
    isSparse: fc.boolean(),
    workers: fc.integer({ min: 1, max: 3 }),
  })
  fc.assert(
    fc.property(given, ({ before, steps, bytesMax, isSparse, workers }) => {
      const isMine = (pin: number) => pin % workers === 0
      const options = { type: pinActor, space: 'pin', names, pages } as const
      const first = new Shard(options)
      const stayed = new Shard(options)
      for (const pins of before) {
        foldSaves(first, pins)
        foldSaves(stayed, pins.filter(isMine))
      }
      const stride = isSparse ? 1 : workers
      const back = new Shard({ ...options, bytesMax, isSparse, stride })
      for (const chunk of first.beginDump()) restoreActors(back.residents, chunk, isMine)
      first.endDump()
      for (const step of steps) {
        for (const shard of [stayed, back]) {
          if ('fold' in step) foldSaves(shard, step.fold.filter(isMine))
          else if ('read' in step) shard.read(step.read - (step.read % workers), 'card', undefined)
          else if ('evict' in step) shard.evict(step.evict)
          else shard.erase(step.erase)
        }
      }
      expect(digestsOf(back)).toEqual(digestsOf(stayed))
      expect([back.actors, back.keys().sort()]).toEqual([stayed.actors, stayed.keys().sort()])
      const again = new Shard(options)
      for (const chunk of back.beginDump()) restoreActors(again.residents, chunk, () => true)
      expect(digestsOf(again)).toEqual(digestsOf(stayed))
    }),
    { numRuns: 60 },
  )
})

test('nothing is decoded before it is asked for, and what is taken is held no more', () => {
  const options = { type: pinActor, space: 'pin', names, pages } as const
  const shard = new Shard(options)
  const pins = Array.from({ length: 30_000 }, (_, pin) => pin)
  foldSaves(shard, pins)
  const back = new Shard(options)
  for (const chunk of shard.beginDump()) restoreActors(back.residents, chunk, () => true)
  expect([back.residents.live, back.actors]).toEqual([0, pins.length])
  const kept = back.residents.usedBytes
  foldSaves(back, pins.slice(0, 100))
  expect(back.residents.live).toBe(100)
  expect(back.residents.usedBytes).toBe(kept + 100 * 64)
  foldSaves(back, pins)
  foldSaves(shard, [...pins, ...pins.slice(0, 100)])
  expect(back.residents.usedBytes).toBe(shard.residents.usedBytes)
  expect(digestsOf(back)).toEqual(digestsOf(shard))
})

test('states of an earlier version are told at once, of a later one, too', () => {
  const shard = new Shard({ type: pinActor, space: 'pin', names, pages })
  foldSaves(shard, [1, 2, 3])
  const { state } = pinActor
  for (const version of [state.version - 1, state.version + 1]) {
    const schema = new StateSchema(state.name, version, state.fields)
    for (const chunk of shard.beginDump()) {
      const told: number[] = []
      const states = new KeptStates(new MemoryColdStore(), 1)
      states.keep(chunk, schema, { kept: () => {}, others: (key) => told.push(key) })
      expect(told).toEqual(chunk.length === 0 ? [] : [1, 2, 3])
      expect([states.bytes, states.get(1)]).toEqual([0, undefined])
    }
  }
})
