import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import { Neo4jConnection } from './connection.ts'
import { neo4jFailure } from './failure.ts'

const open = (url: string, connectMs?: number) =>
  Neo4jConnection.open({
    url,
    user: 'neo4j',
    password: 'a secret',
    database: 'neo4j',
    clock: systemClock,
    ...(connectMs !== undefined && { connectMs }),
  })

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `bolt://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function refusedWithin(ms: number, opening: Promise<unknown>): Promise<Error> {
  const started = systemClock.monotonic()
  const error = await opening.then(
    () => new Error('it opened'),
    (thrown: Error) => thrown,
  )
  expect(systemClock.monotonic() - started).toBeLessThan(ms)
  expect(error.message).not.toContain('secret')
  return error
}

test('a port where nobody listens, or nobody answers, is told within its time', async () => {
  const server = createServer()
  const url = await listening(server)
  server.close()
  await once(server, 'close')
  const closed = await refusedWithin(3_000, open(url))
  expect(closed).toMatchObject({ code: 'NEO4J_UNREACHABLE', details: { address: url } })
  const silent = createServer((socket) => socket.on('error', () => {}).resume())
  const error = await refusedWithin(3_000, open(await listening(silent), 300))
  expect(error).toMatchObject({ code: 'NEO4J_UNREACHABLE' })
  silent.close()
})

test('a port that speaks something else is no Neo4j', async () => {
  const web = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  const error = await refusedWithin(3_000, open(await listening(web)))
  expect(error).toMatchObject({ code: 'NEO4J_UNREACHABLE' })
  web.close()
})

test.each(['http://127.0.0.1:7474', 'bolt://neo4j:secret@127.0.0.1', 'nonsense', ''])(
  '%j is no address, and is not repeated',
  async (url) => {
    const error = await refusedWithin(100, open(url))
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
  },
)

test('the driver’s errors get names; others pass as they are', () => {
  const where = { address: 'bolt://h:1', user: 'u' }
  const named = (code: string) => neo4jFailure(Object.assign(new Error('m'), { code }), where)
  expect(named('ServiceUnavailable')).toMatchObject({ code: 'NEO4J_UNREACHABLE' })
  expect(named('SessionExpired')).toMatchObject({ code: 'NEO4J_UNREACHABLE' })
  expect(named('Neo.ClientError.Security.Unauthorized')).toMatchObject({ code: 'NEO4J_REFUSED' })
  expect(named('Neo.ClientError.Statement.SyntaxError')).toMatchObject({ code: 'NEO4J_FAILED' })
  expect(named('ENOENT')).toMatchObject({ code: 'ENOENT' })
  const mine = new TypeError('m')
  expect(neo4jFailure(mine, where)).toBe(mine)
})
