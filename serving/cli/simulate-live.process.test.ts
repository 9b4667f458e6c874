/** `simulate live` as a person runs it, against servers of this process that are good and bad. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import { testServer } from '../http/test-server.ts'

const entry = 'serving/pinwheel.mjs'
const small = ['--users', '50', '--pins', '500', '--json']

type Ended = { readonly code: number | null; readonly out: string; readonly err: string }
function start(words: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [entry, 'simulate', 'live', ...words], { timeout: 60_000 })
  let [out, err] = ['', '']
  child.stdout.on('data', (text) => {
    out += text
  })
  child.stderr.on('data', (text) => {
    err += text
  })
  const ended = once(child, 'close').then(([code]) => ({ code, out, err }))
  return { child, ended }
}
const run = (words: readonly string[]) => start(words).ended

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close()
})

/** A server of ours over a handful of pins. */
async function pinwheel() {
  const { server } = await testServer({ clock: systemClock })
  open.push(server)
  return server.listen({ host: '127.0.0.1', port: 0 })
}

type Bad = { readonly address: string; readonly stop: () => void }
async function listen(server: Server | ReturnType<typeof createTcp>): Promise<Bad> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  open.push({ close: stop })
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}

/** Answers as Pinwheel does, unless `before` says that it has answered. */
function answering(before: (n: number, ...pair: Parameters<RequestListener>) => boolean) {
  let asked = 0
  return createHttp((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (before(asked++, request, response)) return
      if (request.method === 'GET') {
        const items = Array.from({ length: 25 }, (_, n) => ({ pin: `p${n}`, propensity: 1 }))
        response.end(JSON.stringify({ request: 'r', generation: 'mixed', items }))
      } else {
        const { entries } = JSON.parse(Buffer.concat(parts).toString()) as { entries: unknown[] }
        const verdicts = entries.map(() => ({ status: 'accepted' }))
        response.writeHead(202).end(JSON.stringify({ position: '0-1', entries: verdicts }))
      }
    })
  })
}

describe('a real server', () => {
  test('one JSON document, whose figures add up; progress on standard error', async () => {
    const address = await pinwheel()
    const words = ['--target', address, '--rate', '40', '--seconds', '2', '--warm-up', '.5']
    const { code, out, err } = await run([...words, '--pace', '10', ...small])
    const told = JSON.parse(out)
    expect([code, told.errors]).toEqual([0, {}])
    const { scheduled, sent, answered } = told.arrivals
    expect(scheduled).toBeGreaterThan(40)
    expect([sent, answered]).toEqual([scheduled, scheduled])
    expect(told.feed.answered + told.events.answered).toBe(answered)
    expect(told.people.accepted).toBeGreaterThan(5)
    expect(told.people.duplicate).toBe(0)
    expect(told).toMatchObject({
      seed: 1,
      withinBudget: true,
      latencyMs: { p50: expect.any(Number), p999: expect.any(Number) },
      freshnessMs: { notVisible: 0 },
      client: { cpuShare: expect.any(Number), latenessMs: { p99: expect.any(Number) } },
      options: { rate: 40, arrivals: 'poisson', world: { users: 50 } },
    })
    expect(told).not.toHaveProperty('partial')
    expect(err).toMatch(/1 s {2}\d+ req\/s {2}p50 .* p99 .* errors 0/)
  })

  test('the knee, in steps', async () => {
    const address = await pinwheel()
    const steps = ['--seconds', '.5', '--warm-up', '.2', '--rate', '20', '--rate-max', '40']
    const { code, out } = await run([
      '--target',
      address,
      '--knee',
      '--slo',
      '60000',
      ...steps,
      ...small,
    ])
    const told = JSON.parse(out)
    expect([code, told.kneeRequestsPerSecond]).toEqual([0, 40])
    expect(told.steps.map(({ rate }: { rate: number }) => rate)).toEqual([20, 40])
  })

  test('lines for people, and a page', async () => {
    const address = await pinwheel()
    const words = ['--target', address, '--ramp', '0:60', '--seconds', '1', '--users', '20']
    const folder = mkdtempSync(join(tmpdir(), 'pinwheel-live-'))
    open.push({ close: () => rmSync(folder, { recursive: true, force: true }) })
    const report = join(folder, 'live.html')
    const small = ['--pins', '400', '--report', report]
    const { code, out } = await run([...words, ...small])
    expect(code).toBe(0)
    expect(readFileSync(report, 'utf8')).toContain('Latency over time')
    expect(out).toMatch(/requestsPerSecond +\d/)
    expect(out).toMatch(/p999 +\d/)
  })
})

