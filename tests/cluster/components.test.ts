/**
 * Every file of components/ in a real daprd, with the real server that it names; the state of one
 * app id read by another, and the host contract over PostgreSQL.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  clustered,
  type Dapr,
  findDapr,
  installHint,
  oneMachine,
  startDapr,
} from '../setup/dapr.ts'
import { findPostgres, Postgres, installHint as postgresHint } from '../setup/postgres.ts'
import { findRedis, Redis, installHint as redisHint } from '../setup/redis.ts'
import { describeWith } from '../setup/require.ts'
import { type CounterApp, startCounterApp } from './counter-app.ts'

type Named = { readonly kind: string; readonly metadata: { readonly name: string } }

/** Names of the components in folders. */
function named(folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .map((file) => parse(readFileSync(file, 'utf8')) as Named)
    .filter(({ kind }) => kind === 'Component')
    .map(({ metadata }) => metadata.name)
    .sort()
}

/** The cases of one set of folders; `env` is known when they run. */
function storeCases(
  programs: string,
  folders: readonly string[],
  env: () => Readonly<Record<string, string>>,
): void {
  let app: CounterApp
  let folder: string
  const started: Dapr[] = []
  const start = async (appId: string) => {
    const place = started[0] ? { placementPort: started[0].placementPort } : {}
    const given = { programs, appPort: app.port, appId, folder, components: folders, env: env() }
    const dapr = await startDapr({ ...given, ...place })
    started.push(dapr)
    return `http://127.0.0.1:${dapr.httpPort}/v1.0`
  }
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pinwheel-components-'))
    app = await startCounterApp()
  })
  afterAll(async () => {
    for (const dapr of started.reverse()) await dapr.stop()
    await app?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('every file is loaded', async () => {
    const reply = await fetch(`${await start('pinwheel-api')}/metadata`)
    const { components } = (await reply.json()) as { components: Named['metadata'][] }
    expect(components.map(({ name }) => name).sort()).toEqual(named(folders))
    expect(readFileSync(join(folder, 'daprd.log'), 'utf8')).toContain(
      'Loading Resiliency configuration: pinwheel',
    )
  })

  test('what one app id wrote another reads, and a stale etag is refused', async () => {
    const one = `http://127.0.0.1:${started[0]!.httpPort}/v1.0`
    const two = await start('two')
    const send = (address: string, method: string, body: unknown) =>
      fetch(`${address}/state/state`, { method, body: JSON.stringify(body) })
    const write = (address: string, value: string, etag?: string) => {
      const options = { concurrency: 'first-write', consistency: 'strong' }
      return send(address, 'POST', [{ key: 'shared', value, options, ...(etag && { etag }) }])
    }
    const read = async (address: string) => {
      const reply = await fetch(`${address}/state/state/shared`)
      return { value: await reply.json(), etag: reply.headers.get('etag') ?? '' }
    }
    expect((await write(one, 'first')).status).toBe(204)
    const { value, etag } = await read(two)
    expect(value).toBe('first')
    expect((await write(two, 'second', etag)).status).toBe(204)
    expect((await write(one, 'late', etag)).status).toBe(409)
    expect((await read(one)).value).toBe('second')
  })
}

const withRedis = ['components/alternatives', 'components/feeds', 'components/policies']
const dapr = { server: 'dapr', found: findDapr(), hint: installHint } as const

describeWith(dapr, 'components', (programs) => {
  describe('of one machine', () => storeCases(programs, oneMachine, () => ({})))

  const postgres = { server: 'postgres', found: findPostgres(), hint: postgresHint } as const
  describeWith(postgres, 'of a cluster', (folder) => {
    let server: Postgres
    beforeAll(async () => {
      server = await Postgres.start(folder)
    })
    afterAll(() => server?.remove())
    storeCases(programs, clustered, () => ({ PINWHEEL_POSTGRES: server.connection }))
  })

  const redis = { server: 'redis', found: findRedis(), hint: redisHint } as const
  describeWith(redis, 'with Redis', (program) => {
    let server: Redis
    beforeAll(async () => {
      server = await Redis.start(program)
    })
    afterAll(() => server?.remove())
    storeCases(programs, withRedis, () => ({ PINWHEEL_REDIS: server.address }))
  })
})
