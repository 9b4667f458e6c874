/** An edge over a cluster that is a few lines of code and may be away, part by part. */
import { describe, expect, test } from 'vitest'
import { type Entry, ManualClock, pinwheelError, Random } from '../../base/index.ts'
import type { Invoke } from '../hosts/dapr/index.ts'
import type { Receipt } from '../log/index.ts'
import type { Answer } from '../recommender/answer.ts'
import { ClusterRecommender } from './cluster-recommender.ts'
import { EdgeIntake } from './edge-intake.ts'
import type { FeedCache } from './feed-cache.ts'

const PARTITIONS = 2

class SmallCluster {
  readonly clock = new ManualClock(1_000)
  /** Lanes that do not answer; 'all', and whether shards do. */
  deadLanes = new Set<string>()
  /** Lanes of a ranker that is behind the log. */
  lateLanes = new Set<string>()
  rankersAreAway = false
  shardsAreAway = false
  /** What was asked, in order. */
  readonly asked: string[] = []
  readonly bodies: unknown[] = []
  readonly frames: { partition: number; count: number }[] = []
  logIsFull = false
  served = { requests: 0, hours: 0 }
  delivered = [-1, -1]
  readonly kept = new Map<string, Answer>()

  readonly invoke: Invoke = async ({ type, id, method }, body) => {
    this.asked.push(`${type}/${id}/${method}`)
    this.bodies.push(body)
    if (type === 'Partition') return this.delivered[Number(id)]
    if (type.endsWith('Shard')) {
      if (this.shardsAreAway) throw pinwheelError('SIDECAR_MISSING', { address: 'x' })
      const { id: user } = body as { id: string }
      if (user === 'nobody') throw pinwheelError('USER_UNKNOWN', { id: user })
      return { known: true, seeds: [user] }
    }
    if (this.rankersAreAway || this.deadLanes.has(id)) {
      throw pinwheelError('CALL_UNANSWERED', { actor: `Ranker/${id}`, method, ms: 1 })
    }
    const { user, limit = 3 } = Object(body) as { user?: { known?: boolean }; limit?: number }
    if (method === 'facts') {
      const sizes = { users: 1, pins: 9, boards: 1, edges: 4, entries: 5, epoch: 2 }
      return { ...sizes, positions: [], served: this.served, behindMs: 0 }
    }
    const rung = user?.known === true ? 'full' : 'popular'
    const items = Array.from({ length: limit }, (_, n) => ({ pin: `${rung} ${n}` }))
    const late = this.lateLanes.has(id) && { behindMs: 9_000 }
    return { generation: 'mixed', rung, epoch: 2, items, ...late }
  }

  readonly cache: FeedCache = {
    find: async (user) => this.kept.get(user),
    keep: async (user, answer) => void this.kept.set(user, answer),
    forget: async (user) => void this.kept.delete(user),
  }

  readonly log = {
    partitions: PARTITIONS,
    waitingSince: async (_partition: number, position: number) => (position < 5 ? 700 : undefined),
    sizes: async () => ({ bytes: 5, bytesMax: 9, deadLetters: 1 }),
    append: async (partition: number, _payload: Uint8Array, count: number): Promise<Receipt> => {
      if (this.logIsFull) throw pinwheelError('INGEST_BUSY', { partition, bytes: 9, limit: 8 })
      const before = this.frames.filter((frame) => frame.partition === partition)
      const first = before.reduce((sum, frame) => sum + frame.count, 0)
      this.frames.push({ partition, count })
      return { partition, first, last: first + count - 1 }
    },
  }

  open(): ClusterRecommender {
    const { log, invoke, clock, cache } = this
    return new ClusterRecommender({
      ...{ log, invoke, clock, cache },
      deadlineMs: 500,
      random: new Random(1),
    })
  }
}

const ask = { limit: 3, generation: 'mixed', exclude: [] as string[], explain: false } as const
const pinsOf = (answer: Answer) => answer.items.map(({ pin }) => pin)

