import { describe, expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import { type ErrorBody, testServer } from '../http/test-server.ts'
import { type ClientReply, HttpClient } from './http-client.ts'
import { LiveTarget } from './live-target.ts'

const ask = { user: 'u 1/ü', limit: 5 }
const save = { kind: 'save', id: 'e1', time: 1_750_000_000_000, user: 'u1', pin: 'p3' } as const

/** A target that says the same to everything. */
function says(status: number, body: unknown): LiveTarget {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const reply: ClientReply = { status, body: Buffer.from(text), isKept: true }
  return new LiveTarget({ request: async () => reply, close: () => {} })
}

describe('a real server', () => {
  const withServer = async (check: (target: LiveTarget, address: string) => Promise<void>) => {
    const { server } = await testServer()
    const address = await server.listen({ host: '127.0.0.1', port: 0 })
    const more = { clock: systemClock, connectionsMax: 4, timeoutMs: 20_000 }
    const client = new HttpClient({ address: new URL(address), ...more })
    try {
      await check(new LiveTarget(client), address)
      const tags = await new LiveTarget(client, 'tags').feed(ask)
      expect(tags.value).toMatchObject({ generation: 'tags' })
    } finally {
      client.close()
      await server.close()
    }
  }

  test('gives feeds, takes events, knows resends, and leaves out what it is told to', () =>
    withServer(async (target) => {
      const feed = await target.feed(ask)
      expect(feed.value?.pins).toHaveLength(5)
      expect(feed.value).toMatchObject({ request: expect.any(String), generation: 'mixed' })
      const exclude = feed.value!.pins.map(({ pin }) => pin)
      const next = await target.feed({ ...ask, exclude, at: 1_750_000_000_000, seed: 7 })
      expect(next.value!.pins.filter(({ pin }) => exclude.includes(pin))).toEqual([])
      expect(await target.send([save])).toEqual({ value: { accepted: 1, duplicate: 0 } })
      const both = [save, { ...save, id: 'e2', pin: 'p4' }]
      expect(await target.send(both)).toEqual({ value: { accepted: 1, duplicate: 1 } })
    }))

  test('tells its refusals in its own words', () =>
    withServer(async (target) => {
      expect(await target.feed({ ...ask, limit: 1_000 })).toEqual({ code: 'BAD_REQUEST' })
      const late = { ...save, id: 'e3', time: 9e15 }
      expect(await target.send([save, late])).toEqual({ code: 'ENTRY_INVALID' })
    }))

  test('passes the check before a run', () =>
    withServer((target, address) => target.check('u0', address)))
})

describe('garbage is counted by what it is', () => {
  const item = { pin: 'p1', propensity: 0.5 }
  const feed = { request: 'r', generation: 'mixed', items: [item] }

  test.each([
    ['no JSON', 200, '<html>', 'NOT_JSON'],
    ['half a feed', 200, '{"request":"r","items":[', 'NOT_JSON'],
    ['null', 200, null, 'WRONG_SHAPE'],
    ['a list', 200, [], 'WRONG_SHAPE'],
    ['no items', 200, { ...feed, items: undefined }, 'WRONG_SHAPE'],
    ['items that are none', 200, { ...feed, items: [null] }, 'WRONG_SHAPE'],
    ['a pin that is a number', 200, { ...feed, items: [{ ...item, pin: 7 }] }, 'WRONG_SHAPE'],
    ['a chance above 1', 200, { ...feed, items: [{ ...item, propensity: 2 }] }, 'WRONG_SHAPE'],
    ['no generation', 200, { ...feed, generation: 3 }, 'WRONG_SHAPE'],
    ['a bare 500', 500, 'Internal Server Error', 'STATUS_500'],
    ['an error of others', 502, { error: 'bad gateway' }, 'STATUS_502'],
    ['a code that is none', 500, { error: { code: '__proto__' } }, 'STATUS_500'],
    [
      'our own error',
      503,
      { error: { code: 'OVERLOADED' } } satisfies Partial<Shape>,
      'OVERLOADED',
    ],
    ['a way elsewhere', 301, '', 'STATUS_301'],
  ])('%s', async (_what, status, body, code) => {
    expect(await says(status, body).feed(ask)).toEqual({ code })
  })

  test.each([
    ['fewer verdicts than entries', { entries: [] }, 'WRONG_SHAPE'],
    ['a verdict that is none', { entries: [{ status: 'maybe' }] }, 'WRONG_SHAPE'],
    ['a rejection', { entries: [{ status: 'rejected', code: 'ENTRY_FUTURE' }] }, 'ENTRY_FUTURE'],
    ['a rejection without a code', { entries: [{ status: 'rejected' }] }, 'REJECTED'],
  ])('%s', async (_what, body, code) => {
    expect(await says(202, body).send([save])).toEqual({ code })
  })

  test.each([
    [404, { error: { code: 'ROUTE_UNKNOWN' } }, 'TARGET_UNFIT'],
    [200, '<html>', 'TARGET_UNFIT'],
    [401, { error: { code: 'KEY_REQUIRED' } }, 'KEY_REQUIRED'],
  ])('before a run, %s %j is %s', async (status, body, code) => {
    await expect(says(status, body).check('u0', 'http://x')).rejects.toMatchObject({ code })
  })

  test('a busy server is one all the same', async () => {
    await says(503, { error: { code: 'OVERLOADED' } }).check('u0', 'http://x')
  })
})

type Shape = { readonly error: Partial<ErrorBody['error']> }
