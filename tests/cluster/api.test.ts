/**
 * The HTTP API over a cluster: real NATS, PostgreSQL and Redis, a host of shards, two rankers and
 * two APIs, each a process of its own behind its own sidecar.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import {
  type Cluster,
  clusterServers,
  type Host,
  PARTITIONS,
  startCluster,
} from '../setup/cluster.ts'
import { describeWith } from '../setup/require.ts'

const USERS = 20
const PINS = 60

describeWith(clusterServers(), 'the API of a cluster', () => {
  let cluster: Cluster
  let apis: Host[]
  let rankers: Host[]
  beforeAll(async () => {
    cluster = await startCluster(1, systemClock)
    rankers = [await cluster.add('ranker'), await cluster.add('ranker')]
    apis = [await cluster.add('api'), await cluster.add('api')]
  }, 120_000)
  afterAll(() => cluster?.stop())

  type Reply = { readonly status: number; readonly body: Record<string, unknown> }
  async function call(path: string, api: Host, init: RequestInit = {}): Promise<Reply> {
    const reply = await fetch(`http://127.0.0.1:${api.port}${path}`, {
      ...init,
      signal: AbortSignal.timeout(8_000),
    })
    const text = await reply.text()
    return { status: reply.status, body: text.startsWith('{') ? JSON.parse(text) : { text } }
  }
  const get = (path: string, api = apis[0]!) => call(path, api)
  const post = (entries: unknown[], api = apis[0]!) =>
    call('/v1/events', api, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entries }),
    })
  type Feed = Record<string, unknown> & {
    readonly items: { pin: string; card: { id: string; title?: string } }[]
  }
  const feed = async (user: string, query = '', api = apis[0]!) => {
    const { status, body } = await get(`/v1/users/${user}/recommendations?limit=5${query}`, api)
    expect(status, JSON.stringify(body)).toBe(200)
    return body as Feed
  }
  const verdicts = (body: Reply['body']) =>
    (body['entries'] as { status: string }[]).map(({ status }) => status)
  const time = 1_700_000_000_000

  test('an API is ready when a ranker has told it what there is', async () => {
    const isReady = (api: Host) => get('/readyz', api).then(({ status }) => status)
    for (const api of apis) await expect.poll(() => isReady(api), { timeout: 30_000 }).toBe(200)
  })

  test('entries are acknowledged, and told apart from resends', async () => {
    const pins = Array.from({ length: PINS }, (_, p) => {
      const tags = [p % 2 === 0 ? 'even' : 'odd']
      return { kind: 'pin', id: `p${p}`, time, tags, title: `Pin ${p}` }
    })
    const saves = Array.from({ length: 300 }, (_, n) => {
      const user = n % USERS
      const pin = 2 * ((n * 7 + Math.floor(n / USERS)) % (PINS / 2)) + (user % 2)
      return { kind: 'save', id: `s${n}`, time: time + n, user: `u${user}`, pin: `p${pin}` }
    })
    const { status, body } = await post([...pins, ...saves])
    expect(status).toBe(202)
    expect(body['position']).toMatch(/^\d+-\d+(\.\d+-\d+)*$/)
    expect(verdicts(body)).toEqual(Array.from({ length: PINS + 300 }, () => 'accepted'))
    const mixed = [saves[0]!, { ...saves[0]!, id: 'new' }, saves[2]!]
    expect(verdicts((await post(mixed)).body)).toEqual(['duplicate', 'accepted', 'duplicate'])
  })

  test('a feed has cards, is the same through both APIs, and leaves out what was saved', async () => {
    const alike = `&at=${time + 1_000}&seed=5`
    const rung = async () => (await feed('u4', alike))['rung']
    await expect.poll(rung, { timeout: 10_000 }).toBe('light')
    const { request: _first, ...one } = await feed('u4', alike)
    const { request: _second, ...other } = await feed('u4', alike, apis[1])
    expect(other).toEqual(one)
    expect(one).toMatchObject({ user: 'u4', generation: 'mixed', rung: 'light' })
    for (const { pin, card } of one.items) {
      expect(card).toMatchObject({ id: pin, title: `Pin ${pin.slice(1)}`, stub: false })
    }
    const explained = await feed('u4', '&explain=true')
    expect(explained['trace']).toEqual(expect.any(Array))
  })

  test('what was saved is heeded by the next answer of another API', async () => {
    const { items } = await feed('u6')
    const pin = items[0]!.pin
    const saved = { kind: 'save', id: 'mine', time: time + 2_000, user: 'u6', pin }
    const { body } = await post([saved])
    const next = await feed('u6', `&after=${body['position']}`, apis[1])
    expect(next['stale']).toBeUndefined()
    expect(next.items.map((item) => item.pin)).not.toContain(pin)
  })

  test('impressions of what the API is told is shown come to the log', async () => {
    const seen = async (pin: string) => (await get(`/v1/pins/${pin}`)).body['impressions'] as number
    const { items } = await feed('u8')
    const before = await Promise.all(items.map(({ pin }) => seen(pin)))
    const shown = await feed('u8', '&impressions=true')
    const now = () => Promise.all(items.map(({ pin }) => seen(pin)))
    const wanted = items.map(({ pin }, n) => {
      return before[n]! + Number(shown.items.some((item) => item.pin === pin))
    })
    await expect.poll(now, { timeout: 10_000 }).toEqual(wanted)
    expect(wanted).not.toEqual(before)
  })

  test('a stranger gets what is popular; what nobody knows is refused by its code', async () => {
    expect(await feed('nobody')).toMatchObject({ user: 'nobody', rung: 'popular' })
    const code = async (path: string) => {
      const { status, body } = await get(path)
      return [status, (body['error'] as { code?: string } | undefined)?.code]
    }
    expect(await code('/v1/pins/none')).toEqual([404, 'PIN_UNKNOWN'])
    expect(await code('/v1/pins/none/related')).toEqual([404, 'PIN_UNKNOWN'])
    expect(await code('/v1/users/none/state')).toEqual([404, 'USER_UNKNOWN'])
    expect(await code('/v1/boards/none/recommendations')).toEqual([404, 'BOARD_UNKNOWN'])
    expect(await code('/v1/users/u1/recommendations?after=x')).toEqual([400, 'POSITION_BAD'])
  })

  test('boards, pins, states, users and sizes are answered too', async () => {
    const board = { kind: 'board', id: 'b', time, user: 'u1', title: 'Odd things' }
    const onBoard = { kind: 'save', id: 'on', time: time + 3, user: 'u1', pin: 'p5', board: 'b' }
    const { body: taken } = await post([board, onBoard])
    const ideas = await get(`/v1/boards/b/recommendations?limit=5&after=${taken['position']}`)
    expect(ideas.body).toMatchObject({ board: 'b', user: 'u1', items: expect.any(Array) })
    const { body: pin } = await get('/v1/pins/p5')
    expect(pin).toMatchObject({ id: 'p5', title: 'Pin 5', tags: ['odd'] })
    const { body: state } = await get('/v1/users/u1/state')
    expect(state).toMatchObject({ id: 'u1', state: expect.any(Object) })
    expect((await get('/v1/pins/p5/related?limit=3')).body['items']).toHaveLength(3)
    const { users } = (await get('/v1/users?limit=3')).body as { users: { saves: number }[] }
    expect(users).toHaveLength(3)
    expect(users[0]!.saves).toBeGreaterThan(0)
    const sizes = async () => (await get('/readyz')).body
    await expect.poll(sizes).toMatchObject({ ready: true, users: USERS, pins: PINS })
    const metrics = String((await get('/metrics')).body['text'])
    expect(metrics).toContain('pinwheel_answers_popular_total')
    expect(metrics).toMatch(/^pinwheel_stream_bytes\{of="entries"\} [1-9]\d*$/m)
    expect(metrics).toMatch(/^pinwheel_stream_dead_letters 0$/m)
    expect(metrics.match(/^pinwheel_partition_lag_seconds\{partition="\d"\} \d/gm)).toHaveLength(
      PARTITIONS,
    )
  })

  test('somebody who is deleted is gone from states, feeds and documents', async () => {
    const key = `User-${Buffer.from('u7').toString('base64url')}`
    const address = `http://127.0.0.1:${cluster.hosts[0]!.sidecar.httpPort}/v1.0/state/state/${key}`
    const written = async () => {
      const text = await (await fetch(address)).text()
      const { state = '' } = (text ? JSON.parse(text) : {}) as { state?: string }
      return Buffer.from(state, 'base64').toString('latin1')
    }
    const { items } = await feed('u7')
    // In the compact bytes ids stand as they are.
    await expect.poll(written, { timeout: 20_000 }).toMatch(/p\d/)
    const gone = await post([{ kind: 'delete-user', id: 'u7', time: time + 5_000 }])
    expect(gone.status).toBe(202)
    const after = await feed('u7', `&after=${gone.body['position']}`)
    expect(after).toMatchObject({ rung: 'popular' })
    expect(after.items.map(({ pin }) => pin)).not.toEqual(items.map(({ pin }) => pin))
    await expect.poll(written, { timeout: 20_000 }).not.toMatch(/p\d/)
    expect(JSON.stringify((await get('/v1/users/u7/state')).body)).not.toMatch(/"p\d/)
  })

  test('nobody calls an application past its actors', async () => {
    const { httpPort } = apis[0]!.sidecar
    const address = `http://127.0.0.1:${httpPort}/v1.0/invoke/pinwheel-shards/method/healthz`
    const reply = await fetch(address, { signal: AbortSignal.timeout(8_000) })
    expect([reply.status, await reply.text()]).toEqual([403, expect.stringContaining('denied')])
  })

  test('a ranker that is killed is passed over, and feeds go on', async () => {
    const failed: unknown[] = []
    const rungs = new Map<unknown, number>()
    const ask = async (n: number) => {
      try {
        const { rung } = await feed(`u${n % USERS}`, '', apis[n % 2])
        rungs.set(rung, (rungs.get(rung) ?? 0) + 1)
      } catch (error) {
        failed.push(error)
      }
    }
    rankers[0]!.child.kill('SIGKILL')
    for (let n = 0; n < 60; n++) await Promise.all([ask(n), systemClock.sleep(50)])
    expect(failed).toEqual([])
    const served = [...rungs.values()].reduce((sum, count) => sum + count, 0)
    expect(served).toBe(60)
    await expect.poll(async () => (await feed('u3'))['rung'], { timeout: 20_000 }).toBe('light')
  })

  test('with none left, who was answered before gets that again, others what is popular', async () => {
    const kept = cluster.feeds ? 'cached' : 'popular'
    const { items } = await feed('u3')
    rankers[1]!.child.kill('SIGKILL')
    await systemClock.sleep(200)
    const pins = (answer: Feed) => answer.items.map(({ pin }) => pin)
    const lower = await feed('u3', `&exclude=${items[0]!.pin}`, apis[1])
    expect(lower).toMatchObject({ user: 'u3', rung: kept })
    expect(pins(lower)).not.toContain(items[0]!.pin)
    expect(await feed('nobody2', '', apis[1])).toMatchObject({ rung: 'popular' })
    rankers.push(await cluster.add('ranker'))
    await expect.poll(async () => (await feed('u3'))['rung'], { timeout: 30_000 }).toBe('light')
  })

  test('without NATS feeds go on and entries are refused for now, none half taken', async () => {
    await cluster.broker.kill()
    expect(await feed('u3')).toMatchObject({ rung: 'light' })
    const late = { kind: 'save', id: 'late', time: time + 9, user: 'u3', pin: 'p7' }
    const refused = post([late])
    expect(await feed('u5')).toMatchObject({ items: expect.any(Array) })
    await cluster.broker.start()
    // The publication is tried on while the caller waits: it is in, or is to be sent again.
    const { status, body } = await refused.catch(() => ({ status: 0, body: {} }) as Reply)
    if (status !== 202) {
      if (status !== 0) expect(body['error']).toMatchObject({ code: 'INGEST_UNREACHABLE' })
      expect((await post([late])).status).toBe(202)
    }
    const again = await post([late])
    const { position } = again.body
    expect(verdicts(again.body)).toEqual(['duplicate'])
    await feed('u3', `&after=${position}`)
    const saves = async () => JSON.stringify((await get('/v1/users/u3/state')).body)
    await expect.poll(saves, { timeout: 20_000 }).toContain('p7')
  })
})
