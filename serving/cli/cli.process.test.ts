/**
 * The commands as a person runs them: in a process of their own, words in, lines and exit codes
 * out.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { startServer, stopServer } from '../../tests/setup/server.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-cli-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const entry = 'serving/pinwheel.mjs'

type Ended = { readonly code: number; readonly out: string; readonly err: string }
function run(words: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: 60_000 }
    execFile(process.execPath, [entry, ...words], options, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, out, err })
    })
  })
}
/** One line that names the code, and no stack. */
const refused = ({ code, err }: Ended, exit: number, name: string) => {
  expect(err).toContain(`[${name}]`)
  expect(err).not.toMatch(/\n\s+at /)
  expect(code).toBe(exit)
}

describe('help and wrong usage', () => {
  test('help shows the commands, and examples for each', async () => {
    const help = await run(['--help'])
    expect(help.code).toBe(0)
    for (const name of ['serve', 'import', 'evaluate', 'simulate', 'host']) {
      expect(help.out).toContain(name)
    }
    expect((await run(['import', '--help'])).out).toContain('Example')
  })
  test.each([
    [['nonsense']],
    [['serve', '--nonsense']],
    [['simulate', 'replay', '--events', 'many']],
    [['simulate', 'replay', '--report', 'report.txt']],
    [['simulate', 'chaos', '--seeds', '1', '--report', 'report.html']],
    [['simulate', 'chaos', '--target', 'process', '--placement', 'dapr']],
    [['simulate', 'chaos', '--target', 'process', '--mutants']],
    [['simulate', 'replay', '--users', '0']],
    [['simulate', 'replay', '--workload', 'nonsense']],
    [['simulate', 'replay', '--resume']],
    [['simulate', 'replay', '--events', '1e16']],
    [['import', '--format', 'lightgcn']],
    [['evaluate', '--dataset', 'x', '--format', 'lightgcn']],
    [['evaluate', '--dataset', 'x', '--format', 'lightgcn', '--model', 'p3', '--all']],
    [[]],
  ])('%j is wrong usage', async (words) => {
    const { code, out } = await run(words)
    expect([code, out]).toEqual([2, ''])
  })
  test('every wrong setting is named at once, and an unknown one refused', async () => {
    const env = { PINWHEEL_PORT: 'x', PINWHEEL_WORKERS: '65', PINWHEEL_NONSENSE: '1' }
    const ended = await run(['serve'], env)
    refused(ended, 2, 'CONFIG_INVALID')
    for (const name of Object.keys(env)) expect(ended.err).toContain(name)
  })
  test('another address needs a key or --open', async () => {
    refused(
      await run(['serve', '--host', '0.0.0.0', '--port', '0', '--data', join(scratch, 'h')]),
      2,
      'ADDRESS_NEEDS_KEY',
    )
  })
})

test('simulate chaos: one JSON document, and a single seed tells all that happened', async () => {
  const many = await run(['simulate', 'chaos', '--seeds', '3', '--json'])
  expect(many.code).toBe(0)
  expect(JSON.parse(many.out)).toMatchObject({ failures: [], faultsMin: expect.any(Number) })
  const one = await run(['simulate', 'chaos', '--seeds', '1', '--seed', '5'])
  expect(one.code).toBe(0)
  expect(one.out).toMatch(/faults stop/)
  expect(one.out).toMatch(/digest +/)
})

