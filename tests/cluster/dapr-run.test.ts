/**
 * dapr.yaml as the local cluster starts it: real servers, two shard hosts, two rankers, two APIs,
 * each behind its own sidecar. Any of them answers, a host may die, a second launcher uses what it
 * finds, and nothing is left of either.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import type { OwnApp } from '../../serving/cluster/index.ts'
import { type Cluster, type ReadyLine, startCluster } from '../../serving/cluster/index.ts'
import { clusterServers } from '../setup/cluster.ts'
import { type ClusterFile, writeClusterFile } from '../setup/cluster-file.ts'
import { findNeo4j } from '../setup/neo4j.ts'
import { findRedis } from '../setup/redis.ts'
import { describeWith } from '../setup/require.ts'

const USERS = 20
const PINS = 80
const time = 1_700_000_000_000
const isAlive = (pid: number) => existsSync(`/proc/${pid}`)

describeWith(clusterServers(), 'the local cluster', () => {
  let given: ClusterFile
  let cluster: Cluster | undefined
  const lines: ReadyLine[] = []
  const ended: string[] = []
  let began = 0
  const launchers: ChildProcess[] = []
  const appOf = (name: string) => cluster!.apps.find((app) => app.name === name) as OwnApp
  const address = (name: string) => `http://127.0.0.1:${appOf(name).entry['appPort']}`
  const without = [...(findRedis() ? [] : (['redis'] as const)), 'neo4j' as const]

  type Feed = { readonly rung: string; readonly items: readonly { readonly pin: string }[] }
  const feed = async (through: string, user: number): Promise<Feed> => {
    const { httpPort } = appOf(through)
    const actor = `http://127.0.0.1:${httpPort}/v1.0/actors/User/${user}/method/recommend`
    const body = JSON.stringify({ limit: 5, at: time + 1_000, seed: 7 })
    // A sidecar may keep a call open for good that meets an actor as its host dies.
    const signal = AbortSignal.timeout(5_000)
    const reply = await fetch(actor, { method: 'PUT', body, signal })
    const text = await reply.text()
    const envelope = JSON.parse(text) as { ok?: boolean; value?: Feed }
    if (!reply.ok || envelope.ok !== true) throw new Error(text)
    return envelope.value!
  }
  const feeds = async (through: string) => {
    const pins: string[][] = []
    for (let user = 0; user < USERS; user++) {
      pins.push((await feed(through, user)).items.map(({ pin }) => pin))
    }
    return pins
  }
  /** Feeds as they are twice running. */
  const settled = async (through: string): Promise<string[][]> => {
    let last: string[][] = []
    const isSame = async () => {
      const [before, now] = [last, await feeds(through)]
      last = now
      return JSON.stringify(before) === JSON.stringify(now)
    }
    await expect.poll(() => isSame().catch(String), { timeout: 30_000 }).toBe(true)
    return last
  }
  const shardsOn = async (name: string): Promise<number> => {
    const reply = await fetch(`http://127.0.0.1:${appOf(name).httpPort}/v1.0/metadata`)
    const { actorRuntime } = (await reply.json()) as {
      actorRuntime: { activeActors?: { type: string; count?: number }[] }
    }
    const shards = actorRuntime.activeActors?.filter(({ type }) => type.endsWith('Shard')) ?? []
    return shards.reduce((sum, { count = 0 }) => sum + count, 0)
  }
  const post = (entries: readonly unknown[]) =>
    fetch(`${address('pinwheel-api-1')}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entries }),
    })
  const left = () => processesWith(given.env['PINWHEEL_POSTGRES']!)
  const say = (words: string) => process.stdout.write(`    ${words}\n`)

  beforeAll(async () => {
    given = await writeClusterFile()
    began = systemClock.monotonic()
    cluster = await startCluster({
      ...{ file: given.file, data: given.data, without, env: given.env, by: 'own' },
      onReady: (line) => lines.push(line),
      onEnded: ({ name }, how) => ended.push(`${name} ${how}`),
    })
    say(`up after ${((systemClock.monotonic() - began) / 1_000).toFixed(1)} s`)
  }, 180_000)
  afterAll(async () => {
    await cluster?.stop()
    for (const child of launchers) child.kill('SIGKILL')
    rmSync(given.folder, { recursive: true, force: true })
  }, 60_000)

  test('each process is told of: what it is, where it listens, its log', () => {
    expect(cluster!.servers.map(({ state }) => state)).not.toContain('found')
    const names = lines.map(({ name }) => name)
    const pairs = ['shards', 'ranker', 'api'].flatMap((role) => [1, 2].map((n) => `${role}-${n}`))
    const apps = [...pairs, 'jobs-1']
    expect(names).toEqual(expect.arrayContaining(['placement', 'scheduler', 'nats', 'postgres']))
    expect(names).toEqual(expect.arrayContaining(apps.map((app) => `pinwheel-${app}.daprd`)))
    for (const { state, pid, log } of lines) {
      expect(state).toBe('ready')
      expect(isAlive(pid!)).toBe(true)
      expect(existsSync(log!)).toBe(true)
    }
  })

  test('what the API takes in is in the feed of its user', async () => {
    const pins = Array.from({ length: PINS }, (_, p) => {
      const tags = [p % 2 === 0 ? 'even' : 'odd']
      return { kind: 'pin', id: `p${p}`, time, tags, title: `Pin ${p}` }
    })
    const saves = Array.from({ length: 6 * USERS }, (_, i) => {
      const [user, n] = [i % USERS, Math.floor(i / USERS)]
      const pin = (user * 7 + n * n) % PINS
      return { kind: 'save', id: `s${i}`, time: time + i, user: String(user), pin: `p${pin}` }
    })
    const reply = await post([...pins, ...saves])
    expect(reply.status).toBe(202)
    const { position } = (await reply.json()) as { position: string }
    const path = `/v1/users/4/recommendations?limit=5&after=${position}`
    const answer = async () => (await fetch(`${address('pinwheel-api-2')}${path}`)).status
    await expect.poll(answer, { timeout: 20_000 }).toBe(200)
    say(`${((systemClock.monotonic() - began) / 1_000).toFixed(1)} s from start to first feed`)
  })

  test('any sidecar answers, and the same', async () => {
    const rungs = async () => (await feed('pinwheel-shards-1', 4)).rung
    await expect.poll(() => rungs().catch(String), { timeout: 30_000 }).toBe('light')
    const all = async () => {
      const each: string[][][] = []
      for (const { name } of cluster!.apps) each.push(await feeds(name))
      return each
    }
    // On a busy machine an answer may be late, or leave out what would have been.
    const different = async () => new Set((await all()).map(String)).size
    await expect.poll(() => different().catch(String), { timeout: 50_000 }).toBe(1)
    const first = await settled('pinwheel-api-2')
    expect(new Set(first.map(String)).size).toBeGreaterThan(USERS / 2)
  })

  test('the line of the README asks it', () => {
    const readme = readFileSync('README.md', 'utf8')
    const line = /^curl -X PUT .*$/m.exec(readme)?.[0] ?? ''
    const here = line.replace(/(?<=127\.0\.0\.1:)\d+/, (port) => String(given.portOf(port)))
    const said = execFileSync('sh', ['-c', `${here} -s`], { encoding: 'utf8' })
    expect(JSON.parse(said)).toMatchObject({ ok: true, value: { user: '17' } })
  })

  test('shards lie on both hosts; one that is killed gives its to the other', async () => {
    expect(await shardsOn('pinwheel-shards-1')).toBeGreaterThan(0)
    expect(await shardsOn('pinwheel-shards-2')).toBeGreaterThan(0)
    const before = await settled('pinwheel-shards-1')
    appOf('pinwheel-shards-2').app.child.kill('SIGKILL')
    const all = () => feeds('pinwheel-shards-1').catch(String)
    await expect.poll(all, { timeout: 40_000, interval: 500 }).toEqual(before)
    expect(await shardsOn('pinwheel-shards-2')).toBe(0)
    // Nothing but that was ended by it: who started the cluster decides.
    expect(ended).toEqual(['pinwheel-shards-2 was ended by SIGKILL'])
  })

  test('a second launcher uses the servers of the first, and leaves them', async () => {
    const api = /^ {2}- appID: pinwheel-api\n(?: {4}.*\n)*/m
    const file = await given.withApps('more.yaml', (text) => {
      // The variables of all stand at the first.
      const [, env = ''] = /env: &env\n((?: {6}.*\n)+)/.exec(text) ?? []
      return `apps:\n${api.exec(text)?.[0].replace('env: *env\n', `env:\n${env}`)}`
    })
    const data = `${given.data}-2`
    const started: ReadyLine[] = []
    const more = findNeo4j() ? without.filter((name) => name !== 'neo4j') : without
    const second = await startCluster({
      ...{ file, data, without: more, env: given.env, by: 'own' },
      onReady: (line) => started.push(line),
    })
    const pidOf = (list: readonly ReadyLine[], name: string) =>
      list.find((line) => line.name === name)?.pid
    const found = started.filter(({ state }) => state === 'found')
    expect(found.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['placement', 'scheduler', 'nats', 'postgres']),
    )
    for (const { name, pid } of found) expect(pid, name).toBe(pidOf(lines, name))
    const [only] = second.apps
    const ask = () =>
      fetch(`http://127.0.0.1:${only!.entry['appPort']}/v1/users/4/recommendations?limit=5`)
    await expect.poll(async () => (await ask()).status, { timeout: 20_000 }).toBe(200)
    await second.stop()
    for (const { state, pid, name } of started) expect(isAlive(pid!), name).toBe(state === 'found')
    expect(await settled('pinwheel-api-1')).toHaveLength(USERS)
  }, 150_000)

  test('after the end nothing is left', async () => {
    await cluster!.stop()
    cluster = undefined
    expect(lines.filter(({ pid }) => isAlive(pid!))).toEqual([])
    expect(left()).toEqual([])
  })

  /** `pinwheel cluster` over the same files, once it has said `words`. */
  const typed = async (words: RegExp) => {
    const less = ['--without', 'neo4j,redis,scheduler']
    const flags = ['--file', given.file, '--data', given.data, ...less]
    const child = spawn(process.execPath, ['serving/pinwheel.mjs', 'cluster', ...flags], {
      env: given.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = { text: '' }
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        said.text += bytes.toString()
      })
    }
    const exit = once(child, 'exit') as Promise<[number | null]>
    launchers.push(child)
    await expect.poll(() => said.text, { timeout: 60_000 }).toMatch(words)
    return { child: child as ChildProcess, said, exit }
  }

  test('an app that ends by itself ends the command, with the end of its log', async () => {
    const { said, exit } = await typed(/Ctrl-C stops/)
    expect(said.text).toContain(`API      http://127.0.0.1:${given.portOf(7011)}/openapi.json`)
    // Said to it, and perhaps with a password.
    expect(said.text).not.toContain('PINWHEEL_POSTGRES')
    const [, pid] = /pinwheel-ranker-1 +ready +pid (\d+)/.exec(said.text) ?? []
    process.kill(Number(pid), 'SIGKILL')
    expect(await exit).toEqual([1, null])
    expect(said.text).toMatch(/pinwheel-ranker-1 was ended by SIGKILL.* ends: .*\[PROGRAM_FAILED\]/)
    expect(left()).toEqual([])
  })

  test('Ctrl-C while it starts leaves nothing, and is no error', async () => {
    const { child, exit } = await typed(/nats +ready/)
    child.kill('SIGINT')
    expect(await exit).toEqual([0, null])
    expect(left()).toEqual([])
  })

  test('a launcher that is killed leaves nothing either', async () => {
    const { child } = await typed(/pinwheel-shards-1 +ready/)
    expect(left().length).toBeGreaterThan(10)
    child.kill('SIGKILL')
    await expect.poll(left, { timeout: 20_000 }).toEqual([])
  })
})

/** Those whose variables name a text that nobody else's do. */
function processesWith(text: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => {
    try {
      const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8')
      return read('environ').includes(text) ? [`${pid} ${read('cmdline')}`] : []
    } catch {
      return []
    }
  })
}
