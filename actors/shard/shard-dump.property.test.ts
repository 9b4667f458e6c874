import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bySpace, heapAllocator, Interner, type Names, NONE } from '../../base/index.ts'
import { pinActor } from '../pin-actor.ts'
import { EdgeDump, restoreEdges, withoutBoards } from '../projections/edge-dump.ts'
import { EdgeTable } from '../projections/edge-table.ts'
import { ChunkWriter } from '../snapshots/section.ts'
import { Digest } from './digest.ts'
import { Shard } from './shard.ts'
import { restoreActors } from './shard-dump.ts'
import { foldSaves } from './testing.ts'

const PINS = 100_000
const names: Names = bySpace(() => new Interner())
for (let pin = 0; pin < PINS; pin++) names.pin.intern(`p${pin}`)
const pages = { allocate: heapAllocator, pageBytes: 1 << 20 }
const digestOf = (shard: Shard) => {
  const digest = new Digest()
  shard.digest(digest)
  return digest.hex()
}

/** Numbers that lie in different slices of a dump, some often and some once. */
const pin = fc.oneof(fc.nat(20), fc.nat(PINS - 1), fc.constantFrom(32_767, 32_768, PINS - 1))
const block = fc.array(pin, { maxLength: 30 })

test('a dump is what the shard was when it began, whatever is folded meanwhile', () => {
  const blocks = fc.array(block, { maxLength: 8 })
  const given = fc.record({
    before: blocks,
    /** Folded before the first chunk, between the first and the second, and so on. */
    meanwhile: fc.array(blocks, { maxLength: 6 }),
    bytesMax: fc.constantFrom(4_000, Number.POSITIVE_INFINITY),
    isSparse: fc.boolean(),
  })
  fc.assert(
    fc.property(given, ({ before, meanwhile, bytesMax, isSparse }) => {
      const options = { type: pinActor, space: 'pin', names, pages, isSparse } as const
      const shard = new Shard({ ...options, bytesMax })
      for (const pins of before) foldSaves(shard, pins)
      const wanted = digestOf(shard)
      const back = new Shard(options)
      const steps = [...meanwhile]
      const chunks = shard.beginDump()[Symbol.iterator]()
      for (;;) {
        for (const pins of steps.shift() ?? []) foldSaves(shard, pins)
        const chunk = chunks.next()
        if (chunk.done) break
        restoreActors(back.residents, chunk.value, () => true)
      }
      shard.endDump()
      expect(digestOf(back)).toBe(wanted)
      expect(back.actors).toBe(new Set(before.flat()).size)
    }),
    { numRuns: 30 },
  )
})

type Said = { readonly what: number; readonly a: number; readonly b: number; readonly time: number }
const said = fc.array(fc.record({ what: fc.nat(6), a: fc.nat(9), b: fc.nat(9), time: fc.nat(5) }), {
  maxLength: 40,
})

test('so is a dump of the edge table', () => {
  fc.assert(
    fc.property(said, said, said, (before, meanwhile, later) => {
      const table = new EdgeTable()
      const owners = new Map<number, number>()
      const titles = new Map<number, string>()
      const say = ({ what, a, b, time }: Said, dump?: EdgeDump) => {
        if (what < 3) table.upsert(a, b, time, what === 0 ? 0 : 1)
        else if (what === 3) table.notePin(a, b % 2 === 0, time)
        else if (what === 4) table.noteBoard(a, b % 2 === 0, time)
        else if (what === 5) {
          table.boards.touch(a)
          dump?.keepTitle(a)
          titles.set(a, b === 0 ? '' : `board ${b} 木`)
        } else if (!owners.has(a)) {
          table.boards.touch(a)
          dump?.keepOwner(a)
          owners.set(a, b)
        }
      }
      for (const word of before) say(word)
      const wanted = contents(table, owners, titles)
      const dump = new EdgeDump(table, {
        ownerOf: (board) => owners.get(board) ?? NONE,
        titleOf: (board) => titles.get(board) ?? '',
      })
      table.dump = dump
      for (const word of meanwhile) say(word, dump)
      const back = new EdgeTable()
      const ownersBack = new Map<number, number>()
      const titlesBack = new Map<number, string>()
      for (const chunk of dump.chunks()) {
        restoreEdges(back, chunk, {
          own: (board, owner) => {
            if (owner !== NONE) ownersBack.set(board, owner)
          },
          call: (board, title) => titlesBack.set(board, title),
          hide: () => {},
        })
      }
      expect(contents(back, ownersBack, titlesBack)).toEqual(wanted)
      // Rows that are back are found, and new ones are new.
      const stayed = new EdgeTable()
      const edges = (all: readonly Said[]) => all.filter(({ what }) => what < 3)
      for (const { what, a, b, time } of edges([...before, ...later])) {
        stayed.upsert(a, b, time, what === 0 ? 0 : 1)
      }
      for (const { what, a, b, time } of edges(later)) back.upsert(a, b, time, what === 0 ? 0 : 1)
      const rowsOf = (of: EdgeTable) => contents(of, new Map(), new Map()).rows
      expect(rowsOf(back)).toEqual(rowsOf(stayed))
    }),
  )
})

