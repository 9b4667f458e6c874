/** Cases of `graph sync` against a running Neo4j: equal to what the log's own fold gives. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FollowedGraph, openFileLog } from '../../actors/index.ts'
import { EntryWriter, type EventLog } from '../../actors/log/index.ts'
import { type Entry, Random, systemClock } from '../../base/index.ts'
import { boardRows, edgeDigest } from '../../graph/index.ts'
import { type Neo4jConnection, pullGraph, pushGraph, syncStep } from '../../graph/neo4j/index.ts'
import { sourceRows } from '../../serving/jobs/graph-source.ts'
import { openGraph } from '../../serving/jobs/open-graph.ts'
import { GraphSync } from '../../serving/jobs/sync-graph.ts'
import { namedEdges } from './neo4j-graphs.ts'

const clock = systemClock

export function describeSync(connected: () => Neo4jConnection): void {
  describe('sync', () => {
    const directory = mkdtempSync(join(tmpdir(), 'pinwheel-neo4j-sync-'))
    const random = new Random(11)
    let log: EventLog
    let written = 0
    beforeAll(async () => {
      log = await openFileLog({ directory, partitions: 3 })
      // An empty database: no push has been there.
      await connected().write((transaction) => transaction.run('MATCH (n) DETACH DELETE n'))
    })
    afterAll(() => rmSync(directory, { recursive: true }))

    /** `count` entries of every kind that the graph heeds, over few names. */
    const append = async (count: number) => {
      for (let n = 0; n < count; n += 10) {
        const writer = new EntryWriter()
        for (let i = 0; i < 10; i++) writer.append(anyEntry(random, written++))
        const { payload, count: packed } = writer.take()
        await log.append(random.below(3), payload, packed)
      }
    }
    const held = async () => {
      const { graph, complete } = await pullGraph(connected(), { clock })
      return { digest: edgeDigest(boardRows(graph)), complete }
    }
    const isEqual = async () => {
      const digest = edgeDigest((await sourceRows({ data: directory, seed: 0 })).rows)
      expect(await held()).toEqual({ digest, complete: true })
    }

    test('an empty Neo4j is filled; later passes send what came since, beside a live log', async () => {
      await append(500)
      const sync = await GraphSync.open(connected(), directory)
      expect(await sync.lag()).toBe(500)
      await sync.pass()
      await isEqual()
      for (let round = 0; round < 3; round++) {
        await append(300)
        expect(await sync.lag()).toBe(300)
        await sync.pass()
        expect(await sync.lag()).toBe(0)
        await isEqual()
      }
      expect(sync.removed).toBeGreaterThan(0)
      await sync.pass()
    })

    test('another process goes on from the stored cursor, and sends nothing twice', async () => {
      await append(200)
      const first = await GraphSync.open(connected(), directory)
      expect(await first.lag()).toBe(200)
      await first.pass()
      const second = await GraphSync.open(connected(), directory)
      await second.pass()
      expect([second.added, second.removed]).toEqual([0, 0])
      await isEqual()
    })

    test('one cut off between two transactions is ended first, though its edges are gone by now', async () => {
      const before = await GraphSync.open(connected(), directory)
      await before.pass()
      const followed = await FollowedGraph.open({ directory })
      await followed.advance()
      followed.changes()
      const from = followed.cursor
      await append(400)
      await followed.advance()
      const changes = followed.changes()
      expect(changes.added.length).toBeGreaterThan(2)
      const step = { from, to: followed.cursor, changes, edges: followed.edgeCount }
      const stop = new Error('cut off')
      const options = {
        batchEdges: Math.ceil(changes.added.length / 2),
        onProgress: () => {
          throw stop
        },
      }
      await expect(syncStep(connected(), step, options)).rejects.toBe(stop)
      expect((await held()).complete).toBe(false)
      // What was just added goes away again, so only the announced end tells of it.
      await undo(log, changes.added)
      const after = await GraphSync.open(connected(), directory)
      await after.pass()
      await isEqual()
    })

    test('a push of the same directory leaves its place in the log', async () => {
      await pushGraph(connected(), { ...(await sourceRows({ data: directory, seed: 0 })), clock })
      await append(100)
      const sync = await GraphSync.open(connected(), directory)
      expect(await sync.lag()).toBe(100)
      await sync.pass()
      await isEqual()
    })

    test('equal to what commands see of the closed directory', async () => {
      await log.close()
      const { digest } = await held()
      expect(digest).toBe(edgeDigest(boardRows(await openGraph({ data: directory }))))
    })

    test('a graph of another source, or of another log, is refused', async () => {
      const elsewhere = mkdtempSync(join(tmpdir(), 'pinwheel-neo4j-sync-'))
      const other = await openFileLog({ directory: elsewhere, partitions: 3 })
      await other.close()
      const refused = { code: 'NEO4J_OTHER_GRAPH' }
      await expect(GraphSync.open(connected(), elsewhere)).rejects.toMatchObject(refused)
      const rows = boardRows(namedEdges([{ board: 'b', pin: 'p' }]))
      await pushGraph(connected(), { rows, clock })
      await expect(GraphSync.open(connected(), directory)).rejects.toMatchObject(refused)
      rmSync(elsewhere, { recursive: true })
    })
  })
}

function anyEntry(random: Random, n: number): Entry {
  const user = `u${random.below(6)}`
  const pin = `p${random.below(60)}`
  const board = `b${random.below(12)}`
  // Times fall back now and then: the latest wins, not the last.
  const time = 1_000 + n - random.below(40)
  const draw = random.below(100)
  if (draw < 70) return { kind: 'save', id: `e${n}`, time, user, pin, board }
  if (draw < 75) return { kind: 'save', id: `e${n}`, time, user, pin }
  if (draw < 90) return { kind: 'unsave', id: `e${n}`, time, user, pin, board }
  if (draw < 93) return { kind: 'board', id: board, time, user, private: draw === 90 }
  if (draw < 97) return { kind: 'pin', id: pin, time, hidden: draw === 94 }
  if (draw < 98) return { kind: 'delete-pin', id: pin, time }
  if (draw < 99) return { kind: 'delete-board', id: board, time }
  return { kind: 'delete-user', id: user, time }
}

/** Unsaves edges of named boards. */
async function undo(log: EventLog, edges: readonly { board: string; pin: string }[]) {
  const writer = new EntryWriter()
  for (const [n, { board, pin }] of edges.entries()) {
    writer.append({ kind: 'unsave', id: `undo${n}`, time: 1e6, user: 'u0', pin, board })
  }
  const { payload, count } = writer.take()
  await log.append(0, payload, count)
}
