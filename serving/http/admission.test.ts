/** How much is let in, and what the rest is told. */
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { errorCode, ManualClock, silentLogger } from '../../base/index.ts'
import { Admission } from './admission.ts'
import { type Bounds, bounds } from './bounds.ts'
import { MemoryRecommender } from './memory-recommender.ts'
import { testServer } from './test-server.ts'

const clock = new ManualClock()
const admissionOf = (more: Partial<Bounds> = {}) =>
  new Admission({ clock, logger: silentLogger, bounds: { ...bounds, ...more } })
const never = () => new Promise<never>(() => {})

/** A machine that does one thing at a time, each in `serviceMs`, under ten times that load. */
async function tenfold(callMsTarget: number) {
  const serviceMs = 10
  const seconds = 20
  const deadlineMs = 500
  const clock = new ManualClock()
  const admission = new Admission({
    clock,
    logger: silentLogger,
    bounds: { ...bounds, callMsTarget },
  })
  let free = 0
  let good = 0
  let refused = 0
  const ask = async () => {
    const at = clock.monotonic()
    try {
      await admission.time(() => {
        free = Math.max(free, at) + serviceMs
        return clock.sleep(free - at)
      })
      if (clock.monotonic() - at <= deadlineMs) good++
    } catch {
      refused++
    }
  }
  for (let ms = 0; ms < seconds * 1000; ms++) {
    void ask()
    clock.advance(1)
    // The calls that end now tell the admission before the next one comes.
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }
  return { goodput: good / ((seconds * 1000) / serviceMs), refused, limit: admission.limit }
}

describe('ten times the load', () => {
  test('more than nine of ten answers that are possible come in time', async () => {
    const { goodput, refused, limit } = await tenfold(bounds.callMsTarget)
    // What came in before the first slow answer is late: some of it in the first two seconds.
    expect(goodput).toBeGreaterThan(0.9)
    expect(refused).toBeGreaterThan(17_000)
    expect(limit).toBeLessThan(20)
  })
  test('the check finds a bound that does not follow the time of feeds', async () => {
    expect((await tenfold(Number.POSITIVE_INFINITY)).goodput).toBeLessThan(0.2)
  })
})

describe('the bound', () => {
  test('a call that is slow alone does not lower it; it grows back with quick ones', async () => {
    const admission = admissionOf()
    const slow = () => admission.time(() => clock.sleep(1_000))
    const alone = slow()
    clock.advance(1_000)
    await alone
    expect(admission.limit).toBe(bounds.callsMax)
    const many = Array.from({ length: 100 }, slow)
    clock.advance(1_000)
    await Promise.all(many)
    expect(admission.limit).toBe(bounds.callsMin)
    for (let n = 0; n < 500; n++) await admission.time(async () => {})
    expect(admission.limit).toBe(bounds.callsMax)
  })
  test('one call has room whatever it weighs, a second has not', async () => {
    const admission = admissionOf({ callsMax: 2 })
    void admission.write(never, 10)
    expect(await admission.write(never, 1).catch(errorCode)).toBe('OVERLOADED')
    expect(admission.refused).toBe(1)
    // A feed has half of the room beside it.
    void admission.run(never)
    expect(await admission.run(never).catch(errorCode)).toBe('OVERLOADED')
  })
  const enter = (admission: Admission, method: string) => {
    const request = Object.assign(new EventEmitter(), { method })
    const response = new EventEmitter()
    const refusal = admission.enter(
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse,
    )
    return { refusal, request, response }
  }
  test('requests count until they are answered', () => {
    const admission = admissionOf({ callsMax: 2 })
    const first = enter(admission, 'GET')
    const second = enter(admission, 'GET')
    expect([first, second].map(({ refusal }) => refusal)).toEqual([undefined, undefined])
    expect(enter(admission, 'GET').refusal).toMatchObject({ code: 'OVERLOADED' })
    first.response.emit('close')
    expect(enter(admission, 'GET').refusal).toBeUndefined()
  })
  test('bodies keep out other bodies, and leave half of the room to readers', () => {
    const admission = admissionOf({ callsMax: 4 })
    const uploads = Array.from({ length: 4 }, () => enter(admission, 'POST'))
    expect(uploads.filter(({ refusal }) => refusal)).toEqual([])
    expect(enter(admission, 'POST').refusal).toBeDefined()
    const readers = [1, 2].map(() => enter(admission, 'GET'))
    expect(readers.filter(({ refusal }) => refusal)).toEqual([])
    expect(enter(admission, 'GET').refusal).toBeDefined()
    // Nor do they count for more once they are whole: what they wait for may be away.
    for (const { request } of uploads) request.emit('end')
    for (const { response } of readers) response.emit('close')
    expect([1, 2, 3].map(() => enter(admission, 'GET').refusal?.code)).toEqual([
      undefined,
      undefined,
      'OVERLOADED',
    ])
  })
})

