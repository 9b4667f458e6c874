/** Each kind of bad input has a code of the error table, and never a 5xx. */
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ErrorCode, errorTable, limits, pinwheelError } from '../../base/index.ts'
import { MemoryRecommender } from './memory-recommender.ts'
import type { Server } from './server.ts'
import { type ErrorBody, testNow, testServer } from './test-server.ts'

let server: Server
beforeAll(async () => {
  server = (await testServer({ picture: () => undefined })).server
})
afterAll(() => server.close())

async function refusal(request: InjectOptions | string): Promise<ErrorBody['error']> {
  const reply = await server.inject(request)
  const { error } = reply.json() as ErrorBody
  expect(reply.statusCode).toBe(errorTable[error.code as ErrorCode].status)
  expect(reply.statusCode).toBeLessThan(500)
  expect(reply.headers['content-type']).toContain('application/json')
  return error
}

const events = (payload: string | Buffer, contentType = 'application/json'): InjectOptions => ({
  method: 'POST',
  url: '/v1/events',
  headers: { 'content-type': contentType },
  payload,
})
const feed = (query: string) => `/v1/users/u1/recommendations?${query}`
const entry = { kind: 'save', id: 'x', time: testNow, user: 'u1', pin: 'p1' }
const list = (count: number) => JSON.stringify({ entries: Array(count).fill(entry) })

describe('query parameters', () => {
  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=5.5', 'limit'],
    ['limit=', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=99999999999999999999', 'limit'],
    ['limit=5&limit=6', 'limit'],
    ['explain=yes', 'explain'],
    ['seed=-1', 'seed'],
    ['seed=4294967296', 'seed'],
    ['at=tomorrow', 'at'],
    ['at=9999999999999999', 'at'],
    ['exclude=', 'exclude'],
    ['exclude=a%00b', 'exclude'],
    ['off=a%00', 'off'],
    ['device=fridge', 'device'],
    ['surface=', 'surface'],
    ['after=x', 'x', 'POSITION_BAD'],
    ['generation=transformer', 'deep', 'GENERATION_UNKNOWN'],
    ['colour=red', 'unknown query parameter "colour"'],
    ['__proto__=1', 'unknown query parameter "__proto__"'],
    [`exclude=${Array(501).fill('p').join('&exclude=')}`, 'exclude'],
    [`exclude=${'x'.repeat(201)}`, 'exclude'],
  ])('%s', async (query, says, code = 'BAD_REQUEST') => {
    const error = await refusal(feed(query))
    expect(error.code).toBe(code)
    expect(error.message).toContain(says)
  })

  test('five hundred pins may be excluded', async () => {
    const query = `exclude=${Array(limits.excludedPinsMax).fill('p').join('&exclude=')}`
    expect((await server.inject(feed(query))).statusCode).toBe(200)
  })

  test.each(['/livez?x=1', '/v1/pins/p1?x=1', '/v1/users/u1/state?x=1', '/v1/users?x=1'])(
    '%s: unknown parameters are refused everywhere',
    async (url) => {
      expect((await refusal(url)).code).toBe('BAD_REQUEST')
    },
  )
})

