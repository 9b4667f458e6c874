/**
 * A few of the schedules that `npm run failures` runs by the hundred, over one cluster; and that
 * what was lost or doubled would be found.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Oracle } from '../failures/oracle.ts'
import { runSchedule } from '../failures/run-schedule.ts'
import { type Fault, faults, scheduleOf } from '../failures/schedule.ts'
import { SupervisedCluster } from '../failures/supervised-cluster.ts'
import { clusterServers } from '../setup/cluster.ts'
import { memoryDisk } from '../setup/memory-disk.ts'
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

    const kinds: Fault[] = ['kill shards and sidecar', 'kill nats', 'roll shards', 'cut shards']
    if (memoryDisk.found) kinds.push('disk nats')
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

    /** A schedule that hurts no count: what is wrong then is what was planted. */
    const calm = (fault: Fault) => {
      const isIt = (seed: number) => {
        const [first, ...others] = scheduleOf(seed)
        return first?.fault === fault && others.length === 0
      }
      return Array.from({ length: 200 }, (_, n) => 1_000 + n).find(isIt)!
    }

    test('an event that was acknowledged and has no effect is found', async () => {
      const seed = calm('kill redis')
      const planted = { user: `s${seed}-u0`, pin: `s${seed}-p0`, event: 'planted' }
      const plant = (oracle: Oracle) => {
        oracle.sent(planted)
        oracle.acknowledge(planted)
      }
      const { violations } = await runSchedule(cluster, seed, { settleMs: 12_000, plant })
      expect(violations.map(({ what }) => what)).toEqual(['lost', 'lost'])
    })

    test('a document that says that it has what it has not is found', async () => {
      // Long enough that documents are written more than once.
      const seed = calm('pause ranker')
      const user = `s${seed}-u0`
      const document = `%User-${Buffer.from(user).toString('base64url')}`
      const of = `key like '${document}'`
      const jsonOf = (table: string) => `convert_from(${table}.value, 'UTF8')::jsonb`
      const json = jsonOf('pinwheel_state')
      const stateIn = () => {
        return cluster.sql(`select ${json}->>'state' from pinwheel_state where ${of}`).trim()
      }
      // As it is now, with its pieces.
      const keep = () => {
        const all = `${of} or key like '${document}.%'`
        cluster.sql(`create table planted as select * from pinwheel_state where ${all}`)
      }
      const waiting = { timeout: 40_000, interval: 500 }
      const early = vi.waitUntil(stateIn, waiting).then((state) => {
        keep()
        return state
      })
      const plant = async () => {
        const old = await early
        await vi.waitUntil(() => stateIn() !== old, waiting)
        const pieces = `select * from planted where key like '${document}.%'`
        cluster.sql(`insert into pinwheel_state ${pieces} on conflict do nothing`)
        // What it held then, under what it says now that it has.
        const back = `jsonb_set(${jsonOf('planted')}, '{applied}', ${json}->'applied')`
        const changes = `value = convert_to((${back})::text, 'UTF8'), etag = gen_random_uuid()`
        const same = `pinwheel_state.key = planted.key and planted.${of}`
        cluster.sql(`update pinwheel_state set ${changes} from planted where ${same}`)
        cluster.sql('drop table planted')
        // What hosts remember is right.
        for (const which of [0, 1]) (await cluster.inflict('kill shards', which))()
      }
      const { violations } = await runSchedule(cluster, seed, { settleMs: 40_000, plant })
      expect(violations).toEqual([
        { what: 'lost', about: expect.stringContaining(`user ${user} `) },
      ])
    }, 150_000)
  })
})
