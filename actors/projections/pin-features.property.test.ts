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
import { BlockBatch, RecordBlock, roles } from '../shard/record-block.ts'
import { Shard } from '../shard/shard.ts'
import { restoreActors } from '../shard/shard-dump.ts'
import { applyToFeatures, restoreFeatures } from './pin-features.ts'

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

test('columns that come back with the states of pins are those that the entries made', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 80 }), (entries) => {
      const names: Names = bySpace(() => new Interner())
      for (let pin = 0; pin < PINS; pin++) names.pin.intern(`p${pin}`)
      for (let tag = 0; tag <= 20; tag++) names.tag.intern(`t${tag}`)
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
      const table = FeatureTable.create(PINS)
      const batch = new BlockBatch(block)
      for (let n = 0; n < block.count; n++) applyToFeatures(table, batch.record(n))
      const shard = new Shard({ type: pinActor, space: 'pin', names, pages })
      shard.foldBlock(block, block.pin, roles.pin)

      const back = FeatureTable.create(PINS)
      const other = new Shard({ type: pinActor, space: 'pin', names, pages })
      for (const chunk of shard.beginDump()) {
        restoreActors(
          other.residents,
          chunk,
          () => true,
          (pin, state) => {
            restoreFeatures(back, pin, state as PinView)
          },
        )
      }
      expect(contents(back)).toEqual(contents(table))
    }),
  )
})