describe('addresses', () => {
  test.each([
    ['/v1/users/u%00/recommendations', 'BAD_REQUEST'],
    [`/v1/users/${'u'.repeat(201)}/recommendations`, 'BAD_REQUEST'],
    [`/v1/pins/${'%F0%9F%98%80'.repeat(51)}`, 'BAD_REQUEST'],
    ['/v1/pins/%ED%A0%80', 'BAD_REQUEST'],
    [`/v1/pins/${'p'.repeat(10_240)}`, 'BAD_REQUEST'],
    ['/v1/users/a%1Bb/state', 'BAD_REQUEST'],
    ['/v1/pins/%', 'BAD_REQUEST'],
    ['/%zz', 'BAD_REQUEST'],
    ['/v1/boards/nobody/recommendations', 'BOARD_UNKNOWN'],
    ['/v1/boards/b%00/recommendations', 'BAD_REQUEST'],
    ['/v1/boards/b/recommendations?generation=9', 'GENERATION_UNKNOWN'],
    ['/v1/pins/nobody', 'PIN_UNKNOWN'],
    ['/v1/pins/nobody/related', 'PIN_UNKNOWN'],
    ['/v1/users/nobody/state', 'USER_UNKNOWN'],
    ['/v1/pins/', 'BAD_REQUEST'],
    ['/v1/nothing', 'ROUTE_UNKNOWN'],
    ['/../../etc/passwd', 'ROUTE_UNKNOWN'],
    ['/demo/pictures/x.png', 'PICTURE_UNKNOWN'],
    ['/demo/pictures/x.gif', 'PICTURE_UNKNOWN'],
  ])('%s is %s', async (url, code) => {
    expect((await refusal(url)).code).toBe(code)
  })

  test('the unknown id is in the details', async () => {
    expect((await refusal('/v1/pins/nobody')).details).toEqual({ id: 'nobody' })
  })

  test.each([
    ['DELETE', '/v1/pins/p1'],
    ['GET', '/v1/events'],
    ['POST', '/livez'],
  ] as const)('%s %s names the methods that fit', async (method, url) => {
    const error = await refusal({ method, url })
    expect(error.code).toBe('METHOD_UNFIT')
    expect(error.message).toMatch(/GET|POST/)
  })
})

describe('bodies', () => {
  test.each([
    ['', 'empty'],
    ['{', 'not JSON'],
    ['{"entries":[{}],}', 'not JSON'],
    ['[]', 'not an object'],
    ['null', 'not an object'],
    ['7', 'not an object'],
    ['{}', 'entries is not a list'],
    ['{"entries":{}}', 'entries is not a list'],
    ['{"entries":[]}', 'entries is empty'],
    ['{"entries":[{}],"more":1}', 'unknown field "more"'],
    ['{"entries":[{}],"__proto__":{}}', 'unknown field "__proto__"'],
    [Buffer.from([0x22, 0xc3, 0x28, 0x22]), 'not UTF-8'],
  ])('%s', async (body, says) => {
    const error = await refusal(events(body))
    expect(error).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining(says) })
  })

  test('1,001 entries are too many, as JSON and as NDJSON', async () => {
    const error = await refusal(events(list(1001)))
    expect(error).toMatchObject({ code: 'TOO_MANY_ENTRIES', details: { count: 1001, limit: 1000 } })
    const lines = Array(1001).fill(JSON.stringify(entry)).join('\n')
    expect((await refusal(events(lines, 'application/x-ndjson'))).code).toBe('TOO_MANY_ENTRIES')
  })

  test('an oversized body', async () => {
    for (const bytes of [limits.bodyBytesMax + 1, 5_000_000]) {
      expect((await refusal(events('x'.repeat(bytes)))).code).toBe('BODY_TOO_LARGE')
    }
  })

  test.each(['text/plain', 'application/xml', 'multipart/form-data', ''])(
    'content type "%s"',
    async (contentType) => {
      expect((await refusal(events('{}', contentType))).code).toBe('MEDIA_TYPE_UNFIT')
    },
  )

  test('a packed body', async () => {
    const request = events('{}')
    const headers = { ...request.headers, 'content-encoding': 'gzip' }
    expect((await refusal({ ...request, headers })).code).toBe('MEDIA_TYPE_UNFIT')
  })

  test('nesting a hundred thousand deep', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const reply = await server.inject(events(`{"entries":[${deep},{"kind":${deep}}]}`))
    expect(reply.json()).toMatchObject({
      entries: [{ code: 'ENTRY_INVALID' }, { code: 'ENTRY_INVALID' }],
    })
  })
})

