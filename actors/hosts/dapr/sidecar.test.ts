import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { errorCode } from '../../../base/index.ts'
import { Sidecar, sendCall } from './sidecar.ts'

/** On a free port. */
async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A sidecar that keeps the first `held` calls open, and answers the others with what they sent. */
async function holding(held: number) {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    bodies.push(body)
    if (bodies.length > held) response.end(JSON.stringify({ ok: true, value: JSON.parse(body) }))
  })
  const port = await listening(server)
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  return { bodies, port, stop }
}

test('a call that is kept open ends with a named error', async () => {
  const { port, stop } = await holding(1)
  const call = new Sidecar(port, { patienceMs: 250 }).invoke('UserShard', '17', 'ask', {})
  await expect(call).rejects.toThrow(/UserShard\/17.*ask.*50 ms/)
  expect(errorCode(await call.catch((error: unknown) => error))).toBe('CALL_UNANSWERED')
  stop()
})

test('it is sent again under its name, three times at most', async () => {
  const body = { call: 'a name' }
  for (const held of [2, 3]) {
    const { bodies, port, stop } = await holding(held)
    const sidecar = new Sidecar(port, { patienceMs: 250 })
    const sent = sendCall(() => sidecar.invoke('UserShard', '17', 'ask', body))
    if (held === 2) expect(await sent).toEqual(body)
    else expect(errorCode(await sent.catch((error: unknown) => error))).toBe('CALL_UNANSWERED')
    expect(bodies).toEqual(Array(3).fill(JSON.stringify(body)))
    stop()
  }
})

test('one that ends within an answer is missing', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('{ "ok": true,', () => response.destroy())
  })
  const port = await listening(server)
  const call = new Sidecar(port).invoke('UserShard', '17', 'ask', {})
  expect(errorCode(await call.catch((error: unknown) => error))).toBe('SIDECAR_MISSING')
  server.close()
})

test('bytes go as they are, anything else as JSON', async () => {
  const told: [type: string | undefined, body: Buffer][] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    told.push([request.headers['content-type'], Buffer.concat(parts)])
    response.end('{"ok":true,"value":null}')
  })
  const sidecar = new Sidecar(await listening(server))
  const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => n)
  await sidecar.invoke('UserShard', '17', 'apply', bytes)
  await sidecar.invoke('UserShard', '17', 'ask', { id: 'é' })
  expect(told).toEqual([
    ['application/octet-stream', Buffer.from(bytes)],
    ['application/json', Buffer.from('{"id":"é"}')],
  ])
  server.closeAllConnections()
  server.close()
})

test('nobody at the port is said at once, and not tried again', async () => {
  const { port, stop } = await holding(0)
  stop()
  let calls = 0
  const sidecar = new Sidecar(port)
  const sent = sendCall(() => {
    calls++
    return sidecar.invoke('UserShard', '17', 'ask', {})
  })
  expect(errorCode(await sent.catch((error: unknown) => error))).toBe('SIDECAR_MISSING')
  expect(calls).toBe(1)
})
