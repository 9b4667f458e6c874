/** Every route answers, and answers what the OpenAPI document says it does. */
import { Compile } from 'typebox/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Entry, entryProblem, noDeclaredKinds } from '../../base/index.ts'
import type { PinDetail, RecommendReply } from './recommender-port.ts'
import type { Server } from './server.ts'
import { testNow, testServer } from './test-server.ts'

type Json = { readonly [name: string]: Json } & { readonly [at: number]: Json }
type Replies = { readonly items: readonly { readonly pin: string; readonly because?: string }[] }

let server: Server
let document: Json
beforeAll(async () => {
  const picture = (pin: string) => (pin === 'p1' ? Buffer.from('PNG') : undefined)
  server = (await testServer({ picture })).server
  document = (await server.inject('/openapi.json')).json() as Json
})
afterAll(() => server.close())

/** The JSON of a reply, held against the document's schema for that status. */
async function fetchAs<T>(route: string, url: string, status = 200): Promise<T> {
  const reply = await server.inject(url)
  expect(reply.statusCode, reply.body).toBe(status)
  return checked<T>(route, 'get', status, reply.json())
}

function checked<T>(route: string, method: string, status: number, body: unknown): T {
  const response = document['paths']?.[route]?.[method]?.['responses']?.[String(status)]
  const schema = resolve(response?.['content']?.['application/json']?.['schema'])
  const check = Compile(schema as object)
  expect(check.Errors(body)[1]).toEqual([])
  return body as T
}

function resolve(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(resolve)
  if (typeof schema !== 'object' || schema === null) return schema
  const { $ref } = schema as { $ref?: string }
  if ($ref !== undefined) {
    const parts = $ref.replace('#/', '').split('/')
    return resolve(parts.reduce((at: Json | undefined, name) => at?.[name], document))
  }
  return Object.fromEntries(Object.entries(schema).map(([k, v]) => [k, resolve(v)]))
}

const post = (entries: readonly unknown[]) =>
  server.inject({ method: 'POST', url: '/v1/events', payload: { entries } })
const save = (id: string, user: string, pin: string) => ({
  kind: 'save',
  id,
  time: testNow,
  user,
  pin,
})

describe('recommendations', () => {
  const route = '/v1/users/{id}/recommendations'

  test('a user is answered pins they have not saved, with the reason', async () => {
    const reply = await fetchAs<Replies>(route, '/v1/users/u1/recommendations?limit=5')
    expect(reply.items).toHaveLength(5)
    expect(reply.items.map((item) => item.pin)).not.toContain('p0')
    expect(reply.items[0]?.because).toBe('p0')
    expect(reply).not.toHaveProperty('trace')
  })

  test('explain adds features and a trace', async () => {
    const url = '/v1/users/u1/recommendations?explain=true&at=1750000000000&seed=7&off=walk'
    const reply = await fetchAs<Replies>(route, url)
    expect(reply).toHaveProperty('trace')
    expect(reply.items[0]).toHaveProperty('features')
  })

  test('where it is looked at reaches the recommender, and only where it is said', async () => {
    const { server, recommender } = await testServer()
    const asks: unknown[] = []
    const recommend = recommender.recommend.bind(recommender)
    recommender.recommend = (ask) => {
      asks.push([ask.device, ask.surface])
      return recommend(ask)
    }
    await server.inject('/v1/users/u1/recommendations?device=phone&surface=search')
    await server.inject('/v1/users/u1/recommendations')
    expect(asks).toEqual([
      ['phone', 'search'],
      [undefined, undefined],
    ])
  })

  test('who shows all of it may have the server write the impressions', async () => {
    const { server, recommender } = await testServer()
    const told: Entry[][] = []
    const url = '/v1/users/u1/recommendations?limit=3&device=phone'
    await server.inject(url)
    const ingest = recommender.ingest.bind(recommender)
    recommender.ingest = (entries) => {
      told.push([...entries])
      return ingest(entries)
    }
    const reply = await server.inject(`${url}&impressions=true`)
    const { request, items, model } = reply.json() as RecommendReply
    const of = { request, generation: 'mixed', ...(model !== undefined && { model }) }
    const context = { ...of, device: 'phone', surface: 'home' }
    expect(told).toEqual([
      items.map(({ pin, propensity, sources }, rank) => ({
        ...{ kind: 'impression', id: `${request}.${rank}`, time: testNow, user: 'u1', pin },
        context: { ...context, rank, propensity, source: sources[0] },
      })),
    ])
    expect(told.flat().map((entry) => entryProblem(entry, noDeclaredKinds))).not.toContain(
      expect.anything(),
    )
    const { impressions } = (await recommender.pin(items[0]!.pin)) as PinDetail
    expect(impressions).toBe(1)
    recommender.ingest = () => Promise.reject(new Error('the log is full'))
    expect((await server.inject(`${url}&impressions=true`)).statusCode).toBe(200)
    expect((await server.inject(`${url}&impressions=yes`)).statusCode).toBe(400)
  })

  test('exclude may be given once or repeated', async () => {
    const reply = await fetchAs<Replies>(
      route,
      '/v1/users/u1/recommendations?exclude=p2&exclude=p4',
    )
    const pins = reply.items.map((item) => item.pin)
    expect(pins).toHaveLength(17)
    const one = await fetchAs<Replies>(route, '/v1/users/u1/recommendations?exclude=p2')
    expect(one.items).toHaveLength(18)
  })

  test('a new user gets the cold-start feed, its rung named', async () => {
    const reply = await fetchAs<object>(route, '/v1/users/nobody%20yet/recommendations')
    expect(reply).toMatchObject({ rung: 'popular', user: 'nobody yet' })
  })

  test('ideas for a board leave out what is on it, and name whose it is', async () => {
    await post([{ ...save('b1', 'u6', 'p2'), board: 'my board' }])
    const url = '/v1/boards/my%20board/recommendations?limit=3&exclude=p10&at=1750000000000&seed=7'
    const reply = await fetchAs<Replies>('/v1/boards/{id}/recommendations', url)
    expect(reply).toMatchObject({ board: 'my board', user: 'u6', rung: 'full' })
    expect(reply.items.map((item) => item.pin)).toEqual(['p0', 'p12', 'p14'])
    expect(reply.items[0]?.because).toBe('p2')
  })

  test('related pins leave out the pin itself', async () => {
    const reply = await fetchAs<Replies>('/v1/pins/{id}/related', '/v1/pins/p2/related?limit=3')
    expect(reply.items.map((item) => item.pin)).toEqual(['p0', 'p10', 'p12'])
  })
})