describe('bad servers', () => {
  const quick = ['--rate', '100', '--seconds', '2', '--warm-up', '0', '--freshness', '0', ...small]

  test('a stall shows in the percentiles of those who came meanwhile', async () => {
    let isStalled = false
    const { address } = await listen(
      answering((n) => {
        if (n > 100 && !isStalled) {
          isStalled = true
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
        }
        return false
      }),
    )
    const { out } = await run(['--target', address, ...quick])
    const { latencyMs, arrivals } = JSON.parse(out)
    // One in five came while nothing was done; a slower machine only makes it more.
    expect(latencyMs.p99).toBeGreaterThan(300)
    expect(arrivals.answered).toBe(arrivals.scheduled)
  })

  test('garbage, errors, silence: each by its code, and the budget is overspent', async () => {
    const { address } = await listen(
      answering((n, _request, response) => {
        const kind = n % 6
        if (kind === 1) response.end('<html>')
        else if (kind === 2) response.end('{"request":"r"}')
        else if (kind === 3) response.writeHead(500).end('oh')
        else if (kind === 4) response.socket!.destroy()
        return kind >= 1 && kind <= 5
      }),
    )
    const { code, out } = await run(['--target', address, '--timeout', '300', ...quick])
    const { errors, arrivals, withinBudget, errorShare } = JSON.parse(out)
    expect([code, withinBudget]).toEqual([1, false])
    expect(Object.keys(errors).sort()).toEqual([
      'LOST',
      'NOT_JSON',
      'STATUS_500',
      'TIMEOUT',
      'WRONG_SHAPE',
    ])
    expect(arrivals.scheduled).toBe(arrivals.answered + arrivals.failed + arrivals.refused)
    expect(errorShare).toBeGreaterThan(0.5)
  })

  test('one that dies in mid-run: what was measured, marked partial', async () => {
    const bad = await listen(
      answering((n) => {
        if (n === 60) bad.stop()
        return false
      }),
    )
    const long = ['--seconds', '50', '--rate', '100', '--warm-up', '0', '--freshness', '0']
    const { code, out } = await run(['--target', bad.address, ...long, ...small])
    const told = JSON.parse(out)
    expect([code, told.partial, told.reason]).toEqual([1, true, 'target gone'])
    expect(told.arrivals.answered).toBeGreaterThanOrEqual(50)
    expect(told.errors.REFUSED).toBeGreaterThan(50)
  })

  test('Ctrl-C: what was measured, marked partial', async () => {
    const { address } = await listen(
      answering((n) => {
        if (n === 40) child.kill('SIGINT')
        return false
      }),
    )
    const { child, ended } = start(['--target', address, ...quick, '--seconds', '50'])
    const { code, out } = await ended
    const told = JSON.parse(out)
    expect([code, told.partial, told.reason]).toEqual([1, true, 'interrupted'])
    expect(told.arrivals.answered).toBeGreaterThan(20)
  })
})

describe('what cannot be run', () => {
  const refused = ({ code, out, err }: Ended, exit: number, name: string) => {
    expect(err).toContain(`[${name}]`)
    expect(err).not.toMatch(/\n\s+at /)
    expect([code, out]).toEqual([exit, ''])
  }

  test('nobody there, or somebody else', async () => {
    const bad = await listen(createTcp())
    bad.stop()
    const ended = await run(['--target', bad.address])
    refused(ended, 1, 'TARGET_UNREACHABLE')
    expect(ended.err).toContain('pinwheel serve')
    const other = await listen(createHttp((_request, response) => response.end('hello')))
    refused(await run(['--target', other.address]), 1, 'TARGET_UNFIT')
    const mail = await listen(createTcp((socket) => socket.end('220 mail\r\n')))
    refused(await run(['--target', mail.address]), 1, 'TARGET_UNFIT')
  })

  test('another machine, unless it is allowed', async () => {
    refused(await run(['--target', 'http://192.0.2.1:8080']), 2, 'TARGET_REMOTE')
  })

  test.each([
    [['--target', 'https://127.0.0.1']],
    [['--target', 'http://127.0.0.1/v1']],
    [['--target', 'http://127.0.0.1', '--rate', '3', '--ramp', '1:2']],
    [['--target', 'http://127.0.0.1', '--knee', '--rate', '30', '--rate-max', '20']],
  ])('%j do not fit', async (words) => refused(await run(words), 2, 'LIVE_OPTIONS'))

  const here = ['--target', 'http://127.0.0.1']
  test.each([
    [['--rate', '5']],
    [[...here, '--rate', '0']],
    [[...here, '--ramp', '0:0']],
    [[...here, '--errors', '120%']],
    [[...here, '--users', '0.5']],
  ])('%j is wrong usage', async (words) => {
    const { code, out } = await run(words)
    expect([code, out]).toEqual([2, ''])
  })
})