describe('entries', () => {
  const bad: readonly (readonly [string, object])[] = [
    ['NUL in an id', { id: 'a\0b' }],
    ['an empty id', { id: '' }],
    ['a lone surrogate', { pin: '\ud800' }],
    ['a long id', { user: 'u'.repeat(201) }],
    ['an id of ten kilobytes', { pin: 'p'.repeat(10_240) }],
    ['an escape in an id', { user: '\u001b[31m' }],
    ['time as text', { time: '2024-01-01' }],
    ['a negative time', { time: -1 }],
    ['an absurd time', { time: 1e300 }],
    ['an absurd weight', { weight: 1e9 }],
    ['a kind of none', { kind: 'like' }],
    ['a kind that every object has', { kind: 'toString' }],
    ['a kind with its own toString', { kind: { toString: 1 } }],
    ['an unknown field', { colour: 'red' }],
    ['an unknown field of the context', { context: { colour: 'red' } }],
    ['a context field that every object has', { context: { valueOf: 1 } }],
    ['propensity of none', { context: { propensity: 0 } }],
  ]
  test.each(bad)('%s', async (_what, fields) => {
    const body = JSON.stringify({ entries: [{ ...entry, ...fields }] })
    const reply = await server.inject(events(body))
    expect(reply.statusCode).toBe(202)
    expect(reply.json()).toMatchObject({ entries: [{ code: 'ENTRY_INVALID' }] })
  })

  test('__proto__ inside a context', async () => {
    const text = JSON.stringify({ entries: [{ ...entry, context: { x: 1 } }] })
    const reply = await server.inject(events(text.replace('"x"', '"__proto__"')))
    expect(reply.json()).toMatchObject({ entries: [{ code: 'ENTRY_INVALID' }] })
  })
})

describe('what is not the fault of the caller', () => {
  test('an unforeseen error hides its cause and gives a reference that the log has', async () => {
    const lines: object[] = []
    const note = (fields: object) => void lines.push(fields)
    const logger = { debug: () => {}, info: note, warn: note, error: note }
    const recommender = new MemoryRecommender()
    recommender.pin = () => Promise.reject(new TypeError('secret at C:\\someone'))
    const { server } = await testServer({ recommender, logger })
    const reply = await server.inject('/v1/pins/p1')
    expect(reply.statusCode).toBe(500)
    expect(reply.headers['retry-after']).toBe('1')
    expect(reply.body).not.toContain('secret')
    const { error } = reply.json() as ErrorBody
    expect(error.code).toBe('INTERNAL')
    expect(lines).toMatchObject([{ ref: error.details['ref'], route: '/v1/pins/:id' }])
  })

  test('a full disk: not acknowledged, try again later', async () => {
    const recommender = new MemoryRecommender()
    const { server } = await testServer({ recommender })
    recommender.ingest = () =>
      Promise.reject(pinwheelError('LOG_WRITE_FAILED', { reason: 'ENOSPC' }))
    const reply = await server.inject(events(list(1)))
    expect(reply.statusCode).toBe(503)
    expect(reply.headers['retry-after']).toBe('1')
    expect(reply.json()).toMatchObject({ error: { code: 'LOG_WRITE_FAILED' } })
  })

  test('a call that does not end in time', async () => {
    const recommender = new MemoryRecommender()
    const { server } = await testServer({ recommender, bounds: { handlerMsMax: 20 } })
    recommender.pin = () => new Promise(() => {})
    const reply = await server.inject('/v1/pins/p1')
    expect(reply.statusCode).toBe(504)
    expect(reply.json()).toMatchObject({ error: { code: 'DEADLINE' } })
  })

  test('more calls at one time than the bound: OVERLOADED, and room again afterwards', async () => {
    const recommender = new MemoryRecommender()
    const { server } = await testServer({ recommender, bounds: { callsMax: 2 } })
    const gate = Promise.withResolvers<void>()
    const pin = recommender.pin.bind(recommender)
    recommender.pin = (id) => gate.promise.then(() => pin(id))
    const calls = [1, 2, 3].map(() => server.inject('/v1/pins/p1'))
    await expect(Promise.race(calls).then((reply) => reply.json())).resolves.toMatchObject({
      error: { code: 'OVERLOADED', details: { count: 2 } },
    })
    gate.resolve()
    const statuses = (await Promise.all(calls)).map((reply) => reply.statusCode)
    expect(statuses).toEqual([200, 200, 503])
    expect((await server.inject('/v1/pins/p1')).statusCode).toBe(200)
  })
})