describe('events', () => {
  test('a save is accepted once, and shows in the next feed after its position', async () => {
    const entry = save('s1', 'u7', 'p1')
    const first = await post([entry])
    expect(first.statusCode).toBe(202)
    const { position, entries } = checked<{ position: string; entries: unknown }>(
      '/v1/events',
      'post',
      202,
      first.json(),
    )
    expect(entries).toEqual([{ status: 'accepted' }])
    const feed = await server.inject(`/v1/users/u7/recommendations?after=${position}`)
    expect((feed.json() as Replies).items.map((item) => item.pin)).not.toContain('p1')
    const again = (await post([entry])).json()
    expect(again).toMatchObject({ entries: [{ status: 'duplicate' }] })
  })

  test('each entry is answered by itself, in its place', async () => {
    const { pin: _pin, ...pinless } = save('s3', 'u8', 'p1')
    const day = 24 * 60 * 60 * 1000
    const future = { ...save('s4', 'u8', 'p2'), time: testNow + day + 1 }
    const edge = { ...save('s5', 'u8', 'p3'), time: testNow + day }
    const reply = await post([save('s2', 'u8', 'p1'), pinless, future, edge, 7])
    expect(reply.statusCode).toBe(202)
    expect(checked('/v1/events', 'post', 202, reply.json())).toMatchObject({
      entries: [
        { status: 'accepted' },
        { status: 'rejected', code: 'ENTRY_INVALID', reason: expect.stringContaining('pin') },
        { status: 'rejected', code: 'ENTRY_FUTURE' },
        { status: 'accepted' },
        { status: 'rejected', code: 'ENTRY_INVALID' },
      ],
    })
  })

  test('a kind that the operator declared is taken, and told in the document', async () => {
    const bought = { ...save('d1', 'u8', 'p1'), kind: 'purchase' }
    const reason = expect.stringContaining('--kinds')
    expect((await post([bought])).json()).toMatchObject({
      entries: [{ status: 'rejected', code: 'ENTRY_INVALID', reason }],
    })
    const { server: shop } = await testServer({ kinds: new Map([['purchase', 2]]) })
    const taken = await shop.inject({
      method: 'POST',
      url: '/v1/events',
      payload: { entries: [bought] },
    })
    expect(taken.json()).toMatchObject({ entries: [{ status: 'accepted' }] })
    const document = (await shop.inject('/openapi.json')).body
    expect(document).toContain('"purchase"')
  })

  test('when nothing is right nothing is written, and there is no position', async () => {
    const reply = await post([{}, null])
    expect(reply.statusCode).toBe(202)
    expect(reply.json()).not.toHaveProperty('position')
  })

  test('NDJSON: one entry a line, an unreadable line is one rejection', async () => {
    const lines = [JSON.stringify(save('n1', 'u9', 'p1')), '{"kind":', '', '']
    const reply = await server.inject({
      method: 'POST',
      url: '/v1/events',
      headers: { 'content-type': 'application/x-ndjson' },
      payload: lines.join('\r\n'),
    })
    expect(reply.json()).toMatchObject({
      entries: [
        { status: 'accepted' },
        { status: 'rejected', reason: expect.stringContaining('line 2') },
      ],
    })
  })

  test('a thousand entries are taken', async () => {
    const reply = await post(Array.from({ length: 1000 }, (_, i) => save(`k${i}`, 'u10', 'p1')))
    expect(reply.statusCode).toBe(202)
  })
})

