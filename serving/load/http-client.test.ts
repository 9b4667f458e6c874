import { once } from 'node:events'
import { createServer as createHttp, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock, systemClock } from '../../base/index.ts'
import { type ClientReply, HttpClient } from './http-client.ts'

const open: { close(): unknown }[] = []
afterEach(() => {
  for (const thing of open.splice(0)) thing.close()
})

async function listen(server: Server): Promise<URL> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push({
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

function client(address: URL, connectionsMax = 4) {
  const clock = new ManualClock()
  const headers = { authorization: 'Bearer k' }
  const made = new HttpClient({ address, clock, headers, connectionsMax, timeoutMs: 1_000 })
  open.push(made)
  return { client: made, clock }
}
const get = { method: 'GET', path: '/x' } as const
const textOf = (reply: ClientReply) =>
  reply.failure === undefined ? reply.body.toString() : reply.failure

/** Answers raw bytes to whatever comes. */
const raw = (answer: (socket: Socket) => void) =>
  listen(createTcp((socket) => socket.on('error', () => {}).once('data', () => answer(socket))))

describe('a server of Node', () => {
  const echo: RequestListener = (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { method, url, headers } = request
      const told = { method, url, key: headers.authorization, type: headers['content-type'] }
      response.end(JSON.stringify({ ...told, body: Buffer.concat(parts).toString() }))
    })
  }

  test('is told everything as it was given, wide characters too', async () => {
    const { client: own } = client(await listen(createHttp(echo)))
    expect(JSON.parse(textOf(await own.request({ ...get, path: '/a?b=c%20d' })))).toEqual({
      method: 'GET',
      url: '/a?b=c%20d',
      key: 'Bearer k',
      body: '',
    })
    for (const body of ['{"a":1}', '{"a":"Zürich – 日本"}']) {
      const told = JSON.parse(textOf(await own.request({ method: 'POST', path: '/', body })))
      expect(told).toMatchObject({ method: 'POST', body, type: 'application/json' })
    }
  })

  test('one connection serves one request after the other, others at one time', async () => {
    let connections = 0
    const server = createHttp(echo).on('connection', () => connections++)
    const { client: own } = client(await listen(server))
    for (let n = 0; n < 5; n++) await own.request(get)
    expect(connections).toBe(1)
    await Promise.all([own.request(get), own.request(get), own.request(get)])
    expect(connections).toBe(3)
  })

  test('a connection that was idle for long is not used again', async () => {
    let connections = 0
    const server = createHttp(echo).on('connection', () => connections++)
    const { client: own, clock } = client(await listen(server))
    await own.request(get)
    clock.advance(5_000)
    expect(textOf(await own.request(get))).toContain('/x')
    expect(connections).toBe(2)
  })

  test('with all connections taken a request is refused at once', async () => {
    const held: (() => void)[] = []
    const server = createHttp((_request, response) => held.push(() => response.end('done')))
    const { client: own } = client(await listen(server), 2)
    const asked = [own.request(get), own.request(get)]
    expect(textOf(await own.request(get))).toBe('CLIENT_BOUND')
    while (held.length < 2) await systemClock.yield()
    for (const answer of held) answer()
    expect((await Promise.all(asked)).map(textOf)).toEqual(['done', 'done'])
    held.length = 0
    const again = own.request(get)
    while (held.length < 1) await systemClock.yield()
    held[0]!()
    expect(textOf(await again)).toBe('done')
  })

  test('no answer in time is a TIMEOUT, and its connection is given up', async () => {
    let [seen, closed] = [0, 0]
    const server = createHttp(() => {
      seen++
    })
    server.on('connection', (socket: Socket) => socket.on('close', () => closed++))
    const { client: own, clock } = client(await listen(server), 1)
    for (let n = 1; n <= 2; n++) {
      const asked = own.request(get)
      while (seen < n) await systemClock.yield()
      clock.advance(1_040)
      expect(textOf(await asked)).toBe('TIMEOUT')
    }
    while (closed < 2) await systemClock.yield()
  })
})

describe('what is no server', () => {
  test('nobody there', async () => {
    const server = createTcp()
    const address = await listen(server)
    server.close()
    await once(server, 'close')
    const { client: own } = client(address)
    expect(await own.request(get)).toEqual({ failure: 'REFUSED', reason: 'ECONNREFUSED' })
  })

  test.each([
    ['ends at once', 'LOST', (socket: Socket) => socket.end()],
    ['resets', 'LOST', (socket: Socket) => socket.resetAndDestroy()],
    [
      'ends in the middle',
      'LOST',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'),
    ],
    ['speaks another language', 'NOT_HTTP', (socket: Socket) => socket.write('220 mail ready\r\n')],
    [
      'goes on and on',
      'NOT_HTTP',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nabc'),
    ],
    ['ends with the body', 'abc', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nabc')],
  ])('%s: %s', async (_what, told, answer) => {
    const { client: own } = client(await raw(answer))
    expect(textOf(await own.request(get))).toBe(told)
    // Nothing of it is left: the next request begins anew.
    expect(textOf(await own.request(get))).toBe(told)
  })

  test('a closed client answers those who wait', async () => {
    let connections = 0
    const server = createTcp((socket) => {
      connections++
      socket.on('error', () => {})
    })
    const { client: own } = client(await listen(server))
    const asked = own.request(get)
    while (connections < 1) await systemClock.yield()
    // Whoever hears of it asks again: that opens no connection, which would keep a process alive.
    const again = asked.then(() => own.request(get))
    own.close()
    expect([textOf(await asked), textOf(await again)]).toEqual(['LOST', 'LOST'])
    for (let turn = 0; turn < 20; turn++) await systemClock.yield()
    expect(connections).toBe(1)
  })
})