describe('a feed over a cluster', () => {
  test('is asked of the shard of its user, then of a ranker', async () => {
    const cluster = new SmallCluster()
    const answer = await cluster.open().recommend({ user: 'u', ...ask })
    expect(answer).toMatchObject({ user: 'u', rung: 'full', epoch: 2 })
    expect(cluster.asked.map((call) => call.replace(/\d+/, 'n'))).toEqual([
      'UserShard/n/ask',
      'Ranker/n/answer',
    ])
    const { deadlineMs } = cluster.bodies[1] as { deadlineMs: number }
    expect(deadlineMs).toBeLessThan(500)
    expect(deadlineMs).toBeGreaterThan(100)
  })

  test('a lane that does not answer is passed over, in the same answer', async () => {
    const cluster = new SmallCluster()
    const edge = cluster.open()
    await edge.recommend({ user: 'u', ...ask })
    cluster.deadLanes.add(cluster.asked.at(-1)!.split('/')[1]!)
    expect(await edge.recommend({ user: 'u', ...ask })).toMatchObject({ rung: 'full' })
    expect(edge.counters()).toMatchObject({ rankings_retried: 1, answers_full: 2 })
  })

  test('a ranker that is behind the log says so, and is asked less until it is not', async () => {
    const cluster = new SmallCluster()
    const edge = cluster.open()
    const lane = async () => {
      const { stale } = await edge.recommend({ user: 'u', ...ask })
      return [cluster.asked.at(-1)!.split('/')[1]!, stale]
    }
    const [own] = await lane()
    cluster.lateLanes.add(own as string)
    expect(await lane()).toEqual([own, true])
    const [other, stale] = await lane()
    expect(other).not.toBe(own)
    expect(stale).toBeUndefined()
    expect(await lane()).toEqual([other, undefined])
    cluster.clock.advance(2_000)
    expect(await lane()).toEqual([own, true])
    cluster.lateLanes.clear()
    cluster.clock.advance(2_000)
    expect(await lane()).toEqual([own, undefined])
    expect(edge.counters()).toMatchObject({ rankings_behind: 2 })
  })

  test('down the ladder: what was answered last, what is popular, an error', async () => {
    const cluster = new SmallCluster()
    const edge = cluster.open()
    cluster.rankersAreAway = true
    await expect(edge.recommend({ user: 'u', ...ask })).rejects.toMatchObject({
      code: 'CALL_UNANSWERED',
    })
    expect(edge.status()).toMatchObject({ ready: false, reasons: ['no ranker answers'] })
    cluster.rankersAreAway = false
    await edge.refresh()
    await edge.recommend({ user: 'u', ...ask })
    cluster.rankersAreAway = true
    const exclude = ['full 1', 'popular 0']
    const cached = await edge.recommend({ user: 'u', ...ask, exclude })
    expect([cached.rung, pinsOf(cached)]).toEqual(['cached', ['full 0', 'full 2']])
    const popular = await edge.recommend({ user: 'v', ...ask, exclude, limit: 2 })
    expect([popular.rung, pinsOf(popular)]).toEqual(['popular', ['popular 1', 'popular 2']])
    expect(edge.status()).toMatchObject({ ready: true, reasons: [] })
    cluster.clock.advance(11_000)
    expect(edge.status()).toMatchObject({ ready: true, reasons: ['no ranker answers'] })
  })

  test('without shards: what was answered last, else as for a stranger', async () => {
    const cluster = new SmallCluster()
    const edge = cluster.open()
    await edge.recommend({ user: 'u', ...ask })
    cluster.shardsAreAway = true
    expect(await edge.recommend({ user: 'u', ...ask })).toMatchObject({ rung: 'cached' })
    expect(await edge.recommend({ user: 'v', ...ask })).toMatchObject({ rung: 'popular' })
    expect(edge.counters()).toMatchObject({ contexts_missed: 2 })
  })

  test('a question that is at fault is not tried elsewhere', async () => {
    const cluster = new SmallCluster()
    const edge = new ClusterRecommender({
      ...cluster,
      invoke: async (call, body, ms) => {
        if (call.type !== 'Ranker') return cluster.invoke(call, body, ms)
        cluster.asked.push('Ranker')
        throw pinwheelError('BOARD_UNKNOWN', { id: 'b' })
      },
      deadlineMs: 500,
      random: new Random(1),
    })
    await expect(edge.forBoard({ board: 'b', ...ask })).rejects.toMatchObject({
      code: 'BOARD_UNKNOWN',
    })
    expect(cluster.asked).toEqual(['Ranker'])
  })

  test('what was answered lately goes to the ranker where its rules leave that out', async () => {
    const cluster = new SmallCluster()
    const edge = cluster.open()
    const servedOf = () => (cluster.bodies.at(-1) as { served?: string[] }).served
    await edge.refresh()
    await edge.recommend({ user: 'u', ...ask })
    await edge.recommend({ user: 'u', ...ask })
    expect(servedOf()).toBeUndefined()
    cluster.served = { requests: 2, hours: 1 }
    await edge.refresh()
    await edge.recommend({ user: 'u', ...ask })
    await edge.recommend({ user: 'u', ...ask })
    expect(servedOf()).toEqual(['full 0', 'full 1', 'full 2'])
    await edge.recommend({ user: 'v', ...ask })
    expect(servedOf()).toBeUndefined()
  })

  test('somebody who is erased is forgotten', async () => {
    const cluster = new SmallCluster()
    const edge = cluster.open()
    await edge.recommend({ user: 'u', ...ask })
    expect([...cluster.kept.keys()]).toEqual(['u'])
    await edge.ingest([{ kind: 'delete-user', id: 'u', time: 1 }])
    expect(cluster.kept.size).toBe(0)
  })
})

