/**
 * Hosts of a cluster in processes of their own: the log in a real JetStream, documents in a real
 * PostgreSQL, shards behind two real sidecars. Each is killed while events come in; what was
 * acknowledged has its effect once.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { JetStreamLog } from '../../actors/ingest/index.ts'
import { EntryWriter } from '../../actors/log/index.ts'
import { hashBytes, Random, systemClock } from '../../base/index.ts'
import { clustered, type Dapr, findDapr, freePorts, startDapr } from '../setup/dapr.ts'
import { findNats, Nats } from '../setup/nats.ts'
import { findPostgres, Postgres } from '../setup/postgres.ts'
import { describeWith } from '../setup/require.ts'

const USERS = 40
const PINS = 30
const SHARDS = 64
const PARTITIONS = 4

type Host = { readonly child: ChildProcess; readonly sidecar: Dapr }

const hashOf = (id: string) => {
  const bytes = Buffer.from(id)
  return hashBytes(bytes, 0, bytes.length)
}

const servers = { dapr: findDapr(), nats: findNats(), postgres: findPostgres() }
type Server = keyof typeof servers
const missing = (Object.keys(servers) as Server[]).find((server) => !servers[server])
const given = {
  server: missing ?? 'nats',
  found: missing ? undefined : (servers as Readonly<Record<Server, string>>),
  hint: 'deploy/install has what installs it',
}

describeWith(given, 'hosts of a cluster', (programs) => {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-stream-hosts-'))
  const hosts: Host[] = []
  let nats: Nats
  let postgres: Postgres
  let log: JetStreamLog

  async function startHost(placementPort?: number): Promise<Host> {
    const [appPort = 0, httpPort = 0] = await freePorts(2)
    const words = ['--port', `${appPort}`, '--nats', nats.url, '--role', 'shards']
    const env = {
      ...process.env,
      DAPR_HTTP_PORT: `${httpPort}`,
      PINWHEEL_PARTITIONS: `${PARTITIONS}`,
      PINWHEEL_STREAM_MB: '64',
      PINWHEEL_LOG_LEVEL: 'error',
    }
    const child = spawn(process.execPath, ['serving/pinwheel.mjs', 'host', ...words], {
      env,
      stdio: 'inherit',
    })
    const place = placementPort === undefined ? {} : { placementPort }
    const environment = { PINWHEEL_POSTGRES: postgres.connection }
    const store = { programs: programs.dapr, components: clustered, env: environment }
    const sidecar = await startDapr({ ...store, appPort, httpPort, folder, ...place })
    const host = { child, sidecar }
    hosts.push(host)
    return host
  }

  /** What an actor says of itself, asked of its shard through a sidecar. */
  async function ask(through: Host, type: 'User' | 'Pin', id: string): Promise<Counts> {
    const method = type === 'User' ? 'context' : 'card'
    const shard = `${type}Shard/${hashOf(id) % SHARDS}`
    const address = `http://127.0.0.1:${through.sidecar.httpPort}/v1.0/actors/${shard}/method/ask`
    const body = JSON.stringify({ id, method })
    const reply = await fetch(address, { method: 'PUT', body, signal: AbortSignal.timeout(5_000) })
    const text = await reply.text()
    const envelope = JSON.parse(text) as { ok?: boolean; value?: Counts }
    if (envelope.ok !== true) throw new Error(text)
    return envelope.value!
  }
  type Counts = { readonly closeups: number; readonly impressions: number }

  beforeAll(async () => {
    nats = await Nats.start(programs.nats)
    postgres = await Postgres.start(programs.postgres)
    const first = await startHost()
    await startHost(first.sidecar.placementPort)
    const bounds = { partitions: PARTITIONS, bytesMax: 64e6 }
    log = await JetStreamLog.open({ url: nats.url, clock: systemClock, ...bounds })
  }, 120_000)
  afterAll(async () => {
    await log?.close()
    for (const { child } of hosts) child.kill('SIGKILL')
    for (const { sidecar } of [...hosts].reverse()) await sidecar.stop()
    await nats?.remove()
    await postgres?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const random = new Random(1)
  const acknowledged = { User: new Map<string, number>(), Pin: new Map<string, number>() }
  let events = 0

  /** Close-ups of somebody, a few at a time, until told to stop. */
  async function write(ms: number): Promise<void> {
    const until = systemClock.monotonic() + ms
    while (systemClock.monotonic() < until) {
      const user = `u${random.below(USERS)}`
      const pins = Array.from({ length: 5 }, () => `p${random.below(PINS)}`)
      const writer = new EntryWriter()
      for (const pin of pins) {
        writer.append({ kind: 'closeup', id: `e${events++}`, time: 1_700_000_000_000, user, pin })
      }
      const { payload, count } = writer.take()
      await log.append(hashOf(user) % PARTITIONS, payload, count)
      for (const [type, id] of [
        ...pins.map((pin) => ['Pin', pin]),
        ...pins.map(() => ['User', user]),
      ]) {
        const counts = acknowledged[type as 'Pin' | 'User']
        counts.set(id!, (counts.get(id!) ?? 0) + 1)
      }
      await systemClock.sleep(5)
    }
  }

  /** Actors that do not say what was acknowledged, with what they say. */
  async function wrong(through: Host): Promise<string[]> {
    const all = (['User', 'Pin'] as const).flatMap((type) => {
      return [...acknowledged[type]].map(([id, count]) => ({ type, id, count }))
    })
    const found = await Promise.all(
      all.map(async ({ type, id, count }) => {
        const said = await ask(through, type, id).then(
          ({ closeups }) => closeups,
          (error: unknown) => String(error).slice(0, 120),
        )
        return said === count ? [] : [`${type} ${id} says ${said}, not ${count}`]
      }),
    )
    return found.flat()
  }

  test('what is appended to the stream reaches users and pins on both hosts', async () => {
    await write(1_000)
    await expect.poll(() => wrong(hosts[0]!), { timeout: 30_000, interval: 200 }).toEqual([])
    expect(await wrong(hosts[1]!)).toEqual([])
  })

  test('a host that is killed under load loses and doubles nothing', async () => {
    const writing = write(4_000)
    await systemClock.sleep(1_000)
    hosts[1]!.child.kill('SIGKILL')
    await writing
    await expect.poll(() => wrong(hosts[0]!), { timeout: 40_000, interval: 500 }).toEqual([])
  })

  test('a host whose sidecar is gone ends, and loses nothing', async () => {
    const third = await startHost(hosts[0]!.sidecar.placementPort)
    const ended = once(third.child, 'exit')
    const writing = write(3_000)
    await systemClock.sleep(1_000)
    await third.sidecar.stop()
    expect(await ended).toEqual([1, null])
    await writing
    await expect.poll(() => wrong(hosts[0]!), { timeout: 40_000, interval: 500 }).toEqual([])
  })

  test('nor does PostgreSQL, killed and started again', async () => {
    const writing = write(3_000)
    await systemClock.sleep(1_000)
    await postgres.kill()
    await systemClock.sleep(500)
    await postgres.start()
    await writing
    await expect.poll(() => wrong(hosts[0]!), { timeout: 40_000, interval: 500 }).toEqual([])
  })

  test('nor does NATS, killed and started again', async () => {
    const writing = write(3_000)
    await systemClock.sleep(500)
    await nats.kill()
    await nats.start()
    await writing
    await expect.poll(() => wrong(hosts[0]!), { timeout: 40_000, interval: 500 }).toEqual([])
  })
})
