/**
 * What an operator or a stranger does wrong to a cluster, before the real programs: an error by its
 * name or a dead letter, never a hang, never a lost event. What has a better place is there; the
 * table in tests/README.md says where.
 */
import { jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DaprHost, Sidecar } from '../../actors/hosts/dapr/index.ts'
import { JetStreamLog } from '../../actors/ingest/index.ts'
import { EntryWriter } from '../../actors/log/index.ts'
import { systemClock as clock, silentLogger } from '../../base/index.ts'
import { clustered, type Dapr, findDapr, installHint, startDapr } from '../setup/dapr.ts'
import { findNats, Nats, installHint as natsHint } from '../setup/nats.ts'
import { freePorts } from '../setup/program.ts'
import { findRedis, Redis, installHint as redisHint } from '../setup/redis.ts'
import { describeWith } from '../setup/require.ts'
import { type CounterApp, startCounterApp } from './counter-app.ts'

const dapr = { server: 'dapr', found: findDapr(), hint: installHint } as const

describeWith(dapr, 'a sidecar', (programs) => {
  let app: CounterApp
  beforeAll(async () => {
    app = await startCounterApp()
  })
  afterAll(() => app?.stop())

  test('whose component has a wrong address ends, and says so', async () => {
    const [port = 0] = await freePorts(1)
    const PINWHEEL_POSTGRES = `host=127.0.0.1 port=${port} user=pinwheel dbname=pinwheel`
    const given = { programs, appPort: app.port, components: clustered }
    const starting = startDapr({ ...given, env: { PINWHEEL_POSTGRES } })
    await expect(starting).rejects.toMatchObject({
      code: 'PROGRAM_FAILED',
      message: expect.stringMatching(new RegExp(`state.*127\\.0\\.0\\.1:${port}`)),
    })
  })

  describe('of an older release', () => {
    let sidecar: Dapr
    beforeAll(async () => {
      sidecar = await startDapr({ programs, appPort: app.port })
    })
    afterAll(() => sidecar?.stop())

    test('is refused with both releases; ours is not', async () => {
      const asked = new Sidecar(sidecar.httpPort)
      const refused = asked.gone(clock, new AbortController().signal, { least: '1.99' })
      await expect(refused).rejects.toMatchObject({
        code: 'SIDECAR_OLD',
        details: { version: expect.stringMatching(/^v?1\./), least: '1.99' },
      })
      // As hosts ask; it goes on looking until it is told to stop.
      await asked.gone(clock, AbortSignal.timeout(2_500))
    })
  })

  const redis = { server: 'redis', found: findRedis(), hint: redisHint } as const
  describeWith(redis, 'with documents in Redis', (program) => {
    let server: Redis
    beforeAll(async () => {
      server = await Redis.start(program)
    })
    afterAll(() => server?.remove())

    test.each([
      ['components/alternatives', ['documents are lost with a Redis without appendonly yes']],
      ['components/one-machine', []],
    ])('a host with %s warns %j', async (folder, wanted) => {
      const warnings: string[] = []
      const warn = (_about: object, message: string) => void warnings.push(message)
      const sizes = { usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000, tagsMax: 1_000 }
      const logger = { ...silentLogger, warn }
      const host = await DaprHost.open({ ...sizes, partitions: 1, clock, logger })
      const appPort = await host.serve()
      const components = [folder, 'components/policies']
      const env = { PINWHEEL_REDIS: server.address }
      const sidecar = await startDapr({ programs, appPort, components, env })
      await host.connect(sidecar.httpPort)
      const looking = host.sidecarGone()
      // It looks once a second.
      await clock.sleep(2_500)
      expect(warnings).toEqual(wanted)
      await host.stop()
      await looking
      await sidecar.stop()
    })
  })
})

const nats = { server: 'nats', found: findNats(), hint: natsHint } as const

describeWith(nats, 'a message of 100 MB', (program) => {
  let server: Nats
  beforeAll(async () => {
    server = await Nats.start(program)
  })
  afterAll(() => server?.remove())

  test('is refused by the server, and what comes after is taken and read', async () => {
    const log = await JetStreamLog.open({
      url: server.url,
      clock,
      partitions: 1,
      bytesMax: 2 ** 26,
    })
    const stranger = await connect({ servers: `127.0.0.1:${server.port}` })
    const publishing = jetstream(stranger).publish('pinwheel.pinwheel.0', new Uint8Array(1e8))
    await expect(publishing).rejects.toThrow()
    await stranger.close()
    const writer = new EntryWriter()
    writer.append({ kind: 'save', id: 'e', time: 1, user: 'u', pin: 'p' })
    const { payload, count } = writer.take()
    const { first } = await log.append(0, payload, count)
    const frames: number[] = []
    for await (const frame of log.range(0, 0, Number.POSITIVE_INFINITY)) frames.push(frame.first)
    expect(frames).toEqual([first])
    await log.close()
  })
})
