/**
 * Hosts of a cluster in processes of their own: the log in a real JetStream, documents in a real
 * PostgreSQL, shards behind two real sidecars. Each is killed while events come in; what was
 * acknowledged has its effect once.
 */
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shardOf } from '../../actors/hosts/dapr/shard-of.ts'
import { EntryWriter } from '../../actors/log/index.ts'
import { Random, systemClock } from '../../base/index.ts'
import {
  type Cluster,
  clusterServers,
  type Host,
  partitionOf,
  startCluster,
} from '../setup/cluster.ts'
import { describeWith } from '../setup/require.ts'

const USERS = 40
const PINS = 30

describeWith(clusterServers(), 'hosts of a cluster', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster(2, systemClock)
  }, 120_000)
  afterAll(() => cluster?.stop())

  /** What an actor says of itself, asked of its shard through a sidecar. */
  async function ask(through: Host, type: 'User' | 'Pin', id: string): Promise<Counts> {
    const method = type === 'User' ? 'context' : 'card'
    const shard = `${type}Shard/${shardOf(id)}`
    const address = `http://127.0.0.1:${through.sidecar.httpPort}/v1.0/actors/${shard}/method/ask`
    const body = JSON.stringify({ id, method })
    const reply = await fetch(address, { method: 'PUT', body, signal: AbortSignal.timeout(5_000) })
    const text = await reply.text()
    const envelope = JSON.parse(text) as { ok?: boolean; value?: Counts }
    if (envelope.ok !== true) throw new Error(text)
    return envelope.value!
  }
  type Counts = { readonly closeups: number; readonly impressions: number }

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
      await cluster.log.append(partitionOf(user), payload, count)
      const tally = (type: 'User' | 'Pin', id: string) => {
        acknowledged[type].set(id, (acknowledged[type].get(id) ?? 0) + 1)
      }
      for (const pin of pins) {
        tally('Pin', pin)
        tally('User', user)
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

  /** Everybody says what was acknowledged, in a while, and through the first host's sidecar. */
  async function becomesRight(): Promise<void> {
    const told = () => wrong(cluster.hosts[0]!)
    await expect.poll(told, { timeout: 40_000, interval: 300 }).toEqual([])
  }

  test('what is appended to the stream reaches users and pins on both hosts', async () => {
    await write(1_000)
    await becomesRight()
    expect(await wrong(cluster.hosts[1]!)).toEqual([])
  })

  test('a host that is killed under load loses and doubles nothing', async () => {
    const writing = write(4_000)
    await systemClock.sleep(1_000)
    cluster.hosts[1]!.child.kill('SIGKILL')
    await writing
    await becomesRight()
  })

  test('hosts whose clocks differ by minutes lose and double nothing', async () => {
    const shifted = (ms: number) => {
      const code = `const now = Date.now; Date.now = () => now() + ${ms}`
      return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` }
    }
    const writing = write(4_000)
    const ahead = await cluster.add('shards', shifted(7 * 60_000))
    const behind = await cluster.add('shards', shifted(-7 * 60_000))
    await writing
    await becomesRight()
    expect(await wrong(behind)).toEqual([])
    // What they have written another takes over.
    const later = write(3_000)
    ahead.child.kill('SIGKILL')
    behind.child.kill('SIGKILL')
    await later
    await becomesRight()
  })

  test('a host whose sidecar is gone ends, and loses nothing', async () => {
    const third = await cluster.add()
    const ended = once(third.child, 'exit')
    const writing = write(3_000)
    await systemClock.sleep(1_000)
    await third.sidecar.stop()
    expect(await ended).toEqual([1, null])
    await writing
    await becomesRight()
  })

  test('nor does PostgreSQL, killed and started again', async () => {
    const writing = write(3_000)
    await systemClock.sleep(1_000)
    await cluster.database.kill()
    await systemClock.sleep(500)
    await cluster.database.start()
    await writing
    await becomesRight()
  })

  test('nor does NATS, killed and started again', async () => {
    const writing = write(3_000)
    await systemClock.sleep(500)
    await cluster.broker.kill()
    await cluster.broker.start()
    await writing
    await becomesRight()
  })

  test('a host that is told to end ends, though its sidecar and NATS went first', async () => {
    const third = await cluster.add()
    await write(1_000)
    await cluster.broker.kill()
    third.sidecar.kill()
    const ended = once(third.child, 'exit')
    third.child.kill('SIGTERM')
    expect(await ended).toEqual([expect.any(Number), null])
    await cluster.broker.start()
    await becomesRight()
  })
})
