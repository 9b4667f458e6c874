/** The server on real sockets: addresses, keys, broken HTTP, stopping. */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { errorCode, ManualClock } from '../../base/index.ts'
import { bounds } from './bounds.ts'
import { MemoryRecommender } from './memory-recommender.ts'
import type { Server, ServerOptions } from './server.ts'
import { testNow, testServer } from './test-server.ts'

const running: Server[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function start(options: Partial<ServerOptions> = {}, host = '127.0.0.1') {
  const { server } = await testServer(options)
  running.push(server)
  const address = await server.listen({ host, port: 0 })
  return { server, address, port: Number(new URL(address).port) }
}

/** The code of what `promise` rejects with. */
const rejection = (promise: Promise<unknown>) => promise.then(() => 'none', errorCode)

/** What comes back for bytes that need not be HTTP. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => {})
  socket.write(text)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

describe('addresses', () => {
  test('answers on a free port of loopback', async () => {
    const { address } = await start()
    const reply = await fetch(`${address}/livez`)
    expect(await reply.json()).toEqual({ live: true })
  })

  test('a port in use', async () => {
    const { port } = await start()
    const { server } = await testServer()
    running.push(server)
    expect(await rejection(server.listen({ host: '127.0.0.1', port }))).toBe('PORT_IN_USE')
  })

  test('an address of another machine', async () => {
    const { server } = await testServer({ key: 'k' })
    running.push(server)
    expect(await rejection(server.listen({ host: '192.0.2.1', port: 0 }))).toBe('ADDRESS_UNFIT')
  })

  test('beyond loopback only with a key, or open', async () => {
    const { server } = await testServer()
    running.push(server)
    expect(await rejection(server.listen({ host: '0.0.0.0', port: 0 }))).toBe('ADDRESS_NEEDS_KEY')
    const keyed = await start({ key: 'k' }, '0.0.0.0')
    const open = await start({ open: true }, '0.0.0.0')
    expect((await fetch(`http://127.0.0.1:${keyed.port}/livez`)).status).toBe(200)
    expect((await fetch(`http://127.0.0.1:${open.port}/v1/users`)).status).toBe(200)
  })

  test('without a key, a foreign Host name is refused: DNS rebinding', async () => {
    const { server } = await testServer()
    running.push(server)
    const ask = (host: string) => server.inject({ url: '/v1/users', headers: { host } })
    expect((await ask('evil.example')).json()).toMatchObject({ error: { code: 'HOST_UNKNOWN' } })
    expect((await ask('127.0.0.1.evil.example:80')).statusCode).toBe(421)
    for (const host of ['localhost:8080', '127.0.0.1', '[::1]:8080', 'pinwheel.localhost']) {
      expect((await ask(host)).statusCode, host).toBe(200)
    }
  })
})

describe('the key', () => {
  const key = 'correct horse'
  const ask = async (url: string, authorization?: string) => {
    const { server } = await testServer({ key })
    running.push(server)
    return server.inject({ url, headers: authorization === undefined ? {} : { authorization } })
  }

  test.each([
    undefined,
    '',
    'Bearer ',
    'Bearer wrong',
    `Basic ${key}`,
    key,
    `Bearer ${key} `.repeat(2),
  ])('%s is not it', async (authorization) => {
    const reply = await ask('/v1/users', authorization)
    expect(reply.statusCode).toBe(401)
    expect(reply.headers['www-authenticate']).toBe('Bearer')
    expect(reply.json()).toMatchObject({ error: { code: 'KEY_REQUIRED' } })
    expect(reply.body).not.toContain(key)
  })

  test('with it, /v1 and metrics answer; probes and the document need none', async () => {
    expect((await ask('/v1/users', `Bearer ${key}`)).statusCode).toBe(200)
    expect((await ask('/v1/users', `bearer ${key}`)).statusCode).toBe(200)
    expect((await ask('/metrics')).statusCode).toBe(401)
    for (const url of ['/livez', '/readyz', '/version', '/openapi.json']) {
      expect((await ask(url)).statusCode, url).toBe(200)
    }
  })
})

describe('what is not a request', () => {
  test.each([
    ['GARBAGE\r\n\r\n', 400, 'BAD_REQUEST'],
    ['GET /livez HTTP/1.1\r\n\r\n', 400, 'BAD_REQUEST'],
    [`GET /${'x'.repeat(70_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
    ['POST /v1/events HTTP/1.1\r\nhost: a\r\ncontent-length: -5\r\n\r\n', 400, 'BAD_REQUEST'],
  ])('%.20s', async (text, status, code) => {
    const { port, address } = await start()
    const reply = await raw(port, text)
    expect(reply).toContain(`HTTP/1.1 ${status} `)
    if (reply.includes('{')) expect(reply).toContain(`"code":"${code}"`)
    expect((await fetch(`${address}/livez`)).status).toBe(200)
  })
})

test('a request that never arrives in full is given up', async () => {
  const { port } = await start({ bounds: { receiveMsMax: 50, receiveCheckMs: 20 } })
  const reply = await raw(port, 'POST /v1/events HTTP/1.1\r\nhost: a\r\ncontent-le')
  expect(reply).toContain('HTTP/1.1 408 ')
  expect(reply).toContain('"code":"REQUEST_SLOW"')
})

describe('stopping', () => {
  test('a client that never finishes does not hold the server', async () => {
    const clock = new ManualClock(testNow)
    const { server, port } = await start({ clock })
    const head = ['POST /v1/events HTTP/1.1', 'host: localhost', 'content-type: application/json']
    const half = raw(port, [...head, 'content-length: 9', '', '{'].join('\r\n'))
    // The connection is known to the server once a later one was answered.
    await fetch(`http://127.0.0.1:${port}/livez`)
    const closed = server.close()
    clock.advance(bounds.closeMsMax)
    await closed
    expect(await half).toBe('')
  })

  test('what runs is finished, then nobody answers', async () => {
    const recommender = new MemoryRecommender()
    const { server, address } = await start({ recommender })
    const gate = Promise.withResolvers<void>()
    const entered = Promise.withResolvers<void>()
    const users = recommender.users.bind(recommender)
    recommender.users = async (limit) => {
      entered.resolve()
      await gate.promise
      return users(limit)
    }
    const running = fetch(`${address}/v1/users`)
    await entered.promise
    const closed = server.close()
    gate.resolve()
    expect((await running).status).toBe(200)
    await closed
    await expect(fetch(`${address}/livez`)).rejects.toThrow()
  })
})

describe('pages', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pinwheel-pages-'))
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  test('the page is fresh, hashed assets are kept, nothing beside them is reached', async () => {
    mkdirSync(join(directory, 'pages/assets'), { recursive: true })
    writeFileSync(join(directory, 'pages/index.html'), '<!doctype html><title>Feed</title>')
    writeFileSync(join(directory, 'pages/assets/main-1a2b.js'), 'export {}')
    writeFileSync(join(directory, 'secret'), 'secret')
    const { server } = await testServer({ pages: join(directory, 'pages') })
    running.push(server)
    const page = await server.inject('/?user=u1')
    expect(page.headers).toMatchObject({ 'cache-control': 'no-cache' })
    expect(page.body).toContain('Feed')
    const asset = await server.inject('/assets/main-1a2b.js')
    expect(asset.headers['cache-control']).toContain('immutable')
    for (const url of ['/../secret', '/%2e%2e/secret', '/assets/..%2f..%2fsecret', '/secret']) {
      expect((await server.inject(url)).statusCode, url).toBe(404)
    }
  })

  test('pages that were not built say how to build them', async () => {
    const { server } = await testServer({ pages: join(directory, 'none') })
    running.push(server)
    expect((await server.inject('/')).json()).toMatchObject({ error: { code: 'PAGES_MISSING' } })
  })
})
