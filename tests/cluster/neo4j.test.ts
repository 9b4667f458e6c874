/** The graph in a real Neo4j: equal to its source after whatever happens on the way. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import {
  type BoardRows,
  boardRows,
  type Edge,
  edgeDigest,
  generatedEdges,
} from '../../graph/index.ts'
import {
  boardsOfPin,
  companionsOfPin,
  Neo4jConnection,
  pathBetweenPins,
  pullGraph,
  pushGraph,
} from '../../graph/neo4j/index.ts'
import { startBoltProxy } from '../setup/bolt-proxy.ts'
import { findNeo4j, installHint, Neo4j, password, user } from '../setup/neo4j.ts'
import { describeWith } from '../setup/require.ts'
import { describeCommands } from './neo4j-commands.ts'
import { namedEdges, oddIds } from './neo4j-graphs.ts'
import { describeSync } from './neo4j-sync.ts'

const clock = systemClock
const rowsOf = (edges: number, seed: number) => boardRows(generatedEdges({ edges, seed }))
const boardsAndPins = (edges: readonly Edge[]) => boardRows(namedEdges(edges))

describeWith({ server: 'neo4j', found: findNeo4j(), hint: installHint }, 'Neo4j', (programs) => {
  let neo4j: Neo4j
  let connection: Neo4jConnection
  const open = (options: { url?: string; password?: string; retryMs?: number } = {}) =>
    Neo4jConnection.open({ url: neo4j.url, user, password, database: 'neo4j', clock, ...options })
  const push = (rows: BoardRows, over = connection) =>
    pushGraph(over, { rows, clock, batchEdges: 2_000 })
  const held = async () => {
    const { graph, complete } = await pullGraph(connection, { clock })
    return { digest: edgeDigest(boardRows(graph)), complete }
  }
  const isEqualTo = async (rows: BoardRows) =>
    expect(await held()).toEqual({ digest: edgeDigest(rows), complete: true })

  beforeAll(async () => {
    neo4j = await Neo4j.create(programs)
    await neo4j.start()
    connection = await open()
  })
  afterAll(async () => {
    await connection?.close()
    await neo4j?.remove()
  })

  describe('push and pull', () => {
    const rows = rowsOf(20_000, 1)
    test('what was pushed is pulled; again, nothing is written', async () => {
      expect(await push(rows)).toMatchObject({ added: 20_000, removed: 0, resumedAt: 0 })
      await isEqualTo(rows)
      expect(await push(rows)).toMatchObject({ added: 0, removed: 0, digest: edgeDigest(rows) })
      await isEqualTo(rows)
    })
    test('edges, boards and pins that the source has no more go away', async () => {
      const other = rowsOf(5_000, 2)
      await push(other)
      await isEqualTo(other)
      const [counts] = await connection.read((transaction) =>
        transaction.run(`RETURN COUNT { (:Pin) } AS pins, COUNT { (:Board) } AS boards`),
      )
      expect(counts).toEqual({ pins: other.pins.length, boards: other.boards.length })
      const nothing = boardsAndPins([])
      await push(nothing)
      await isEqualTo(nothing)
    })
    test('odd ids come back as they were', async () => {
      const odd = boardsAndPins(oddIds)
      await pushGraph(connection, { rows: odd, clock, batchEdges: 3 })
      await isEqualTo(odd)
      expect(await push(odd)).toMatchObject({ added: 0, removed: 0 })
      const less = boardsAndPins(oddIds.filter((_, n) => n % 3 !== 0))
      await pushGraph(connection, { rows: less, clock, batchEdges: 3 })
      await isEqualTo(less)
    })
    test('a damaged edge is found by the digest, and put right by a push', async () => {
      await push(rows)
      await connection.write((transaction) =>
        transaction.run('MATCH (:Board)-[edge:HOLDS]->() WITH edge LIMIT 3 DELETE edge'),
      )
      expect((await held()).digest).not.toBe(edgeDigest(rows))
      expect(await push(rows)).toMatchObject({ added: 3, removed: 0 })
      await isEqualTo(rows)
    })
    test('whole numbers are integers there', async () => {
      const [types] = await connection.read((transaction) =>
        transaction.run(
          `MATCH (s:Pinwheel) RETURN valueType(s.edges) AS edges, valueType(s.turn) AS turn,
           valueType($given) AS given, valueType($list) AS list`,
          { given: 7, list: [1, 2] },
        ),
      )
      expect(types).toEqual({
        edges: 'INTEGER NOT NULL',
        turn: 'INTEGER NOT NULL',
        given: 'INTEGER NOT NULL',
        list: 'LIST<INTEGER NOT NULL> NOT NULL',
      })
    })
  })

  describe('faults', () => {
    test.each(['answer', 'message'] as const)('a commit whose %s is lost', async (fault) => {
      await push(rowsOf(1_000, 4))
      const rows = rowsOf(14_000, 5)
      const proxy = await startBoltProxy(neo4j.port, (n) =>
        n === 4 || n === 9 ? fault : undefined,
      )
      const over = await open({ url: proxy.url })
      try {
        expect(await push(rows, over)).toMatchObject({ resumedAt: 0 })
      } finally {
        await over.close()
        proxy.close()
      }
      expect(proxy.lost()).toBe(2)
      await isEqualTo(rows)
    })

    test('a server killed in mid-load: a named error, then the push goes on', async () => {
      const rows = rowsOf(24_000, 6)
      const killed = await open({ retryMs: 500 })
      const onProgress = (done: number) => {
        if (done === 8_000) void neo4j.kill()
      }
      const loading = pushGraph(killed, { rows, clock, batchEdges: 2_000, onProgress })
      await expect(loading).rejects.toMatchObject({ code: 'NEO4J_UNREACHABLE' })
      await killed.close()
      await connection.close()
      await neo4j.kill()
      const started = clock.monotonic()
      await expect(open()).rejects.toMatchObject({ code: 'NEO4J_UNREACHABLE' })
      expect(clock.monotonic() - started).toBeLessThan(3_000)
      await neo4j.start()
      connection = await open()
      expect((await held()).complete).toBe(false)
      const { resumedAt } = await push(rows)
      expect(resumedAt).toBeGreaterThanOrEqual(8_000)
      expect(resumedAt).toBeLessThan(24_000)
      await isEqualTo(rows)
    })

    test('of two pushes at a time, one gives way and the other is whole', async () => {
      const both = [rowsOf(12_000, 7), rowsOf(12_000, 8)]
      const ends = await Promise.allSettled(both.map((rows) => push(rows)))
      const refused = ends.filter((end) => end.status === 'rejected')
      for (const { reason } of refused) expect(reason).toMatchObject({ code: 'NEO4J_BUSY' })
      // Both, when one had ended before the other began.
      const whole = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value.digest] : []))
      const { digest, complete } = await held()
      expect(complete).toBe(true)
      expect(whole).toContain(digest)
    })

    test('a wrong password and a wrong database have names, and no secret in them', async () => {
      const refused = await open({ password: 'guessed' }).catch((error: Error) => error)
      expect(refused).toMatchObject({ code: 'NEO4J_REFUSED', details: { user } })
      expect((refused as Error).message).not.toContain('guessed')
      const options = { url: neo4j.url, user, password, clock }
      await expect(Neo4jConnection.open({ ...options, database: 'nothere' })).rejects.toMatchObject(
        { code: 'NEO4J_FAILED' },
      )
    })
  })

  describe('explorer', () => {
    beforeAll(() => push(boardsAndPins(explored)))
    const edges = (board: string, pins: string) => [...pins].map((pin) => ({ board, pin }))
    const explored = [
      ...edges('b1', 'acd'),
      ...edges('b2', 'ac'),
      ...edges('b3', 'de'),
      ...edges('b4', 'ef'),
      ...edges('b5', 'xy'),
    ]
    test('the boards of a pin, with others on them', async () => {
      expect(await boardsOfPin(connection, 'a', { boards: 5, pins: 1 })).toEqual([
        { board: 'b1', others: ['c'] },
        { board: 'b2', others: ['c'] },
      ])
      expect(await boardsOfPin(connection, 'a', { boards: 1, pins: 9 })).toEqual([
        { board: 'b1', others: ['c', 'd'] },
      ])
    })
    test('the pins most often together with one', async () => {
      expect(await companionsOfPin(connection, 'a', { pins: 9 })).toEqual([
        { pin: 'c', boards: 2 },
        { pin: 'd', boards: 1 },
      ])
      expect(await companionsOfPin(connection, 'a', { pins: 1 })).toHaveLength(1)
    })
    test('a shortest path, none, and none so short', async () => {
      const path = (from: string, to: string, most = 8) =>
        pathBetweenPins(connection, { from, to }, { edges: most })
      expect(await path('a', 'f')).toEqual(['a', 'b1', 'd', 'b3', 'e', 'b4', 'f'])
      expect(await path('a', 'f', 5)).toBeUndefined()
      expect(await path('a', 'x')).toBeUndefined()
      expect(await path('a', 'a')).toEqual(['a'])
    })
    test('an unknown pin and a bound beyond the limit', async () => {
      await expect(companionsOfPin(connection, 'nobody', { pins: 5 })).rejects.toMatchObject({
        code: 'PIN_UNKNOWN',
      })
      const tooMuch = { boards: 101, pins: 5 }
      expect(() => boardsOfPin(connection, 'a', tooMuch)).toThrow('101')
    })
  })

  describeSync(() => connection)

  describe('commands', () => describeCommands(() => neo4j, programs))
})
