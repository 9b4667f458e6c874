/**
 * A few of the schedules that `npm run failures` runs by the hundred, over one cluster; and that
 * what was lost or doubled would be found.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Oracle } from '../failures/oracle.ts'
import { runSchedule } from '../failures/run-schedule.ts'
import { faults, scheduleOf } from '../failures/schedule.ts'
import { SupervisedCluster } from '../failures/supervised-cluster.ts'
import { clusterServers } from '../setup/cluster.ts'
import { findRedis } from '../setup/redis.ts'
import { describeWith } from '../setup/require.ts'

const servers = clusterServers()
const redis = { server: 'redis', found: findRedis(), hint: servers.hint } as const

describeWith(servers, 'schedules of failures', () => {
  describeWith(redis, 'over a cluster', () => {
    let cluster: SupervisedCluster
    beforeAll(async () => {
      cluster = await SupervisedCluster.start()
    }, 120_000)
    afterAll(() => cluster?.stop())

    const kinds = ['kill shards and sidecar', 'kill nats', 'roll shards'] as const
    test.each(kinds)('%s: nothing is lost or doubled, and feeds go on', async (kind) => {
      const outcome = await runSchedule(cluster, faults.indexOf(kind))
      expect(outcome.steps[0]!.fault).toBe(kind)
      expect(outcome.violations).toEqual([])
      expect(outcome.acknowledged).toBeGreaterThan(200)
      const { failed = 0, ...answered } = outcome.feeds.rungs
      const all = Object.values(answered).reduce((sum, count) => sum + count, 0)
      expect(all).toBeGreaterThan(20)
      expect(failed).toBeLessThan(all / 4)
    })

    test('an event that was acknowledged and has no effect is found', async () => {
      // One that is soon over: what is wrong then is what was planted.
      const isCalm = (seed: number) => {
        const [first, ...others] = scheduleOf(seed)
        return first?.fault === 'kill redis' && others.length === 0
      }
      const seed = Array.from({ length: 200 }, (_, n) => 1_000 + n).find(isCalm)!
      const planted = { user: `s${seed}-u0`, pin: `s${seed}-p0`, event: 'planted' }
      const plant = (oracle: Oracle) => {
        oracle.sent(planted)
        oracle.acknowledge(planted)
      }
      const { violations } = await runSchedule(cluster, seed, { settleMs: 12_000, plant })
      expect(violations.map(({ what }) => what)).toEqual(['lost', 'lost'])
    })
  })
})
