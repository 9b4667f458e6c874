/**
 * Documents in a Redis without an append-only file that dies: it comes back with what it had saved
 * a while ago, bookmarks and etags of then with it, below hosts that run on and remember more. What
 * it has forgotten is read from the log again.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DaprDocuments } from '../../actors/hosts/dapr/dapr-documents.ts'
import { hostedShardDefaults } from '../../actors/hosts/dapr/hosted-shard.ts'
import { systemClock } from '../../base/index.ts'
import { Closeups } from '../setup/closeups.ts'
import { type Cluster, clusterServers, PARTITIONS, startCluster } from '../setup/cluster.ts'
import { findRedis, Redis, installHint as redisHint } from '../setup/redis.ts'
import { describeWith } from '../setup/require.ts'

/** Longer than what is folded may wait to be written. */
const WRITTEN_MS = hostedShardDefaults.flushMs + 3_000

describeWith(clusterServers(), 'documents in a Redis that forgets', () => {
  const redis = { server: 'redis', found: findRedis(), hint: redisHint } as const
  describeWith(redis, 'below two hosts', (program) => {
    let documents: Redis
    let cluster: Cluster
    let closeups: Closeups
    beforeAll(async () => {
      documents = await Redis.start(program, { forgets: true })
      cluster = await startCluster(2, systemClock, { documents })
      closeups = new Closeups(cluster)
    }, 120_000)
    /** Up to where of each partition everything is in documents. */
    const bookmarks = async () => {
      const store = new DaprDocuments(cluster.hosts[0]!.sidecar.httpPort)
      const keys = Array.from({ length: PARTITIONS }, (_, partition) => `Delivery-${partition}`)
      const found = await store.read(keys)
      await store.stop()
      return keys.map((key, partition) => found.get(key)?.applied.get(partition) ?? -1)
    }
    afterAll(async () => {
      await cluster?.stop()
      await documents?.remove()
    })

    test('loses and doubles nothing while the stream has it', async () => {
      await closeups.write(1_500)
      await systemClock.sleep(WRITTEN_MS)
      await documents.save()
      await closeups.write(1_500)
      await systemClock.sleep(WRITTEN_MS)
      await closeups.becomeRight()
      const before = await bookmarks()
      await documents.kill()
      await documents.start()
      const after = await bookmarks()
      expect(before.some((position, partition) => position > after[partition]!)).toBe(true)
      await closeups.becomeRight()
      await closeups.write(3_000)
      await closeups.becomeRight()
      // And when what they write now is in documents: a host that is new has nothing else.
      await systemClock.sleep(WRITTEN_MS)
      cluster.hosts[1]!.child.kill('SIGKILL')
      await closeups.becomeRight()
    })

    test('nor when its hosts are killed with it', async () => {
      await documents.save()
      await closeups.write(1_500)
      await systemClock.sleep(WRITTEN_MS)
      await documents.kill()
      cluster.hosts[0]!.child.kill('SIGKILL')
      await documents.start()
      const next = await cluster.add()
      await closeups.write(1_000)
      await expect.poll(() => closeups.wrong(next), { timeout: 40_000, interval: 300 }).toEqual([])
    })
  })
})
