/**
 * A cluster that is backed up under load, killed with its disks, and restored to other servers: of
 * what was acknowledged before the backup began everything has its effect there, once.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStreamLog } from '../../actors/hosts/dapr/host-log.ts'
import { HostRanker } from '../../actors/hosts/dapr/host-ranker.ts'
import { shardOf } from '../../actors/hosts/dapr/shard-of.ts'
import { JetStreamLog, StreamArchive, sequenceOf } from '../../actors/ingest/index.ts'
import { readChecked, writeChecked } from '../../actors/log/checked-file.ts'
import { EntryWriter, realDisk } from '../../actors/log/index.ts'
import type { ClusterFacts } from '../../actors/operations/cluster-facts.ts'
import {
  type Entry,
  entryOwner,
  noDeclaredKinds,
  Random,
  silentLogger,
  systemClock,
} from '../../base/index.ts'
import {
  type Cluster,
  clusterServers,
  PARTITIONS,
  partitionOf,
  type Servers,
  STREAM_MB,
  startCluster,
} from '../setup/cluster.ts'
import { describeWith } from '../setup/require.ts'

const USERS = 30
const PINS = 300
const TIME = 1_700_000_000_000
/** Before the log has any of it nobody is to be shown anything. */
const ASKED = { limit: 8, at: TIME + 1_000_000, seed: 7 }