test('edges of snapshots until format 2 are read one by one', () => {
  const chunk = new ChunkWriter()
  const edges = [
    { pin: 7, board: 2, time: 5.5, live: 1 },
    { pin: 3, board: 2, time: 6, live: 0 },
  ]
  for (const head of [1, 0, edges.length]) chunk.u32(head)
  for (const { pin, board, time, live } of edges) {
    chunk.u32(pin)
    chunk.u32(board)
    chunk.f64(time)
    chunk.u8(live)
  }
  const table = new EdgeTable()
  const tell = { own: () => {}, call: () => {}, hide: () => {} }
  restoreEdges(table, chunk.take(), tell)
  expect(contents(table, new Map(), new Map())).toMatchObject({
    rows: edges.map(({ pin, board, time, live }) => [pin, board, time, live === 1]),
    live: 1,
  })
  expect([...table.rowsOf(2)]).toEqual([1, 0])
})

test('boards that are taken out of a dump are as if nobody had named them', () => {
  const title = fc.constantFrom('', 'Oak', '木の家')
  fc.assert(
    fc.property(fc.array(title, { maxLength: 9 }), fc.uniqueArray(fc.nat(8)), (titles, gone) => {
      const table = new EdgeTable()
      for (const board of titles.keys()) table.upsert(board, 1, 5, 1)
      const texts = {
        ownerOf: (board: number) => board,
        titleOf: (board: number) => titles[board]!,
      }
      const back = new EdgeTable()
      const owned: number[] = []
      const named: [number, string][] = []
      for (const chunk of new EdgeDump(table, texts).chunks()) {
        restoreEdges(back, withoutBoards(chunk, new Set(gone)), {
          own: (board, owner) => {
            if (owner !== NONE) owned.push(board)
          },
          call: (board, called) => named.push([board, called]),
          hide: () => {},
        })
      }
      const left = [...titles.keys()].filter((board) => !gone.includes(board))
      expect(owned).toEqual(left)
      const called = left.flatMap((board) => (titles[board] ? [[board, titles[board]]] : []))
      expect(named).toEqual(called)
      // Those that are left are found, whatever their rows are now.
      for (const board of left) expect(back.upsert(board, 1, 6, 1)).toBe(-1)
      expect(left.every((board) => back.newestOf(board, 9).pins.length === 1)).toBe(true)
      expect(back.rows).toBe(left.length)
    }),
  )
})

function contents(
  table: EdgeTable,
  owners: ReadonlyMap<number, number>,
  titles: ReadonlyMap<number, string>,
) {
  const rows = Array.from({ length: table.rows }, (_, row) => [
    table.pinOf(row),
    table.boardOf(row),
    table.timeOf(row),
    table.isLive(row),
  ])
  const notes = [table.pins, table.boards].map((part) =>
    Array.from({ length: part.size }, (_, i) => [part.flags(i), part.time(i)]),
  )
  const called = [...titles].filter(([, title]) => title !== '').sort()
  const lists = Array.from({ length: table.boards.size }, (_, board) => [...table.rowsOf(board)])
  return { rows, notes, live: table.live, owners: [...owners].sort(), called, lists }
}
