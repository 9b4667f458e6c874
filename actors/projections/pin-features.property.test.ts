import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bySpace,
  DECLARED,
  heapAllocator,
  Interner,
  kindCode,
  type Names,
  NONE,
  type TagIndex,
} from '../../base/index.ts'
import { FeatureTable } from '../../ranking/index.ts'
import { pinActor } from '../pin-actor.ts'
import type { PinView } from '../pin-state.ts'
import { RecordBlock, roles } from '../shard/record-block.ts'
import { Shard } from '../shard/shard.ts'
import { restoreActors } from '../shard/shard-dump.ts'
import { PinColumns, restoreFeatures } from './pin-features.ts'

const DAY = 86_400_000
const PINS = 3
const pages = { allocate: heapAllocator, pageBytes: 1 << 17 }
const entry = fc.record({
  kind: fc.constantFrom(
    ...Object.values(kindCode).slice(0, 6),
    DECLARED,
    kindCode.pin,
    kindCode['delete-pin'],
  ),
  pin: fc.nat(PINS - 1),
  time: fc.nat(30).map((day) => day * DAY + 7),
  hidden: fc.boolean(),
  tags: fc.array(fc.nat(20), { maxLength: 10 }),
  said: fc.record(
    { title: fc.constantFrom('', 'One', 'Two'), image: fc.constantFrom('', 'a.jpg') },
    { requiredKeys: [] },
  ),
})

const contents = (table: FeatureTable) =>
  Object.fromEntries(Object.entries(table.columns).map(([name, column]) => [name, [...column]]))

type Told = readonly (typeof entry extends fc.Arbitrary<infer T> ? T : never)[]

function blockOf(entries: Told): RecordBlock {
  const block = new RecordBlock(entries.length)
  for (const { kind, pin, time, hidden, tags, said } of entries) {
    const n = block.count++
    block.kind[n] = kind
    block.pin[n] = pin
    block.time[n] = time
    block.roles[n] = roles.pin
    block.board[n] = NONE
    if (kind !== kindCode.pin) continue
    const told = { ...said, hidden, topic: 3 as TagIndex, tags: tags as TagIndex[] }
    block.payloads.set(n, told)
  }
  return block
}

const several = fc.array(entry, { maxLength: 80 })

test('columns that come back with the states of pins are those that the entries made', () => {
  fc.assert(
    fc.property(several, (entries) => {
      const names: Names = bySpace(() => new Interner())
      for (let pin = 0; pin < PINS; pin++) names.pin.intern(`p${pin}`)
      for (let tag = 0; tag <= 20; tag++) names.tag.intern(`t${tag}`)
      const block = blockOf(entries)
      const table = FeatureTable.create(PINS)
      new PinColumns(table).applyBlock(block)
      const shard = new Shard({ type: pinActor, space: 'pin', names, pages })
      shard.foldBlock(block, block.pin, roles.pin)

      const back = FeatureTable.create(PINS)
      const other = new Shard({ type: pinActor, space: 'pin', names, pages })
      for (const chunk of shard.beginDump()) restoreActors(other.residents, chunk, () => true)
      for (const pin of other.keys()) {
        const { residents } = other
        restoreFeatures(back, pin, residents.look(residents.activate(pin)) as PinView)
      }
      expect(contents(back)).toEqual(contents(table))
    }),
  )
})

test('so are rows that come back by themselves, whatever is folded while they are written', () => {
  fc.assert(
    fc.property(several, several, several, (entries, early, late) => {
      const table = FeatureTable.create(PINS)
      const columns = new PinColumns(table)
      columns.applyBlock(blockOf(entries))
      const wanted = contents(table)
      const back = FeatureTable.create(PINS)
      const restored = new PinColumns(back)
      const chunks = columns.beginDump((pin) => pin !== 1)[Symbol.iterator]()
      columns.applyBlock(blockOf(early))
      for (let next = chunks.next(); !next.done; next = chunks.next()) {
        restored.restore(next.value, (pin) => pin !== 0)
        columns.applyBlock(blockOf(late))
      }
      columns.endDump()
      // The others come from whoever has them.
      for (const mine of [0, 1]) {
        const whole = FeatureTable.create(PINS)
        const own = new PinColumns(whole)
        own.applyBlock(blockOf(entries))
        for (const chunk of own.beginDump((pin) => pin === mine))
          restored.restore(chunk, () => true)
      }
      expect(contents(back)).toEqual(wanted)
    }),
  )
})

test('a row that comes back leaves alone what was told later', () => {
  const told = { hidden: false, tags: [], said: {} }
  const before = { ...told, kind: kindCode.pin, pin: 1, time: 5, said: { title: 'One' as const } }
  const table = FeatureTable.create(PINS)
  new PinColumns(table).applyBlock(
    blockOf([before, { ...told, kind: kindCode.save, pin: 1, time: 9 }]),
  )
  const rows = new PinColumns(table).beginDump(() => true)
  const later = { ...before, time: 6, said: { title: 'Two' as const }, tags: [4] }
  const known = FeatureTable.create(PINS)
  const columns = new PinColumns(known)
  columns.applyBlock(blockOf([later]))
  for (const chunk of rows) columns.restore(chunk, () => true)
  expect([known.tag(1, 0), known.fact(1, 'saves'), known.columns.told[1]]).toEqual([4, 1, 6])
})