describe('on a socket', () => {
  const leave: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of leave.splice(0).reverse()) await step()
  })
  async function full() {
    const recommender = new MemoryRecommender()
    const lines: object[] = []
    const note = (fields: object) => void lines.push(fields)
    const logger = { debug: () => {}, info: note, warn: note, error: note }
    const { server } = await testServer({ recommender, logger, bounds: { callsMax: 1 } })
    leave.push(() => server.close())
    const address = await server.listen({ host: '127.0.0.1', port: 0 })
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const pin = recommender.pin.bind(recommender)
    recommender.pin = (id) => {
      begun.resolve()
      return gate.promise.then(() => pin(id))
    }
    const hangUp = new AbortController()
    const first = fetch(`${address}/v1/pins/p1`, { signal: hangUp.signal }).then(
      ({ status }) => status,
      () => 'hung up',
    )
    await begun.promise
    const open = async () => {
      gate.resolve()
      expect(await first).toBe(200)
    }
    const leaveFirst = async () => {
      hangUp.abort()
      expect(await first).toBe('hung up')
    }
    return { address, lines, open, leaveFirst, gate }
  }

  test('a refusal comes before the body does, says later, and the connection goes on', async () => {
    const { address, open } = await full()
    const { port } = new URL(address)
    const socket = connect(Number(port), '127.0.0.1')
    leave.push(() => socket.destroy())
    const head = `host: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: 14`
    socket.write(`POST /v1/events HTTP/1.1\r\n${head}\r\n\r\n`)
    const refusal = String((await once(socket, 'data'))[0])
    expect(refusal).toMatch(/^HTTP\/1\.1 503 /)
    expect(refusal).toMatch(/\r\nretry-after: 1\r\n/)
    expect(refusal).toContain('"code":"OVERLOADED"')
    await open()
    socket.write('{"entries":[]}GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('probes, metrics and pages pass; refusals are counted, and told in one line', async () => {
    const { address, lines, open } = await full()
    for (let n = 0; n < 50; n++) {
      const reply = await fetch(`${address}/v1/users/u1/recommendations`)
      expect(reply.status).toBe(503)
      expect(await reply.json()).toMatchObject({
        error: { code: 'OVERLOADED', details: { count: 1 } },
      })
    }
    for (const path of ['/livez', '/readyz', '/openapi.json']) {
      expect((await fetch(address + path)).status).toBe(200)
    }
    const metrics = await (await fetch(`${address}/metrics`)).text()
    expect(metrics).toMatch(/^pinwheel_requests_refused_total 50$/m)
    expect(lines).toEqual([{ refused: 1, underWay: 1, limit: 1 }])
    await open()
    expect((await fetch(`${address}/v1/pins/p1`)).status).toBe(200)
  })

  test('a client that hangs up makes no room before its call has ended', async () => {
    const { address, leaveFirst, gate } = await full()
    await leaveFirst()
    const ask = async () => (await fetch(`${address}/v1/pins/p2`)).status
    for (let n = 0; n < 10; n++) expect(await ask()).toBe(503)
    gate.resolve()
    await expect.poll(ask).toBe(200)
  })
})
