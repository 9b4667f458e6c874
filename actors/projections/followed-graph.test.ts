import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entry } from '../../base/index.ts'
import { boardRows, edgeDigest, type NamedEdges } from '../../graph/index.ts'
import { SimulatedDisk } from '../../simulator/faults/index.ts'
import { EntryWriter, openFileLog } from '../log/index.ts'
import { edgesFromLog } from './edges-from-log.ts'
import { FollowedGraph } from './followed-graph.ts'

const name = (prefix: string, count: number) => fc.nat(count - 1).map((n) => `${prefix}${n}`)
const pin = name('p', 4)
const board = name('b', 3)
const user = name('u', 2)
const time = fc.nat(20)
const entry = fc.oneof(
  fc.record({ kind: fc.constantFrom('save', 'unsave'), time, user, pin, board }),
  fc.record({ kind: fc.constantFrom('save', 'unsave'), time, user, pin }),
  fc.record({ kind: fc.constant('pin'), id: pin, time, hidden: fc.boolean() }),
  fc.record({ kind: fc.constant('board'), id: board, time, user, private: fc.boolean() }),
  fc.record({ kind: fc.constant('delete-pin'), id: pin, time }),
  fc.record({ kind: fc.constant('delete-board'), id: board, time }),
  fc.record({ kind: fc.constant('delete-user'), id: user, time }),
)
/** Events get ids of their own. */
const entries = fc
  .array(entry, { minLength: 1, maxLength: 30 })
  .map((list) => list.map((e, n) => ('id' in e ? e : { id: `e${n}`, ...e })) as Entry[])

const digest = (edges: NamedEdges) => edgeDigest(boardRows(edges))
const keyOf = (edge: { board: string; pin: string }) => `${edge.board} ${edge.pin}`
async function logOf(list: readonly Entry[], disk: SimulatedDisk) {
  const log = await openFileLog({ directory: '/d', partitions: 2, disk })
  for (const [n, e] of list.entries()) {
    const writer = new EntryWriter()
    writer.append(e)
    const { payload, count } = writer.take()
    await log.append(n % 2, payload, count)
  }
  return log
}
const follow = (disk: SimulatedDisk) =>
  FollowedGraph.open({ directory: '/d', disk, owner: () => undefined })

test('the changes of all passes add up to the edges of the log, none told twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entries, { minLength: 1, maxLength: 4 }), async (rounds) => {
      const disk = new SimulatedDisk()
      const held = new Set<string>()
      let followed: FollowedGraph | undefined
      const all: Entry[] = []
      for (const [round, list] of rounds.entries()) {
        const mine = list.map((e) => ('pin' in e ? { ...e, id: `${round}-${e.id}` } : e))
        all.push(...mine)
        const log = await logOf(mine, disk)
        followed ??= await follow(disk)
        expect(await followed.advance()).toBe(true)
        const { added, removed } = followed.changes()
        for (const key of added.map(keyOf)) {
          expect(held.has(key)).toBe(false)
          held.add(key)
        }
        for (const key of removed.map(keyOf)) expect(held.delete(key)).toBe(true)
        expect(followed.edgeCount).toBe(held.size)
        expect(digest(followed.edges())).toBe(digest(await edgesFromLog(log, '/data')))
        await log.close()
      }
      const { boards, pins, edges } = followed!.edges()
      const wanted = Array.from({ length: edges.edgeCount }, (_, i) =>
        keyOf({ board: boards.id(edges.boards[i]!), pin: pins.id(edges.pins[i]!) }),
      )
      expect([...held].sort()).toEqual(wanted.sort())
    }),
    { numRuns: 60 },
  )
})

test('it stops exactly where it is told, and knows another log', async () => {
  const saves = (prefix: string) =>
    Array.from(
      { length: 6 },
      (_, n): Entry => ({ kind: 'save', id: `${n}`, time: n, user: 'u', pin: `${prefix}${n}` }),
    )
  const disk = new SimulatedDisk()
  await logOf(saves('a').slice(0, 3), disk)
  const early = await follow(disk)
  await early.advance()
  await logOf(saves('a').slice(3), disk)
  const again = await follow(disk)
  expect(await again.advance(early.cursor)).toBe(true)
  expect(again.cursor).toEqual(early.cursor)
  expect(digest(again.edges())).toBe(digest(early.edges()))
  expect(await again.unread()).toBe(3)
  const other = new SimulatedDisk()
  await logOf(saves('b'), other)
  expect(await (await follow(other)).advance(early.cursor)).toBe(false)
  const late = await follow(disk)
  await late.advance()
  const short = new SimulatedDisk()
  await logOf(saves('a').slice(0, 2), short)
  expect(await (await follow(short)).advance(late.cursor)).toBe(false)
})
