/** Whatever is sent, the answer is not a 5xx, is JSON of the error table, and shows no stack. */
import { Agent, get } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ErrorCode, errorTable, kindNames } from '../../base/index.ts'
import type { InjectedReply, Server } from './server.ts'
import { type ErrorBody, testNow, testServer } from './test-server.ts'

type Reply = Pick<InjectedReply, 'statusCode' | 'body'>

let server: Server
let port = 0
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
beforeAll(async () => {
  server = (await testServer({ picture: () => undefined })).server
  port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port)
})
afterAll(async () => {
  agent.destroy()
  await server.close()
})

/** On a real socket: `inject` would tidy the address first. */
function ask(path: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent, path }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('end', () => {
        resolve({ statusCode: reply.statusCode ?? 0, body: Buffer.concat(chunks).toString() })
      })
    }).on('error', reject)
  })
}

function expectCivil(reply: Reply): void {
  expect(reply.statusCode, reply.body).toBeLessThan(500)
  expect(reply.body).not.toMatch(/\n\s+at |node_modules|\/serving\//)
  if (reply.statusCode < 400) return
  const { error } = JSON.parse(reply.body) as ErrorBody
  const row = errorTable[error.code as ErrorCode]
  expect(reply.statusCode).toBe(row.status)
  // Every hole of the sentence was filled, and with something short.
  for (const [, hole = ''] of row.message.matchAll(/\{(\w+)\}/g)) {
    expect(error.details).toHaveProperty(hole)
  }
  expect(error.message.length).toBeLessThan(600)
}

const names = fc.constantFrom('limit', 'explain', 'exclude', 'after', 'at', 'seed', 'off', 'x')
const text = fc.string({ unit: 'binary', maxLength: 30 })
const query = fc.array(fc.tuple(fc.oneof(names, text), text), { maxLength: 4 })
const part = fc.oneof(
  fc.constantFrom(
    'v1',
    'users',
    'boards',
    'pins',
    'recommendations',
    'related',
    'state',
    'u1',
    'p1',
    '..',
  ),
  text.map(encode),
  fc.string({ unit: fc.constantFrom('%', '/', '0', 'f', '\\', ';', '?', '.', '+'), maxLength: 9 }),
)

function encode(given: string): string {
  return encodeURIComponent(given.toWellFormed())
}

test('any address', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 6 }), query, async (parts, pairs) => {
      const search = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
      expectCivil(await ask(`/${parts.join('/')}?${search}`))
    }),
    { numRuns: 300 },
  )
})

const mediaType = fc.constantFrom('application/json', 'application/x-ndjson', 'text/plain')
const send = (payload: Buffer | string, type: string) =>
  server.inject({
    method: 'POST',
    url: '/v1/events',
    headers: { 'content-type': type },
    payload,
  })

test('any bytes as a body', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), mediaType, async (bytes, type) => {
      expectCivil(await send(Buffer.from(bytes), type))
    }),
    { numRuns: 200 },
  )
})

const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('a', 'u1', testNow, 0, -1))
const field = fc.oneof(
  fc.constantFrom('id', 'time', 'user', 'pin', 'board', 'weight', 'context', 'title', 'tags'),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'valueOf', 'then', 'toJSON'),
)
const almostEntry = fc
  .tuple(fc.oneof(fc.constantFrom(...kindNames), value), fc.array(fc.tuple(field, value)))
  .map(([kind, fields]) => Object.fromEntries([['kind', kind], ...fields]) as object)

test('anything in the place of entries gets a verdict each', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(almostEntry, value), { minLength: 1, maxLength: 5 }),
      async (entries) => {
        const reply = await send(JSON.stringify({ entries }), 'application/json')
        expectCivil(reply)
        expect(reply.json()).toMatchObject({ entries: entries.map(() => expect.anything()) })
      },
    ),
    { numRuns: 300 },
  )
})

test('anything that is JSON as the envelope', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (body) => {
      expectCivil(await send(JSON.stringify(body), 'application/json'))
    }),
    { numRuns: 200 },
  )
})