describe('entries over a cluster', () => {
  const save = (id: string, user = 'u'): Entry => ({ kind: 'save', id, time: 1, user, pin: 'p' })

  test('a resend is told by whoever saw the first, once that was acknowledged', async () => {
    const cluster = new SmallCluster()
    const intake = new EdgeIntake(cluster.log)
    cluster.logIsFull = true
    await expect(intake.append([save('a')])).rejects.toMatchObject({ code: 'INGEST_BUSY' })
    cluster.logIsFull = false
    const first = await intake.append([save('a'), save('b', 'v'), save('a', 'v'), save('a')])
    expect(first.verdicts).toEqual(['accepted', 'accepted', 'accepted', 'duplicate'])
    expect((await intake.append([save('c'), save('b', 'v')])).verdicts).toEqual([
      'accepted',
      'duplicate',
    ])
    expect((await new EdgeIntake(cluster.log).append([save('a')])).verdicts).toEqual(['accepted'])
  })

  test('how long entries wait is told of partitions that somebody delivers', async () => {
    const cluster = new SmallCluster()
    cluster.delivered = [3, 9]
    expect(await cluster.open().lags()).toEqual([
      { partition: 0, seconds: 0.3 },
      { partition: 1, seconds: 0 },
    ])
    cluster.delivered = []
    expect(await cluster.open().lags()).toEqual([])
  })

  test('a read after a write waits for the shards, and says so when they are late', async () => {
    const cluster = new SmallCluster()
    const edge = cluster.open()
    const { position: after } = await edge.ingest([save('a'), save('b')])
    cluster.delivered = [1, 1]
    const answer = await edge.recommend({ user: 'u', ...ask, after })
    expect(answer.stale).toBeUndefined()
    const { since } = cluster.bodies.at(-1) as { since?: unknown }
    expect(since).toEqual({ partition: expect.any(Number), position: 1 })
    cluster.delivered = [0, 0]
    const late = edge.recommend({ user: 'u', ...ask, after })
    for (let n = 0; n < 40; n++) await cluster.clock.advance(20)
    expect(await late).toMatchObject({ stale: true })
    await expect(edge.recommend({ user: 'u', ...ask, after: 'x' })).rejects.toMatchObject({
      code: 'POSITION_BAD',
    })
  })

  test('a position of partitions that are no more is waited for by nobody', async () => {
    const edge = new SmallCluster().open()
    for (const after of [`${PARTITIONS}-900`, `${PARTITIONS + 9}-1.63-4`]) {
      expect((await edge.recommend({ user: 'u', ...ask, after })).stale).toBeUndefined()
    }
  })
})
