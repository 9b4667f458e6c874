/**
 * A rolling upgrade with two versions of one actor's state: hosts of both, each beside its own real
 * sidecar, over one stream and one PostgreSQL. The older one refuses what the newer has written and
 * leaves it as it is; when all are newer, everything that was acknowledged has its effect once.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ActorContext, actorType } from '../../actors/actor.ts'
import { DaprDocuments } from '../../actors/hosts/dapr/dapr-documents.ts'
import { NEWEST_FORM } from '../../actors/hosts/dapr/document-format.ts'
import { hostedShardDefaults } from '../../actors/hosts/dapr/hosted-shard.ts'
import { DaprHost } from '../../actors/index.ts'
import { JetStreamLog } from '../../actors/ingest/index.ts'
import { EntryWriter } from '../../actors/log/index.ts'
import type { EntryBatch } from '../../actors/shard/record-block.ts'
import {
  errorCode,
  nothingShape,
  numberShape,
  silentLogger,
  stateSchema,
  systemClock,
  u32,
} from '../../base/index.ts'
import { clusterServers } from '../setup/cluster.ts'
import { clustered, type Dapr, findDapr, startDapr } from '../setup/dapr.ts'
import { findNats, Nats } from '../setup/nats.ts'
import { findPostgres, Postgres } from '../setup/postgres.ts'
import { describeWith } from '../setup/require.ts'

/** Longer than what is folded may wait to be written. */
const WRITTEN_MS = hostedShardDefaults.flushMs + 2_000

const before = stateSchema('Told', 1, { entries: u32 })
const after = stateSchema(
  'Told',
  2,
  { entries: u32, saves: u32 },
  { from: before, migrate: (old) => ({ ...old, saves: 0 }) },
)

class Told {
  readonly #context: ActorContext<typeof before.fields>
  constructor(context: ActorContext<typeof before.fields>) {
    this.#context = context
  }
  apply(batch: EntryBatch): void {
    this.#context.state.entries += batch.length
  }
  entries(): number {
    return this.#context.state.entries
  }
}

const methods = {
  entries: { kind: 'read', argument: nothingShape, result: numberShape() },
} as const
const types = {
  N: actorType({ name: 'Told', state: before, methods, create: (context) => new Told(context) }),
  'N+1': actorType({ name: 'Told', state: after, methods, create: (context) => new Told(context) }),
}

const PARTITIONS = 2
/** Where a state's compact bytes have it. */
const VERSION_AT = 1
const users = Array.from({ length: 24 }, (_, n) => `u${n}`)
const keyOf = (user: string) => `Told-${Buffer.from(user).toString('base64url')}`