describeWith(clusterServers(), 'the backup of a cluster', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-backup-'))
  const backup = join(folder, 'monday')
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster(2, systemClock)
  }, 120_000)
  afterAll(async () => {
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  type Said = { readonly code: number; readonly text: string }
  /** The command itself, as an operator types it; what it says of an error on code 1. */
  async function pinwheel(words: readonly string[], { broker, database }: Servers): Promise<Said> {
    const settings = { PINWHEEL_PARTITIONS: `${PARTITIONS}`, PINWHEEL_STREAM_MB: `${STREAM_MB}` }
    const env = { ...process.env, ...settings, PINWHEEL_POSTGRES: database.connection }
    const args = ['serving/pinwheel.mjs', ...words, '--nats', broker.url, '--json']
    return promisify(execFile)(process.execPath, args, { env }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      ({ code, stdout, stderr }) => ({ code, text: `${stdout}${stderr}` }),
    )
  }

  const random = new Random(3)
  /** What was acknowledged, in the order of the log: a message each. */
  const sent: Entry[][] = []
  async function append(entries: Entry[]): Promise<void> {
    const writer = new EntryWriter()
    for (const entry of entries) writer.append(entry)
    const { payload, count } = writer.take()
    await cluster.log.append(partitionOf(entryOwner(entries[0]!)), payload, count)
    sent.push(entries)
  }
  let events = 0
  const some = (): Entry[] => {
    const user = `u${random.below(USERS)}`
    return Array.from({ length: 4 }, (_, n) => {
      const kind = n === 0 ? ('save' as const) : ('closeup' as const)
      const id = `e${events++}`
      return { kind, id, time: TIME + events, user, pin: `p${random.below(PINS)}` }
    })
  }

  /** Through a sidecar, what an actor answers. */
  async function call(
    actor: string,
    method: string,
    body: object,
  ): Promise<Record<string, unknown>> {
    const { httpPort } = cluster.hosts[0]!.sidecar
    const address = `http://127.0.0.1:${httpPort}/v1.0/actors/${actor}/method/${method}`
    const put = { method: 'PUT', body: JSON.stringify(body), signal: AbortSignal.timeout(8_000) }
    const text = await (await fetch(address, put)).text()
    const envelope = JSON.parse(text) as { ok?: boolean; value?: Record<string, unknown> }
    if (envelope.ok !== true) throw new Error(text)
    return envelope.value!
  }

  /** Users who do not say what `batches` say of them. */
  async function wrong(batches: readonly Entry[][]): Promise<string[]> {
    const told = new Map<string, number>()
    for (const entry of batches.flat()) {
      const user = entryOwner(entry)
      if (entry.kind === 'closeup') told.set(user, (told.get(user) ?? 0) + 1)
    }
    const found = Array.from(told, async ([id, count]) => {
      const ask = { id, method: 'context' }
      const said = await call(`UserShard/${shardOf(id)}`, 'ask', ask).catch(String)
      const closeups = typeof said === 'string' ? said : said['closeups']
      return closeups === count ? [] : [`${id} says ${closeups}, not ${count}`]
    })
    return (await Promise.all(found)).flat()
  }
  const becomesRight = () =>
    expect.poll(() => wrong(sent), { timeout: 40_000, interval: 300 }).toEqual([])

  const feeds = () =>
    Promise.all(
      ['u1', 'u2', 'u3'].map(async (user) => {
        const { rung, items } = await call(`User/${user}`, 'recommend', ASKED)
        return { user, rung, items }
      }),
    )

  /** When a ranker has built all it has read: what it does so behind its first answers. */
  async function settledFeeds() {
    let [last, same] = [await feeds(), 0]
    while (same < 3) {
      await systemClock.sleep(700)
      const next = await feeds()
      same = isDeepStrictEqual(next, last) && next[0]!.rung === 'light' ? same + 1 : 0
      last = next
    }
    return last
  }

  let facts: ClusterFacts
  let before = 0
  let shown: unknown

  /** A ranker that keeps base snapshots in a directory, as one with `--data` does. */
  async function rankerIn(directory: string) {
    const stream = { url: cluster.broker.url, bytesMax: STREAM_MB * 1e6, partitions: PARTITIONS }
    const log = await openStreamLog({ ...stream, clock: systemClock })
    const sizes = { usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000, tagsMax: 1_000 }
    const bases = { directory, growthMin: 1e9 }
    const common = { kinds: noDeclaredKinds, clock: systemClock, logger: silentLogger }
    const ranker = await HostRanker.open({ log, ...sizes, bases, ...common })
    const stop = () => ranker.stop().then(() => log.close())
    return { ranker, stop }
  }
  const [data, other] = [join(folder, 'ranker'), join(folder, 'other')]
  let kept = 0

  test('it is made while entries come in', async () => {
    for (let p = 0; p < PINS; p++) {
      await append([{ kind: 'pin', id: `p${p}`, time: TIME, tags: [`t${p % 3}`] }])
    }
    for (let n = 0; n < 300; n++) await append(some())
    // What is folded is written some seconds later.
    const { httpPort } = cluster.hosts[0]!.sidecar
    const bookmark = `http://127.0.0.1:${httpPort}/v1.0/state/state/Delivery-0`
    const isWritten = async () => (await fetch(bookmark)).status
    await expect.poll(isWritten, { timeout: 40_000, interval: 300 }).toBe(200)
    const { ranker, stop } = await rankerIn(data)
    await ranker.follow()
    await ranker.snapshot()
    kept = ranker.entries
    await stop()
    let isOver = false
    const load = (async () => {
      while (!isOver) await append(some())
    })()
    await systemClock.sleep(1_000)
    before = sent.length
    const { code, text } = await pinwheel(['backup', '--data', data, '--to', backup], cluster)
    isOver = true
    await load
    expect({ code, text }).toMatchObject({ code: 0 })
    facts = JSON.parse(text) as ClusterFacts
    expect(facts.log.last).toBeGreaterThanOrEqual(before)
    expect(facts.documents.count).toBeGreaterThan(USERS)
    // Entries came in behind the cut, so that it was cut.
    expect(sent.length).toBeGreaterThan(facts.log.last)
    await becomesRight()
    await cluster.add('ranker')
    shown = await settledFeeds()
  }, 180_000)

  test('a backup that is another, or was changed, is refused, and nothing is begun', async () => {
    const refused = async (change: (copy: string) => unknown, env: Record<string, string> = {}) => {
      const copy = join(folder, 'copy')
      cpSync(backup, copy, { recursive: true })
      await change(copy)
      for (const [name, value] of Object.entries(env)) process.env[name] = value
      const { text } = await pinwheel(['restore', '--from', copy, '--replace'], cluster)
      for (const name of Object.keys(env)) delete process.env[name]
      rmSync(copy, { recursive: true })
      return text
    }
    const told = async (copy: string, other: (facts: ClusterFacts) => object) => {
      const said = await readChecked(realDisk, copy, 'backup.json', (fact) => fact as ClusterFacts)
      await writeChecked(realDisk, copy, 'backup.json', other(said!))
    }
    const flip = (name: string) => (copy: string) => {
      const bytes = readFileSync(join(copy, name))
      bytes[bytes.length >> 1]! ^= 1
      writeFileSync(join(copy, name), bytes)
    }
    for (const name of ['log.snapshot', 'documents.dump', 'dead-letters.snapshot']) {
      expect(await refused(flip(name))).toContain('[RESTORE_DIFFERS]')
    }
    const gone = (copy: string) => rmSync(join(copy, 'backup.json'))
    expect(await refused(gone)).toContain('[DIRECTORY_INVALID]')
    const newer = (copy: string) => told(copy, (said) => ({ ...said, format: 2 }))
    expect(await refused(newer)).toContain('[LOG_NEWER]')
    const ahead = (copy: string) => {
      const last = sequenceOf(Math.max(...facts.documents.newest)) - 1
      return told(copy, (said) => ({ ...said, log: { ...said.log, last } }))
    }
    expect(await refused(ahead)).toMatch(/newer than the log.*\[RESTORE_DIFFERS\]/)
    const old = (copy: string) => told(copy, (said) => ({ ...said, unread: 1_000 }))
    expect(await refused(old)).toMatch(/PINWHEEL_STREAM_DAYS.*\[CONFIG_INVALID\]/)
    const same = () => {}
    const name = { PINWHEEL_CLUSTER: 'other' }
    expect(await refused(same, name)).toContain('[BACKUP_OTHER]')
    // Hosts that read it are told from what is left of a stream.
    expect(await refused(same)).toContain('[INGEST_READ]')
    await becomesRight()
  }, 60_000)

  test('the servers gone, others have all of it once, and go on', async () => {
    await cluster.stop()
    let restored: Said | undefined
    cluster = await startCluster(2, systemClock, {
      fill: async (servers) => {
        restored = await pinwheel(['restore', '--data', other, '--from', backup], servers)
      },
    })
    expect(restored).toMatchObject({ code: 0 })
    const { last } = await cluster.log.ends()
    expect(last).toBeGreaterThanOrEqual(facts.log.last)
    expect(last).toBeGreaterThanOrEqual(before)
    const begun = await rankerIn(other)
    expect(begun.ranker.entries).toBe(kept)
    await begun.stop()
    const lost = sent.splice(last)
    await becomesRight()
    // Whoever was not in time sends it again; then all is as it was.
    for (const entries of lost) await append(entries)
    await becomesRight()
    expect((await cluster.log.ends()).last).toBe(last + lost.length)
    await cluster.add('ranker')
    await expect.poll(feeds, { timeout: 30_000 }).toEqual(shown)
    for (let n = 0; n < 50; n++) await append(some())
    await becomesRight()
  }, 120_000)

  test('a log that is shorter than documents say is not read on', async () => {
    const { last } = await cluster.log.ends()
    const read = async (after: number) => {
      const frames = cluster.log.follow(0, { from: 0, after: 4096 * after })
      for await (const { sequence } of frames) return sequence
    }
    expect(await read(last)).toBeGreaterThan(0)
    await expect(read(last + 1)).rejects.toMatchObject({ code: 'LOG_SHORT' })
  })

  test('a restore that was not finished leaves what hosts refuse', async () => {
    const stream = { cluster: 'half', partitions: PARTITIONS, ageMsMax: 1e9, replicas: 1 }
    const given = { ...stream, bytesMax: 2 ** 24, url: cluster.broker.url, clock: systemClock }
    const log = await JetStreamLog.open(given)
    await log.append(0, new EntryWriter().take().payload, 0)
    await log.close()
    const archive = await StreamArchive.open(given)
    const chunks: Uint8Array[] = []
    await archive.save('log', async (chunk) => void chunks.push(chunk.slice()))
    await archive.remove()
    async function* pieces() {
      yield* chunks
    }
    await archive.fill('log', { ...given, chunks: pieces() })
    await expect(JetStreamLog.open(given)).rejects.toMatchObject({ code: 'INGEST_OTHER' })
    await expect(archive.partitions()).rejects.toMatchObject({ code: 'INGEST_OTHER' })
    await archive.remove()
    await archive.close()
  })

  test('over what is there it wants to be told, and hosts that ended', async () => {
    const words = ['restore', '--data', other, '--from', backup]
    const ended = cluster.hosts.map(({ child }) => once(child, 'exit'))
    for (const { child } of cluster.hosts) child.kill('SIGTERM')
    await Promise.all(ended)
    for (const { child } of cluster.others) child.kill('SIGTERM')
    await expect
      .poll(async () => (await pinwheel(words, cluster)).text, { timeout: 30_000 })
      .toContain('[DIRECTORY_OCCUPIED]')
    const { code, text } = await pinwheel([...words, '--replace'], cluster)
    expect({ code, text }).toMatchObject({ code: 0 })
    const { setAside } = JSON.parse(text) as { setAside: string }
    expect(readdirSync(setAside).sort()).toEqual(['models', 'ranker'])
    const { last } = await cluster.log.ends()
    expect(last).toBeGreaterThanOrEqual(facts.log.last)
    expect(last).toBeLessThan(sent.length)
  }, 180_000)
})