test('simulate --report: the page, and JSON beside it that says what was printed', async () => {
  const path = join(scratch, 'replay.html')
  const chaos = join(scratch, 'chaos.html')
  const words = ['simulate', 'chaos', '--placement', 'dapr', '--seeds', '2', '--report', chaos]
  const [replay, ended] = await Promise.all([
    run(['simulate', 'replay', '--users', '500', '--events', '2000', '--json', '--report', path]),
    run(words),
  ])
  expect([replay.code, ended.code]).toEqual([0, 0])
  for (const page of [path, chaos]) expect(readFileSync(page, 'utf8')).toMatch(/<\/html>\n$/)
  const report = JSON.parse(readFileSync(join(scratch, 'replay.json'), 'utf8'))
  const { digest } = JSON.parse(replay.out)
  expect(report).toMatchObject({ version: 1, kind: 'replay', options: { events: 2_000 } })
  expect(report.partial).toBeUndefined()
  expect(report.sections[0].facts).toContainEqual({ name: 'digest', value: digest })
  const met = JSON.parse(readFileSync(join(scratch, 'chaos.json'), 'utf8'))
  expect(met).toMatchObject({ kind: 'chaos', options: { placement: 'dapr', seeds: 2 } })
  expect(met.sections[0].facts[0]).toMatchObject({ name: 'laws broken', verdict: 'pass' })
})

test('simulate replay: one JSON document, the same digest for 1 and 2 workers', async () => {
  const sizes = ['--users', '500', '--events', '20000']
  const words = ['simulate', 'replay', ...sizes, '--json', '--workers']
  const [one, two, other, durable] = await Promise.all([
    run([...words, '1']),
    run([...words, '2']),
    run([...words, '2', '--seed', '9']),
    run([...words, '1', '--durable']),
  ])
  const results = [one, two, other, durable].map(
    ({ out }) => JSON.parse(out) as Record<string, unknown>,
  )
  expect(one.out.trim().split('\n')).toHaveLength(1)
  expect(results[0]).toMatchObject({ events: 20_000, seed: 1 })
  expect(results[1]!['digest']).toBe(results[0]!['digest'])
  expect(results[2]!['digest']).not.toBe(results[0]!['digest'])
  for (const name of ['eventsPerSecond', 'turnsPerSecond', 'edges', 'residentBytes']) {
    expect(Number(results[0]![name])).toBeGreaterThan(0)
  }
  expect(results[3]).toMatchObject({ events: 20_000, deadLetters: 0, edges: results[0]!['edges'] })
  expect(Number(results[3]!['fsyncs'])).toBeGreaterThan(0)
})

/** Tells of a board and asks for it, as any client would. */
async function ideasFor(address: string, entries: readonly object[]) {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ entries })
  const taken = await fetch(`${address}v1/events`, { method: 'POST', headers, body })
  const { position } = (await taken.json()) as { position: string }
  const path = `v1/boards/my%20board/recommendations?limit=5&seed=1&after=${position}`
  const reply = await fetch(`${address}${path}`)
  return (await reply.json()) as { items: { pin: string }[] }
}