describeWith(clusterServers(), 'versions N and N+1 of a state', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-upgrade-'))
  let nats: Nats
  let postgres: Postgres
  let log: JetStreamLog
  let placement: Dapr
  let documents: DaprDocuments
  let idle: DaprHost | undefined
  const running = new Map<keyof typeof types, { host: DaprHost; sidecar: Dapr }>()
  const bounds = { partitions: PARTITIONS, bytesMax: 2 ** 26 }

  async function start(version: keyof typeof types): Promise<void> {
    const host = await DaprHost.open({
      ...{ stream: { url: nats.url, bytesMax: bounds.bytesMax }, partitions: PARTITIONS },
      ...{ usersMax: 2_000, pinsMax: 2_000, boardsMax: 2_000, tagsMax: 1_000 },
      ...{ clock: systemClock, logger: silentLogger, roles: ['shards'] },
      types: [{ type: types[version], space: 'user' }],
    })
    const sidecar = await startDapr({
      ...{ programs: findDapr()!, folder, appPort: await host.serve(), components: clustered },
      env: { PINWHEEL_POSTGRES: postgres.connection },
      placementPort: placement.placementPort,
    })
    await host.connect(sidecar.httpPort)
    running.set(version, { host, sidecar })
  }
  async function stop(version: keyof typeof types): Promise<void> {
    const { host, sidecar } = running.get(version)!
    running.delete(version)
    await host.stop()
    await sidecar.stop()
  }

  beforeAll(async () => {
    nats = await Nats.start(findNats()!)
    postgres = await Postgres.start(findPostgres()!)
    log = await JetStreamLog.open({ url: nats.url, clock: systemClock, ...bounds })
    // A sidecar that stays, without actors: placement is its own, and the store is seen through it.
    idle = await DaprHost.open({
      ...{ partitions: PARTITIONS, usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000 },
      ...{ tagsMax: 1_000, clock: systemClock, logger: silentLogger, roles: [] },
    })
    const given = { programs: findDapr()!, folder, appPort: await idle.serve() }
    const env = { PINWHEEL_POSTGRES: postgres.connection }
    placement = await startDapr({ ...given, appId: 'idle', components: clustered, env })
    documents = new DaprDocuments(placement.httpPort)
  }, 120_000)
  afterAll(async () => {
    for (const version of [...running.keys()]) await stop(version)
    await documents?.stop()
    await idle?.stop()
    await placement?.stop()
    await log?.close()
    await nats?.remove()
    await postgres?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const told = new Map(users.map((user) => [user, 0]))
  async function tellAll(): Promise<void> {
    for (const [n, user] of users.entries()) {
      const writer = new EntryWriter()
      const id = `e${told.get(user)}`
      writer.append({ kind: 'save', id, time: 1_700_000_000_000, user, pin: 'p' })
      const { payload, count } = writer.take()
      await log.append(n % PARTITIONS, payload, count)
      told.set(user, told.get(user)! + 1)
    }
  }
  /** What actors say, through whichever host; codes of those who refuse. */
  const said = async (through: keyof typeof types) =>
    new Map(
      await Promise.all(
        users.map(async (user) => {
          const asked = running.get(through)!.host.ask('Told', user, 'entries')
          return [user, await asked.catch((error: unknown) => errorCode(error))] as const
        }),
      ),
    )
  const becomesRight = (through: keyof typeof types) =>
    expect.poll(() => said(through), { timeout: 40_000, interval: 300 }).toEqual(told)
  const stored = () => documents.read(users.map(keyOf))
  const versionOf = (state: Uint8Array) => state[VERSION_AT]
  const newer = async () =>
    [...(await stored()).values()].filter(({ state }) => versionOf(state) === 2).length

  test('the newer one reads what the older has written, and both go on', async () => {
    await start('N')
    await tellAll()
    await becomesRight('N')
    await expect.poll(async () => (await stored()).size, { timeout: 20_000 }).toBe(users.length)
    expect(await newer()).toBe(0)
    await start('N+1')
    await expect
      .poll(() => tellAll().then(newer), { timeout: 40_000, interval: 1_000 })
      .toBeGreaterThan(0)
  }, 120_000)

  test('the older one refuses what is newer, by name, and does not write over it', async () => {
    await stop('N+1')
    await tellAll()
    const refusals = async () =>
      [...(await said('N')).values()].filter((one) => one === 'STATE_NEWER')
    await expect.poll(async () => (await refusals()).length, { timeout: 30_000 }).toBeGreaterThan(0)
    const held = [...(await stored())].filter(([, { state }]) => versionOf(state) === 2)
    await systemClock.sleep(WRITTEN_MS)
    const now = await stored()
    for (const [key, { etag }] of held) expect(now.get(key)?.etag).toBe(etag)
    expect((await refusals()).length).toBe(held.length)
  }, 90_000)

  test('when all are newer nothing that was acknowledged is lost or doubled', async () => {
    await start('N+1')
    await stop('N')
    await tellAll()
    await becomesRight('N+1')
    await expect.poll(newer, { timeout: 30_000 }).toBe(users.length)
  }, 90_000)

  test('nor is a document of a newer form read, or written over', async () => {
    const [user = ''] = users
    const address = `http://127.0.0.1:${placement.httpPort}/v1.0/state/state`
    const { etag = '' } = (await stored()).get(keyOf(user)) ?? {}
    const found = (await (await fetch(`${address}/${keyOf(user)}`)).json()) as object
    const value = { ...found, v: NEWEST_FORM + 1 }
    const body = JSON.stringify([{ key: keyOf(user), value, etag }])
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(address, { method: 'POST', body, headers })).status).toBe(204)
    const asked = async () => (await said('N+1')).get(user)
    await expect.poll(asked, { timeout: 20_000 }).toBe('STATE_NEWER')
    await tellAll()
    await systemClock.sleep(WRITTEN_MS)
    expect(await (await fetch(`${address}/${keyOf(user)}`)).json()).toEqual(value)
  }, 60_000)
})
