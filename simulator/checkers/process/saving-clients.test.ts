/** Clients that judge: each way in which a server breaks its word is told from what it may do. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type Clock, Random, systemClock } from '../../../base/index.ts'
import { Oracle } from './oracle.ts'
import { SavingClients } from './saving-clients.ts'

/** A second passes in twenty milliseconds, and nobody thinks for long. */
const hurried: Clock = {
  ...systemClock,
  monotonic: () => systemClock.monotonic() * 50,
  sleep: (ms) => systemClock.sleep(ms / 50),
}
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** A store of saves in memory, with a way to lie. */
type Store = {
  /** Saves of a pin as they are told. */
  readonly tell: (saves: number, reads: number) => number
  readonly status?: (posts: number) => number
}

async function serve({ tell, status = () => 202 }: Store): Promise<string> {
  const saves = new Map<string, number>()
  const reads = new Map<string, number>()
  const ids = new Set<string>()
  let posts = 0
  const post = (body: string, reply: ServerResponse) => {
    const code = status(posts++)
    if (code === 202) {
      for (const { id, pin } of JSON.parse(body).entries) {
        if (!ids.has(id)) saves.set(pin, (saves.get(pin) ?? 0) + 1)
        ids.add(id)
      }
    }
    reply.writeHead(code).end(JSON.stringify({ error: { code: 'OVERLOADED' } }))
  }
  const get = (pin: string, reply: ServerResponse) => {
    reads.set(pin, (reads.get(pin) ?? 0) + 1)
    const told = tell(saves.get(pin) ?? 0, reads.get(pin)!)
    reply.writeHead(told > 0 ? 200 : 404).end(JSON.stringify({ saves: told }))
  }
  const server = createServer((request: IncomingMessage, reply) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      if (request.method === 'POST') post(body, reply)
      else get(request.url!.split('/').at(-1)!, reply)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function judged(store: Store, isCalm = true) {
  const oracle = new Oracle(new Random(1, 0), { entriesPerBatch: 2, counters: 0 })
  const since = hurried.monotonic()
  const clients = new SavingClients({
    address: await serve(store),
    oracle,
    clock: hurried,
    random: new Random(2, 0),
    calmSince: () => (isCalm ? since : undefined),
  })
  const load = clients.run({ savers: 2, readers: 4 })
  for (let n = 0; n < 400 && clients.counts.reads < 150; n++) await systemClock.sleep(10)
  clients.finish()
  await load
  const { pins } = oracle.question()
  const verdict = oracle.judge({ saves: await clients.savesOf(pins), sums: [], told: [] })
  clients.close()
  return { ...clients.counts, ...verdict }
}
const clean = { lost: 0, doubled: 0, stale: 0, wentBack: 0, wrong: [] }

test('one that keeps its word has nothing against it', async () => {
  const result = await judged({ tell: (saves) => saves })
  expect(result).toMatchObject(clean)
  expect(result.acknowledged).toBeGreaterThan(20)
})

test('one that says "later" now and then is asked again, and has nothing against it', async () => {
  const status = (posts: number) => (posts % 3 === 0 ? 503 : 202)
  const result = await judged({ tell: (saves) => saves, status })
  expect(result).toMatchObject(clean)
  expect(result.refusals.get('OVERLOADED')).toBeGreaterThan(3)
})

describe('found out is one', () => {
  test('that loses what it acknowledged', async () => {
    const result = await judged({ tell: () => 0 })
    expect(result.lost).toBe(result.acknowledged)
    expect(result.stale).toBeGreaterThan(0)
  })
  test('that applies twice', async () => {
    const result = await judged({ tell: (saves) => saves * 2 })
    expect(result.doubled).toBe(result.acknowledged)
  })
  test('that shows and forgets', async () => {
    const result = await judged({ tell: (saves, reads) => (reads === 1 ? saves : 0) })
    expect(result.wentBack).toBeGreaterThan(0)
  })
  test('that answers what is no answer to a good request', async () => {
    const status = (posts: number) => (posts === 3 ? 400 : 202)
    const { wrong } = await judged({ tell: (saves) => saves, status })
    expect(wrong).toHaveLength(1)
    expect(wrong[0]).toContain('answered 400')
  })
})

test('while a fault lasts nothing is called stale', async () => {
  expect((await judged({ tell: () => 0 }, false)).stale).toBe(0)
})