describe('import, then serve', () => {
  const file = join(scratch, 'rows.txt.gz')
  const data = join(scratch, 'data')
  const rows = Array.from({ length: 60 }, (_, user) => {
    return `${user} ${Array.from({ length: 8 }, (_, n) => (user * 3 + n * n) % 50).join(' ')}`
  })
  writeFileSync(file, gzipSync([...rows, '77', 'bad\0row 1', `${'x'.repeat(300)} 1`].join('\n')))
  const words = ['import', file, '--format', 'lightgcn', '--json']

  test('a dry run reads and rejects, and writes nothing', async () => {
    const { out, code } = await run([...words, '--data', data, '--dry-run'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ read: 63, kept: 480, dryRun: true })
    expect(existsSync(data)).toBe(false)
  })
  test('an import says what it kept and why it rejected; again, it is a resend', async () => {
    const first = JSON.parse((await run([...words, '--data', data])).out)
    expect(first).toMatchObject({ kept: 480, resent: 0 })
    expect(Object.values(first.rejected as object)).toEqual([
      { count: 1, samples: [expect.stringContaining(':61')] },
      { count: 1, samples: [expect.stringContaining(':62')] },
      { count: 1, samples: [expect.stringContaining(':63')] },
    ])
    const second = JSON.parse((await run([...words, '--data', data])).out)
    expect(second).toMatchObject({ kept: 480, resent: 480, edges: first.edges })
  })
  test('the imported data is served, kept over a restart, and never the demo', async () => {
    const first = await startServer(['--data', data])
    const feed = async (address: string, after = '') => {
      const reply = await fetch(`${address}v1/users/5/recommendations?limit=5&seed=1${after}`)
      return (await reply.json()) as { rung: string; items: { pin: string }[] }
    }
    const before = await feed(first.address)
    expect(before).toMatchObject({ rung: 'light' })
    expect(before.items).toHaveLength(5)
    const pin = before.items[0]!.pin
    const entries = [{ kind: 'save', id: 'mine', time: 1, user: '5', pin }]
    const reply = await fetch(`${first.address}v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entries }),
    })
    expect(reply.status).toBe(202)
    const { position } = (await reply.json()) as { position: string }
    const after = await feed(first.address, `&after=${position}`)
    expect(after.items.map((item) => item.pin)).not.toContain(pin)
    const board = { kind: 'board', id: 'my board', time: 2, user: '5', title: 'Nothing much' }
    const onIt = { kind: 'save', id: 'on it', time: 3, user: '5', pin, board: 'my board' }
    const ideas = await ideasFor(first.address, [board, onIt])
    expect(ideas).toMatchObject({ board: 'my board', user: '5', rung: 'light' })
    expect(ideas.items).toHaveLength(5)
    expect(ideas.items.filter((item) => item.pin === pin)).toEqual([])
    refused(
      await run(['import', file, '--format', 'lightgcn', '--data', data]),
      1,
      'DIRECTORY_LOCKED',
    )
    expect(await stopServer(first)).toBe(0)
    const second = await startServer(['--data', data])
    const again = await feed(second.address)
    expect(again.items.map((item) => item.pin)).not.toContain(pin)
    const users = (await (await fetch(`${second.address}v1/users?limit=100`)).json()) as {
      users: unknown[]
    }
    expect(users.users).toHaveLength(60)
    expect(await stopServer(second)).toBe(0)
    expect(readdirSync(data)).not.toContain('lock')
  })
  test('declared kinds are imported and served; others and far futures are rejected', async () => {
    const lines = [
      { kind: 'save', id: 's', time: 1, user: 'ann', pin: 'cup' },
      { kind: 'save', id: 't', time: 2, user: 'bob', pin: 'jug', board: 'b' },
      { kind: 'save', id: 'u', time: 3, user: 'bob', pin: 'kettle', board: 'b' },
      { kind: 'purchase', id: 'v', time: 4, user: 'ann', pin: 'kettle' },
      { kind: 'save', id: 'w', time: Date.UTC(3000, 0), user: 'ann', pin: 'pan' },
    ]
    const events = join(scratch, 'events.jsonl')
    writeFileSync(events, lines.map((line) => JSON.stringify(line)).join('\n'))
    const words = ['import', events, '--format', 'jsonl', '--json', '--dry-run']
    expect(JSON.parse((await run(words)).out)).toMatchObject({ kept: 3 })
    const shop = join(scratch, 'shop')
    const env = { PINWHEEL_KINDS: 'purchase=2' }
    const imported = await run([...words.slice(0, -1), '--data', shop], env)
    expect(JSON.parse(imported.out)).toMatchObject({
      kept: 4,
      rejected: { 'time: expected at most a day ahead of this machine': { count: 1 } },
    })
    const server = await startServer(['--data', shop, '--kinds', 'purchase=2'])
    const reply = await fetch(`${server.address}v1/users/ann/recommendations`)
    const { items } = (await reply.json()) as { items: { pin: string; because?: string }[] }
    expect(items.find(({ pin }) => pin === 'jug')).toMatchObject({ because: 'kettle' })
    expect(await stopServer(server)).toBe(0)
  })
  test('files that are not there, formats that are not known', async () => {
    const nothing = ['import', join(scratch, 'none'), '--format', 'jsonl', '--dry-run']
    refused(await run(nothing), 1, 'DATASET_MISSING')
    refused(await run(['import', file, '--format', 'xml', '--dry-run']), 2, 'FORMAT_UNKNOWN')
    refused(await run(['import', file, '--format', 'lightgcn']), 2, 'CONFIG_INVALID')
  })
})

test('Ctrl-C waits for what runs; a second one ends at once, and nothing acknowledged is lost', async () => {
  const data = join(scratch, 'twice')
  const { child, address } = await startServer(['--data', data])
  const headers = { 'content-type': 'application/json' }
  const entries = [{ kind: 'save', id: 'e', time: 1, user: 'ann', pin: 'cup' }]
  const body = JSON.stringify({ entries })
  const reply = await fetch(`${address}v1/events`, { method: 'POST', headers, body })
  expect(reply.status).toBe(202)
  // A request that never ends: its body is longer than what is sent of it.
  const slow = connect(Number(new URL(address).port), '127.0.0.1')
  slow.on('error', () => {})
  await once(slow, 'connect')
  const head = ['POST /v1/events HTTP/1.1', `host: ${new URL(address).host}`, 'content-length: 99']
  slow.write(`${head.join('\r\n')}\r\ncontent-type: application/json\r\n\r\n{`)
  // Answered after the server has heard of the slow one.
  await fetch(`${address}livez`)
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  for await (const line of createInterface({ input: child.stderr! })) {
    if (line.includes('stopping; once more ends at once')) break
  }
  expect(child.exitCode).toBeNull()
  child.kill('SIGINT')
  expect(await ended).toEqual([130, null])
  slow.destroy()
  const again = await startServer(['--data', data])
  const state = await fetch(`${again.address}v1/users/ann/state`)
  expect(await state.json()).toMatchObject({ id: 'ann', state: { actions: [{ pin: 'cup' }] } })
  expect(await stopServer(again)).toBe(0)
})

test('a port in use', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const words = ['serve', '--port', String(port), '--data', join(scratch, 'port')]
  refused(await run(words), 1, 'PORT_IN_USE')
  refused(await run(['host', '--port', String(port), '--dapr-port', '1']), 1, 'PORT_IN_USE')
  server.close()
})

test('a host ends whose NATS takes the connection and says nothing', async () => {
  const mute = createTcpServer(() => {}).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const nats = `nats://127.0.0.1:${(mute.address() as AddressInfo).port}`
  const words = ['host', '--port', '6121', '--dapr-port', '1', '--nats', nats]
  refused(await run(words), 1, 'INGEST_UNREACHABLE')
  mute.close()
})

test('a host of jobs without a directory for its models', async () => {
  const words = ['host', '--role', 'jobs', '--port', '6121', '--dapr-port', '1']
  refused(await run(words), 2, 'CONFIG_INVALID')
})

test('evaluate prints figures under their names', async () => {
  const folder = join(scratch, 'set')
  const { mkdirSync } = await import('node:fs')
  mkdirSync(folder)
  const row = (user: number, from: number) =>
    `${user} ${Array.from({ length: 6 }, (_, n) => 2 * ((from + n) % 12) + (user % 2)).join(' ')}`
  const rows = (from: number) =>
    Array.from({ length: 40 }, (_, user) => row(user, user + from)).join('\n')
  writeFileSync(join(folder, 'train.txt'), rows(0))
  writeFileSync(join(folder, 'test.txt'), rows(6))
  const words = [
    'evaluate',
    '--dataset',
    folder,
    '--format',
    'lightgcn',
    '--at',
    '5',
    '--json',
    '--model',
  ]
  const walk = JSON.parse((await run([...words, 'walk'])).out)
  const popular = JSON.parse((await run([...words, 'popularity'])).out)
  expect(walk.raw['recall@5']).toBeGreaterThan(popular.raw['recall@5'])
  expect(walk).toMatchObject({ model: 'walk', users: 40, items: 24, seed: 1 })
  refused(await run([...words, 'magic']), 2, 'MODEL_UNKNOWN')
  refused(
    await run(['evaluate', '--dataset', scratch, '--format', 'lightgcn', '--model', 'walk']),
    1,
    'DATASET_MISSING',
  )
})
