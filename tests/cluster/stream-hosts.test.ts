/**
 * Hosts of a cluster in processes of their own: the log in a real JetStream, documents in a real
 * PostgreSQL, shards behind two real sidecars. Each is killed while events come in; what was
 * acknowledged has its effect once.
 */
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import { Closeups } from '../setup/closeups.ts'
import { type Cluster, clusterServers, startCluster } from '../setup/cluster.ts'
import { describeWith } from '../setup/require.ts'

describeWith(clusterServers(), 'hosts of a cluster', () => {
  let cluster: Cluster
  let closeups: Closeups
  beforeAll(async () => {
    cluster = await startCluster(2, systemClock)
    closeups = new Closeups(cluster)
  }, 120_000)
  afterAll(() => cluster?.stop())

  test('what is appended to the stream reaches users and pins on both hosts', async () => {
    await closeups.write(1_000)
    await closeups.becomeRight()
    expect(await closeups.wrong(cluster.hosts[1]!)).toEqual([])
  })

  test('a host that is killed under load loses and doubles nothing', async () => {
    const writing = closeups.write(4_000)
    await systemClock.sleep(1_000)
    cluster.hosts[1]!.child.kill('SIGKILL')
    await writing
    await closeups.becomeRight()
  })

  test('hosts whose clocks differ by minutes lose and double nothing', async () => {
    const shifted = (ms: number) => {
      const code = `const now = Date.now; Date.now = () => now() + ${ms}`
      return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` }
    }
    const writing = closeups.write(4_000)
    const ahead = await cluster.add('shards', shifted(7 * 60_000))
    const behind = await cluster.add('shards', shifted(-7 * 60_000))
    await writing
    await closeups.becomeRight()
    expect(await closeups.wrong(behind)).toEqual([])
    // What they have written another takes over.
    const later = closeups.write(3_000)
    ahead.child.kill('SIGKILL')
    behind.child.kill('SIGKILL')
    await later
    await closeups.becomeRight()
  })

  test('a host whose sidecar is gone ends, and loses nothing', async () => {
    const third = await cluster.add()
    const ended = once(third.child, 'exit')
    const writing = closeups.write(3_000)
    await systemClock.sleep(1_000)
    await third.sidecar.stop()
    expect(await ended).toEqual([1, null])
    await writing
    await closeups.becomeRight()
  })

  test('nor does PostgreSQL, killed and started again', async () => {
    const writing = closeups.write(3_000)
    await systemClock.sleep(1_000)
    await cluster.database.kill()
    await systemClock.sleep(500)
    await cluster.database.start()
    await writing
    await closeups.becomeRight()
  })

  test('nor does NATS, killed and started again', async () => {
    const writing = closeups.write(3_000)
    await systemClock.sleep(500)
    await cluster.broker.kill()
    await cluster.broker.start()
    await writing
    await closeups.becomeRight()
  })

  test('a host that is told to end ends, though its sidecar and NATS went first', async () => {
    const third = await cluster.add()
    await closeups.write(1_000)
    await cluster.broker.kill()
    third.sidecar.kill()
    const ended = once(third.child, 'exit')
    third.child.kill('SIGTERM')
    expect(await ended).toEqual([expect.any(Number), null])
    await cluster.broker.start()
    await closeups.becomeRight()
  })
})
