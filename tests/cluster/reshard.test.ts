/**
 * A cluster that is given another number of partitions, twice, with load before and after: what was
 * acknowledged has its effect once, resends of what came before the cut have none, and rankers say
 * what they said. A run that was interrupted anywhere is finished by another one.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStreamLog } from '../../actors/hosts/dapr/host-log.ts'
import { HostRanker } from '../../actors/hosts/dapr/host-ranker.ts'
import { connectTo } from '../../actors/ingest/connection.ts'
import { JetStreamLog, sequenceOf } from '../../actors/ingest/index.ts'
import { streamName } from '../../actors/ingest/stream.ts'
import {
  type ClusterReshardOptions,
  type ReshardStep,
  reshardCluster,
} from '../../actors/operations/cluster-reshard.ts'
import { stranger } from '../../actors/recommend-ask.ts'
import { errorCode, noDeclaredKinds, silentLogger, systemClock } from '../../base/index.ts'
import { postgresDocuments } from '../../serving/cluster/postgres-documents.ts'
import {
  type Cluster,
  clusterServers,
  type Host,
  STREAM_MB,
  startCluster,
} from '../setup/cluster.ts'
import { describeWith } from '../setup/require.ts'
import { PINS, TIME, USERS, Visits } from './visits.ts'

describeWith(clusterServers(), 'another number of partitions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-reshard-'))
  let cluster: Cluster
  /** Those with shards that run. */
  let hosts: readonly Host[]
  let log: JetStreamLog
  beforeAll(async () => {
    cluster = await startCluster(2, systemClock)
    hosts = cluster.hosts
    log = await openLog(4)
  }, 120_000)
  afterAll(async () => {
    await log?.close()
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const stream = (partitions: number) => ({
    ...{ cluster: 'pinwheel', partitions, bytesMax: STREAM_MB * 1e6, replicas: 1 },
    ageMsMax: 30 * 24 * 60 * 60 * 1000,
  })
  const openLog = (partitions: number) =>
    JetStreamLog.open({ url: cluster.broker.url, clock: systemClock, ...stream(partitions) })
  /** What an operator would do to the stream by hand. */
  async function withStreams<T>(work: (jsm: Awaited<ReturnType<typeof jetstreamManager>>) => T) {
    const connection = await connectTo(cluster.broker.url)
    const result = await work(await jetstreamManager(connection, { checkAPI: false }))
    await connection.close()
    return result
  }
  /** As ten minutes after a host was killed. */
  const forgetReaders = () =>
    withStreams(async (jsm) => {
      for await (const { name } of jsm.consumers.list(streamName('pinwheel'))) {
        await jsm.consumers.delete(streamName('pinwheel'), name)
      }
    })

  const reshard = (to: number, given: Partial<ClusterReshardOptions> = {}) =>
    reshardCluster({
      ...{ url: cluster.broker.url, stream: stream(to), clock: systemClock },
      documents: postgresDocuments(cluster.database.connection, process.env),
      ...{ directories: [], to: join(folder, `to-${to}`) },
      ...given,
    })

  const wordsOf = (words: readonly string[]) => {
    return ['serving/pinwheel.mjs', ...words, '--nats', cluster.broker.url, '--json']
  }
  const settingsWith = (partitions?: number) => ({
    ...{ ...process.env, PINWHEEL_STREAM_MB: `${STREAM_MB}` },
    ...(partitions && { PINWHEEL_PARTITIONS: `${partitions}` }),
    PINWHEEL_POSTGRES: cluster.database.connection,
  })
  /** The command, as an operator types it. */
  async function pinwheel(words: readonly string[], partitions?: number) {
    const env = settingsWith(partitions)
    return promisify(execFile)(process.execPath, wordsOf(words), { env }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      ({ code, stdout, stderr }) => ({ code: Number(code), text: `${stdout}${stderr}` }),
    )
  }
  /** The same, killed as it says that a step begins. */
  async function killedAt(step: ReshardStep, words: readonly string[]): Promise<void> {
    const child = spawn(process.execPath, wordsOf(words), { env: settingsWith() })
    child.stderr.on('data', (text: Buffer) => {
      if (String(text).includes(`reshard: ${step}`)) child.kill('SIGKILL')
    })
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  }

  const visits = new Visits()
  const load = (requests: number, of?: 'one' | 'several') => visits.load(log, requests, of)
  const becomesRight = () => {
    const wrong = () => visits.wrong(hosts.at(-1)!)
    return expect.poll(wrong, { timeout: 60_000, interval: 500 }).toEqual([])
  }

  /** The newest position that each document has applied. */
  async function applied(): Promise<ReadonlyMap<string, number>> {
    const documents = postgresDocuments(cluster.database.connection, process.env)
    const newest = new Map<string, number>()
    for await (const { key, value } of documents.stored()) {
      const { applied } = JSON.parse(Buffer.from(value).toString()) as { applied: object }
      newest.set(key, Math.max(-1, ...Object.values(applied).map(Number)))
    }
    return newest
  }
  let before: ReadonlyMap<string, number>

  /** SIGTERM, as by an orchestrator: what was folded is written. */
  async function endHosts(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const ended = hosts.map(({ child }) => once(child, 'exit'))
    for (const { child } of hosts) child.kill(signal)
    await Promise.all(ended)
    // PostgreSQL has connections for some ten of them; the first has placement beside it.
    await Promise.all(cluster.hosts.slice(1).map(({ sidecar }) => sidecar.stop()))
  }
  async function startHosts(partitions: number): Promise<void> {
    await log.close()
    log = await openLog(partitions)
    const env = { PINWHEEL_PARTITIONS: `${partitions}` }
    hosts = [await cluster.add('shards', env), await cluster.add('shards', env)]
  }

  async function rankerOver(partitions: number, directory?: string) {
    const { cluster: _name, ...bounds } = stream(partitions)
    const over = await openStreamLog({ url: cluster.broker.url, ...bounds, clock: systemClock })
    const sizes = { usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000, tagsMax: 1_000 }
    const common = { kinds: noDeclaredKinds, clock: systemClock, logger: silentLogger }
    const bases = directory === undefined ? {} : { bases: { directory, growthMin: 1e9 } }
    const ranker = await HostRanker.open({ log: over, ...sizes, ...bases, ...common })
    const begun = ranker.entries
    await ranker.follow()
    await ranker.build()
    const stop = () => ranker.stop().then(() => over.close())
    return { ranker, begun, stop }
  }
  /** A copy: nothing is left in the directory. */
  async function told(partitions: number, directory?: string) {
    const copy = join(folder, 'copy')
    if (directory !== undefined) cpSync(directory, copy, { recursive: true })
    const { ranker, begun, stop } = await rankerOver(partitions, directory && copy)
    const common = { limit: 30, generation: 'mixed', exclude: [], explain: false } as const
    const seeds = [3, 50, 110].map((n) => ({ pin: `p${n}`, weight: 1, time: n }))
    const user = { ...stranger, known: true, saves: 3, seeds }
    const asked = { ...common, at: TIME + 1e6, seed: 7, deadlineMs: 5_000, off: [], user }
    const { items } = await ranker.answer(asked)
    const { users, pins, edges, entries } = await ranker.facts()
    const isWhole = await ranker.log.isWhole()
    await stop()
    rmSync(copy, { recursive: true, force: true })
    return { items, facts: { users, pins, edges, entries, isWhole }, begun }
  }
  const data = join(folder, 'ranker')
  /** A base snapshot of what is there, in the directory of a ranker. */
  async function takeBase(partitions: number): Promise<number> {
    const { ranker, stop } = await rankerOver(partitions, data)
    await ranker.snapshot()
    await stop()
    return ranker.entries
  }

  const all: readonly ReshardStep[] = [
    ...(['check', 'back up', 'copy', 'shut', 'replace'] as const),
    ...(['fill', 'documents', 'base snapshots', 'release'] as const),
  ]
  /** A run that ends before a step, as if it were killed there. */
  const endsBefore = (at: ReshardStep, to: number, given: Partial<ClusterReshardOptions> = {}) =>
    reshard(to, {
      ...given,
      onStep: (step) => {
        if (step === at) throw new Error(`ended before ${at}`)
      },
    }).then(
      () => expect.fail(`it did not end before ${at}`),
      (error: unknown) => errorCode(error) ?? (error as Error).message,
    )

  type Bookmark = { readonly applied: Readonly<Record<number, number>> }
  let shown: Awaited<ReturnType<typeof told>>
  let tokens: readonly number[] = []

  test('hosts that run are told of; what documents lack is not left behind', async () => {
    for (let p = 0; p < PINS; p++) {
      await visits.send(log, [{ kind: 'pin', id: `p${p}`, time: TIME, tags: [`t${p % 3}`] }])
    }
    await load(60, 'several')
    await load(60)
    await becomesRight()
    await takeBase(4)
    await expect(reshard(7)).rejects.toMatchObject({ code: 'INGEST_READ' })
    await expect(reshard(4)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await load(40)
    await endHosts('SIGKILL')
    await forgetReaders()
    await expect(reshard(7)).rejects.toMatchObject({ code: 'CLUSTER_UNSETTLED' })
    await startHosts(4)
    await becomesRight()
    await endHosts()
    // Somebody appends while it copies.
    const late = { to: join(folder, 'late') }
    let appended: Promise<void> | undefined
    const unsettled = reshard(7, {
      ...late,
      onStep: (step) => {
        if (step === 'back up') appended = load(1)
      },
    })
    await expect(unsettled).rejects.toThrow('entries still come in')
    await appended
    await expect(reshard(7, late)).rejects.toThrow('are not in documents')
    await startHosts(4)
    await becomesRight()
    await endHosts()
    await expect(reshard(7, late)).rejects.toMatchObject({ code: 'DIRECTORY_OCCUPIED' })
    before = await applied()
    shown = await told(4, data)
    expect(shown.items).toHaveLength(30)
    expect(shown.facts).toMatchObject({ entries: visits.entries, isWhole: true })
    expect(shown.begun).toBeLessThan(visits.entries)
    const { last } = await log.ends()
    tokens = Array.from({ length: 4 }, () => 4096 * last)
  }, 180_000)

  test('a run that ends before any step is finished by another; hosts refuse it', async () => {
    const given = { directories: [data] }
    for (const at of all) {
      const code = await endsBefore(at, 7, given)
      const isBegun = all.indexOf(at) > all.indexOf('shut')
      // The message of our own where nothing was changed.
      expect(code).toBe(isBegun ? 'RESHARD_UNFINISHED' : `ended before ${at}`)
      for (const partitions of isBegun ? [4, 7] : [7]) {
        await expect(openLog(partitions)).rejects.toMatchObject({ code: 'INGEST_OTHER' })
      }
      if (at === 'replace') {
        await withStreams((jsm) => jsm.streams.delete(streamName('pinwheel')))
      }
    }
    // Its backup is the cluster as it was.
    const from = ['--from', join(folder, 'to-7/backup'), '--data', data, '--replace']
    const restored = await pinwheel(['restore', ...from], 4)
    expect(restored).toMatchObject({ code: 0 })
    expect(await told(4, data)).toEqual(shown)
    // The server is killed while it is filled.
    let kill: Promise<void> | undefined
    const cut = reshard(7, { ...given, onStored: () => (kill ??= cluster.broker.kill()) })
    await expect(cut).rejects.toMatchObject({ code: 'RESHARD_UNFINISHED' })
    await kill
    await cluster.broker.start()
    const words = ['reshard', '--partitions', '7', '--to', join(folder, 'to-7'), '--data', data]
    for (const step of ['fill', 'documents'] as const) await killedAt(step, words)
    const { code, text } = await pinwheel(words)
    expect({ code, text }).toMatchObject({ code: 0 })
    const done = JSON.parse(text) as object
    expect(done).toMatchObject({ from: 4, to: 7, entries: visits.entries })
    expect(JSON.parse((await pinwheel(words)).text)).toEqual({ ...done, bases: 0 })
    await expect(openLog(4)).rejects.toMatchObject({ code: 'INGEST_OTHER' })
    await expect(reshard(5, { to: join(folder, 'to-7') })).rejects.toMatchObject({
      code: 'DIRECTORY_OCCUPIED',
    })
  }, 240_000)

  test('a ranker says what it said, from its base snapshot and from the whole log', async () => {
    const { begun, items, facts } = await told(7, data)
    expect({ begun, items, facts }).toEqual(shown)
    const whole = await told(7)
    expect(whole.facts).toEqual(shown.facts)
    expect(whole.begun).toBe(0)
  }, 60_000)

  /** Load with resends of what came before, and a host that is killed with what it has. */
  async function loadWithResends(partitions: number): Promise<void> {
    const old = visits.sent.slice(PINS)
    await startHosts(partitions)
    await becomesRight()
    for (const entries of old.slice(0, 60)) await visits.append(log, entries)
    await load(20)
    // Of shards that had no document before.
    for (let n = 0; n < USERS; n++) await visits.send(log, [visits.of(`new-${partitions}-${n}`)])
    hosts[1]!.child.kill('SIGKILL')
    hosts = hosts.slice(0, 1)
    for (const entries of old) await visits.append(log, entries)
    await load(20, 'several')
    await becomesRight()
    const env = { PINWHEEL_PARTITIONS: `${partitions}` }
    hosts = [...hosts, await cluster.add('shards', env)]
    await load(20)
    await becomesRight()
  }

  /** No document has less applied than it had. */
  async function mustNotGoBack(): Promise<void> {
    const after = await applied()
    for (const [key, position] of before) {
      if (!/Delivery-/.test(key)) expect([key, after.get(key)! >= position]).toEqual([key, true])
    }
    before = after
  }

  test('with more partitions everything counts once, resends of before among it', async () => {
    await loadWithResends(7)
    await takeBase(7)
    await load(10)
    await becomesRight()
    await endHosts()
    await forgetReaders()
    await mustNotGoBack()
    shown = await told(7, data)
    const { last } = await log.ends()
    tokens = Array.from({ length: 7 }, () => 4096 * last)
  }, 240_000)

  test('with fewer as well, and what clients hold of before is read', async () => {
    await reshard(3, { directories: [data] })
    const { begun, items, facts } = await told(3, data)
    expect({ begun, items, facts }).toEqual(shown)
    const { ranker, stop } = await rankerOver(3)
    const asked = { limit: 3, generation: 'mixed', exclude: [], explain: false, at: TIME, seed: 1 }
    for (const [partition, position] of tokens.entries()) {
      const since = { partition, position }
      const ask = { ...asked, deadlineMs: 2_000, off: [], user: stranger, since }
      const { stale } = await ranker.answer(ask)
      expect([partition, stale]).toEqual([partition, undefined])
    }
    await stop()
    await loadWithResends(3)
    await endHosts()
    await forgetReaders()
    await mustNotGoBack()
    // Documents know partitions that are no more.
    const saved = await pinwheel(['backup', '--to', join(folder, 'saved')], 3)
    expect(saved).toMatchObject({ code: 0 })
  }, 300_000)

  test('where the stream has dropped its beginning, base snapshots are wanted', async () => {
    // Until documents say that they have all: hosts are not to lack what is dropped.
    await startHosts(3)
    const isWritten = async () => {
      const { last } = await log.ends()
      const { httpPort } = hosts[0]!.sidecar
      const state = `http://127.0.0.1:${httpPort}/v1.0/state/state/Delivery-`
      const waits = [0, 1, 2].map(async (partition) => {
        const { applied } = (await (await fetch(`${state}${partition}`)).json()) as Bookmark
        return sequenceOf(applied[partition]!) >= last
      })
      return (await Promise.all(waits)).every((isUp) => isUp)
    }
    await expect.poll(isWritten, { timeout: 90_000, interval: 500 }).toBe(true)
    await endHosts()
    const kept = await takeBase(3)
    const { config } = await withStreams((jsm) => jsm.streams.info(streamName('pinwheel')))
    await withStreams((jsm) => {
      return jsm.streams.update(config.name, { ...config, max_age: 1e9, duplicate_window: 1e9 })
    })
    const isEmpty = async () => {
      const { first, last } = await log.ends()
      return first > last
    }
    await expect.poll(isEmpty, { timeout: 20_000 }).toBe(true)
    await withStreams((jsm) => jsm.streams.update(config.name, config))
    await expect(reshard(5)).rejects.toMatchObject({ code: 'LOG_DROPPED' })
    const unwilling = reshard(5, { directories: [join(folder, 'nothing')] })
    await expect(unwilling).rejects.toMatchObject({ code: 'LOG_DROPPED' })
    expect(await endsBefore('back up', 5, { withoutBases: true })).toBe('ended before back up')
    const { first, last, bases } = await reshard(5, { directories: [data] })
    // Of the older base the stream has not what follows it.
    expect([last - first, bases]).toEqual([-1, 1])
    expect((await told(5, data)).begun).toBe(kept)
    // One without a snapshot begins where something is.
    const bare = await rankerOver(5)
    await startHosts(5)
    await load(20)
    await becomesRight()
    await expect.poll(() => bare.ranker.entries, { timeout: 10_000 }).toBe(20 * 3)
    await bare.stop()
    const { entries, isWhole } = (await told(5, data)).facts
    expect([entries, isWhole]).toEqual([kept + 20 * 3, false])
  }, 180_000)
})
