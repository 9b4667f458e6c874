/**
 * The host contract behind one real daprd, and a feed asked of `User/{id}` as any Dapr client
 * would.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DaprHost, encodeFront, Recommender, Runtime, Sidecar } from '../../actors/index.ts'
import {
  type Entry,
  fromWire,
  Random,
  silentLogger,
  systemClock,
  type WireError,
} from '../../base/index.ts'
import { featureNames, trainRanker } from '../../ranking/index.ts'
import { plantedRows } from '../../ranking/training/testing.ts'
import { type ContractHost, contractKinds, hostContract, type Ideas } from '../contracts/host.ts'
import { counterActor, tallyActor } from '../contracts/test-actors.ts'
import { clustered, findDapr, installHint, startDapr } from '../setup/dapr.ts'
import { findNats, Nats, installHint as natsHint } from '../setup/nats.ts'
import { findPostgres, Postgres, installHint as postgresHint } from '../setup/postgres.ts'
import { freePorts } from '../setup/program.ts'
import { describeWith } from '../setup/require.ts'

const nats = { server: 'nats', found: findNats(), hint: natsHint } as const
const dapr = { server: 'dapr', found: findDapr(), hint: installHint } as const

const sizes = { usersMax: 2_000, pinsMax: 5_000, boardsMax: 5_000, tagsMax: 1_000 }

type Started = ContractHost & { readonly httpPort: number; readonly host: () => DaprHost }

/** With `natsUrl` the log is a stream there; with `postgres` documents lie there. */
async function start(
  programs: string,
  given: {
    readonly natsUrl?: string
    readonly postgres?: string
    readonly cluster?: string
  } = {},
): Promise<Started> {
  const { natsUrl, postgres, cluster = 'pinwheel' } = given
  const directory = mkdtempSync(join(tmpdir(), 'pinwheel-dapr-host-'))
  const open = () =>
    DaprHost.open({
      directory,
      ...(natsUrl !== undefined && { stream: { url: natsUrl, cluster, bytesMax: 2 ** 26 } }),
      partitions: 2,
      ...sizes,
      clock: systemClock,
      logger: silentLogger,
      kinds: contractKinds,
      types: [
        { type: counterActor, space: 'actor' },
        { type: tallyActor, space: 'user' },
      ],
    })
  let host = await open()
  const appPort = await host.serve()
  const store =
    postgres === undefined ? {} : { components: clustered, env: { PINWHEEL_POSTGRES: postgres } }
  const sidecar = await startDapr({ programs, appPort, ...store })
  await host.connect(sidecar.httpPort)
  return {
    httpPort: sidecar.httpPort,
    host: () => host,
    ask: (type, id, method, argument) => host.ask(type, id, method, argument),
    append: (entries) => host.append(entries),
    ideas: async (board, ask) => {
      const actor = `http://127.0.0.1:${sidecar.httpPort}/v1.0/actors/Board/${encodeFront(board)}`
      const options = { method: 'PUT', body: JSON.stringify(ask) }
      const reply = await fetch(`${actor}/method/recommend`, options)
      const { value, error } = (await reply.json()) as { value?: Ideas; error?: WireError }
      if (!value) throw fromWire(error!)
      return value
    },
    build: () => host.buildEpoch(),
    redeliver: () => host.redeliver(),
    evict: async (type, id) => {
      await host.evict(type, id)
    },
    restart: async () => {
      await host.stop()
      host = await open()
      await host.serve(appPort)
      await host.connect(sidecar.httpPort)
    },
    emits: false,
    deadLetters: () => host.deadLetters,
    stop: async () => {
      await host.stop()
      await sidecar.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

describeWith(dapr, 'our actors behind a real sidecar', (programs) => {
  hostContract('Dapr, one daprd, SQLite', () => start(programs))

  describeWith(nats, 'with the log in JetStream', (program) => {
    let server: Nats
    beforeAll(async () => {
      server = await Nats.start(program)
    })
    afterAll(() => server?.remove())
    hostContract('Dapr, one daprd, SQLite, JetStream', () => {
      return start(programs, { natsUrl: server.url })
    })

    const postgres = { server: 'postgres', found: findPostgres(), hint: postgresHint } as const
    describeWith(postgres, 'and documents in PostgreSQL', (folder) => {
      let database: Postgres
      beforeAll(async () => {
        database = await Postgres.start(folder)
      })
      afterAll(() => database?.remove())
      hostContract('Dapr, one daprd, PostgreSQL, JetStream', () => {
        const cluster = 'postgres'
        return start(programs, { natsUrl: server.url, postgres: database.connection, cluster })
      })
    })
  })

  test('with tokens only the sidecar is answered, and only who has its own', async () => {
    const [appToken, sidecarToken] = ['of the application', 'of the sidecar']
    const host = await DaprHost.open({
      ...{ partitions: 2, ...sizes, clock: systemClock, logger: silentLogger },
      ...{ appToken, sidecarToken },
      types: [{ type: counterActor, space: 'actor' }],
    })
    const appPort = await host.serve()
    const env = { APP_API_TOKEN: appToken, DAPR_API_TOKEN: sidecarToken }
    const sidecar = await startDapr({ programs, appPort, env })
    await host.connect(sidecar.httpPort)
    const direct = (headers: Record<string, string>) =>
      fetch(`http://127.0.0.1:${appPort}/actors/CounterShard/0/method/ask`, {
        ...{ method: 'PUT', body: '{}', headers },
      })
    for (const headers of [{}, { 'dapr-api-token': 'another' }]) {
      const reply = await direct(headers as Record<string, string>)
      expect(reply.status).toBe(401)
      expect(await reply.json()).toMatchObject({ ok: false, error: { code: 'TOKEN_REFUSED' } })
    }
    expect(await host.ask('Counter', 'one', 'add', 3)).toBe(3)
    const stranger = new Sidecar(sidecar.httpPort, { token: 'another' })
    const call = stranger.invoke('CounterShard', '0', 'ask', {})
    await expect(call).rejects.toMatchObject({ code: 'SIDECAR_MISSING' })
    await host.stop()
    await sidecar.stop()
  })

  test('pinwheel host, as dapr.yaml starts it, over imported data', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pinwheel-dapr-data-'))
    const file = join(directory, 'rows.txt')
    const rows = Array.from({ length: 30 }, (_, user) => {
      return `${user} ${Array.from({ length: 6 }, (_, n) => (user * 5 + n * n) % 40).join(' ')}`
    })
    writeFileSync(file, rows.join('\n'))
    const data = join(directory, 'data')
    const pinwheel = (...words: string[]) => ['serving/pinwheel.mjs', ...words]
    execFileSync(process.execPath, pinwheel('import', file, '--format', 'lightgcn', '--data', data))
    const [appPort = 0, httpPort = 0] = await freePorts(2)
    const words = pinwheel('host', '--port', String(appPort), '--data', data)
    const env = { ...process.env, DAPR_HTTP_PORT: String(httpPort), PINWHEEL_LOG_LEVEL: 'error' }
    const child = spawn(process.execPath, words, { env, stdio: 'inherit' })
    const sidecar = await startDapr({ programs, appPort, httpPort })
    const address = `http://127.0.0.1:${httpPort}/v1.0/actors/User/7/method/recommend`
    const ask = async () => {
      const reply = await fetch(address, { method: 'PUT', body: JSON.stringify({ limit: 5 }) })
      return (await reply.json()) as { ok: boolean; value?: { items: unknown[] } }
    }
    await expect.poll(async () => (await ask()).value?.items.length, { timeout: 30_000 }).toBe(5)
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    await sidecar.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  describe('a feed through the sidecar', () => {
    let host: Started
    beforeAll(async () => {
      host = await start(programs)
    }, 60_000)
    afterAll(() => host?.stop())

    type Feed = { rung: string; model?: string; items: { pin: string }[] }
    type Reply = { ok: boolean; value?: Feed; error?: { code: string } }
    const front = async (user: string, body: unknown, method = 'recommend'): Promise<Reply> => {
      const actor = `http://127.0.0.1:${host.httpPort}/v1.0/actors/User/${encodeFront(user)}`
      const options = { method: 'PUT', body: JSON.stringify(body) }
      return (await fetch(`${actor}/method/${method}`, options)).json() as Promise<Reply>
    }
    const saves = Array.from({ length: 300 }, (_, n): Entry => {
      const user = n % 20
      const pin = 2 * ((n * 7 + Math.floor(n / 20)) % 30) + (user % 2)
      return { kind: 'save', id: `e${n}`, time: n, user: `u ${user}`, pin: `p${pin}` }
    })
    const pins = Array.from({ length: 60 }, (_, p): Entry => {
      return { kind: 'pin', id: `p${p}`, time: 1, tags: [p % 2 === 0 ? 'even' : 'odd'] }
    })
    // With pins on them, with a title that means something, with neither.
    const boards = Array.from({ length: 10 }, (_, n): Entry => {
      const title = ['Odd things', 'Even and odd', 'Things'][n % 3]!
      return { kind: 'board', id: `board ${n}`, time: 1, user: `u ${n}`, title }
    })
    const onBoards = Array.from({ length: 8 }, (_, n): Entry => {
      const [user, board] = [`u ${n % 4}`, `board ${n % 4}`]
      return { kind: 'save', id: `on ${n}`, time: 400 + n, user, pin: `p${n * 5}`, board }
    })
    const entries = [...pins, ...boards, ...saves, ...onBoards]

    test('User/{id}/method/recommend answers from shards, graph and features', async () => {
      await host.append(entries)
      await host.host().buildEpoch()
      const { ok, value } = await front('u 4', { limit: 5 })
      expect([ok, value?.rung, value?.items.length]).toEqual([true, 'light', 5])
      const saved = entries.filter((e) => 'user' in e && e.user === 'u 4')
      const known = new Set(saved.map((e) => ('pin' in e ? e.pin : '')))
      for (const { pin } of value!.items) expect(known.has(pin)).toBe(false)
      // The first ones come from the user's own community: even pins.
      expect(Number(value!.items[0]!.pin.slice(1)) % 2).toBe(0)
      const except = value!.items[0]!.pin
      const { value: other } = await front('u 4', { limit: 5, exclude: [except, 'never heard of'] })
      expect(other!.items.map(({ pin }) => pin)).not.toContain(except)
    })

    test('with the same log, model, at and seed it is the feed that the embedded host gives', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'pinwheel-embedded-'))
      const common = { clock: systemClock, logger: silentLogger, workers: 2, partitions: 2 }
      const runtime = await Runtime.start({ directory, ...common, ...sizes })
      await runtime.ingest(entries)
      await runtime.buildEpoch()
      const random = new Random(1)
      const options = { runtime, clock: systemClock, deadlineMs: 500, random }
      const recommender = new Recommender(options)
      const rows = plantedRows(featureNames, { count: 1_000, seed: 1 }, (row) => row[0]! - row[5]!)
      const { bytes, version } = trainRanker(rows)
      const rungs = new Set<string>()
      for (let n = 0; n < 80; n++) {
        if (n === 40)
          await Promise.all([runtime, host.host().ranker!].map((h) => h.useModel(bytes)))
        const user = `u ${n % 20}`
        const ask = { limit: 10, at: 5_000 + n, seed: n }
        const more = { generation: 'mixed', exclude: [], explain: false } as const
        const embedded = await recommender.recommend({ user, ...ask, ...more })
        const { value } = await front(user, ask)
        const bare = embedded.items.map(({ card: _card, ...item }) => item)
        expect(value).toMatchObject({ rung: embedded.rung, generation: 'mixed', items: bare })
        expect(value?.model).toBe(n < 40 ? undefined : version)
        rungs.add(embedded.rung)
        const board = `board ${n % 10}`
        const {
          request: _name,
          epoch: _epoch,
          ...ideas
        } = await recommender.forBoard({ board, ...ask, ...more })
        const items = ideas.items.map(({ card: _card, ...item }) => item)
        expect(await host.ideas(board, ask)).toMatchObject({ ...ideas, items })
        rungs.add(ideas.rung)
      }
      expect([...rungs].sort()).toEqual(['full', 'light', 'owner', 'title'])
      recommender.close()
      await runtime.stop()
      rmSync(directory, { recursive: true, force: true })
    })

    test.each([
      ['u 4', { limit: 0 }, 'recommend', 'ARGUMENT_INVALID'],
      ['u 4', { generation: 'magic' }, 'recommend', 'ARGUMENT_INVALID'],
      ['u 4', { colour: 'red' }, 'recommend', 'ARGUMENT_INVALID'],
      ['u 4', [1], 'recommend', 'ARGUMENT_INVALID'],
      ['nobody', {}, 'recommend', 'USER_UNKNOWN'],
      ['u 4', {}, 'forget', 'METHOD_UNLISTED'],
    ])('asked %j %j by %s: %s', async (user, body, method, code) => {
      expect(await front(user, body, method)).toMatchObject({ ok: false, error: { code } })
    })
  })
})