describe('lookups', () => {
  test('a pin', async () => {
    const pin = await fetchAs<object>('/v1/pins/{id}', '/v1/pins/p3')
    expect(pin).toMatchObject({ id: 'p3', title: 'bread number 3', stub: false })
  })

  test('the state of a user', async () => {
    const state = await fetchAs<object>('/v1/users/{id}/state', '/v1/users/u1/state')
    expect(state).toMatchObject({ saved: ['p0'] })
  })

  test('users, most saves first', async () => {
    const { users } = await fetchAs<{ users: { saves: number }[] }>(
      '/v1/users',
      '/v1/users?limit=2',
    )
    expect(users).toHaveLength(2)
    expect(users[0]!.saves).toBeGreaterThanOrEqual(users[1]!.saves)
  })

  test('pictures of the demo', async () => {
    const reply = await server.inject('/demo/pictures/p1.png')
    expect(reply.headers).toMatchObject({
      'content-type': 'image/png',
      'cache-control': expect.stringContaining('max-age'),
    })
    expect(reply.rawPayload.toString()).toBe('PNG')
  })
})

describe('operations', () => {
  test('livez, version', async () => {
    expect(await fetchAs('/livez', '/livez')).toEqual({ live: true })
    expect(await fetchAs('/version', '/version')).toMatchObject({ name: 'pinwheel' })
  })

  test('readyz says 503 and why until the recommender is ready', async () => {
    const { MemoryRecommender } = await import('./memory-recommender.ts')
    const recommender = new MemoryRecommender()
    const { server } = await testServer({ recommender })
    recommender.ready = false
    const before = await server.inject('/readyz')
    expect(before.statusCode).toBe(503)
    expect(before.json()).toMatchObject({ ready: false, reasons: [expect.any(String)] })
    recommender.ready = true
    expect((await server.inject('/readyz')).statusCode).toBe(200)
  })

  test('models that serve, and how they drift', async () => {
    const { models } = await fetchAs<{ models: object[] }>('/v1/models', '/v1/models')
    expect(models).toMatchObject([{ kind: 'light', features: [{ name: 'saves', drift: 0.25 }] }])
  })

  test('metrics are told though the host cannot say how models drift', async () => {
    const { MemoryRecommender } = await import('./memory-recommender.ts')
    const recommender = new MemoryRecommender()
    recommender.models = () => Promise.reject(new Error('a thread has ended'))
    recommender.stream = async () => undefined as never
    const { server } = await testServer({ recommender })
    const { body, statusCode } = await server.inject('/metrics')
    expect(statusCode).toBe(200)
    expect(body).not.toMatch(/^pinwheel_feature_drift\{/m)
    expect(body).not.toMatch(/^pinwheel_stream_/m)
    expect(body).toMatch(/^pinwheel_ready 1$/m)
    expect(body).toMatch(/^pinwheel_partition_lag_seconds\{partition="0"\} 0.5$/m)
  })

  test('metrics count requests by pattern and tell sizes and totals', async () => {
    await server.inject('/v1/pins/p1')
    const { body, headers } = await server.inject('/metrics')
    expect(headers['content-type']).toContain('text/plain')
    expect(body).toContain('route="/v1/pins/:id",status="200"')
    expect(body).not.toContain('/v1/pins/p1')
    expect(body).toMatch(/^pinwheel_size\{of="pins"\} 20$/m)
    expect(body).toMatch(/^pinwheel_entries_total \d+$/m)
    expect(body).toMatch(/^pinwheel_stream_bytes\{of="entries"\} 800$/m)
    expect(body).toMatch(/^pinwheel_stream_bytes\{of="limit"\} 1000$/m)
    expect(body).toMatch(/^pinwheel_stream_dead_letters 2$/m)
    expect(body).toMatch(/^pinwheel_feature_drift\{model="light",feature="saves"\} 0.25$/m)
    expect((await server.inject('/metrics')).statusCode).toBe(200)
  })

  test('every reply carries the security headers and the time it took', async () => {
    for (const url of ['/livez', '/nowhere', '/v1/pins/nobody', '/%']) {
      const { headers } = await server.inject(url)
      expect(headers, url).toMatchObject({
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
    }
    const { headers } = await server.inject('/livez')
    expect(headers['server-timing']).toMatch(/^total;dur=\d+\.\d$/)
  })
})
