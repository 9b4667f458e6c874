/**
 * What goes wrong in a simulated cluster. A fault strikes and is over a while later, if not when
 * faults stop.
 */
import type { Random } from '../../base/index.ts'
import type { SimulatedCluster } from './simulated-cluster.ts'
import { calmLink, networkDefaults } from './simulated-network.ts'
import type { Sidecar } from './simulated-placement.ts'

/** Strikes; the returned function ends it. */
export type ClusterFault = (cluster: SimulatedCluster, random: Random) => () => void

const names = ({ hosts }: SimulatedCluster) => hosts.map(({ name }) => name)
const anyHost = ({ hosts }: SimulatedCluster, random: Random) => hosts[random.below(hosts.length)]!

function without(cluster: SimulatedCluster, host: Sidecar): string[] {
  const others = cluster.hosts.filter((other) => other !== host && other.process.isAlive)
  return others.map(({ name }) => name)
}

/** Shards of a host that is gone go to the others; it comes back empty-handed. */
function down(cluster: SimulatedCluster, host: Sidecar): () => void {
  if (!host.process.isAlive) return () => {}
  cluster.kill(host)
  const left = without(cluster, host)
  if (left.length > 0) cluster.placement.place(left)
  return () => {
    if (host.process.isAlive) return
    cluster.start(host)
    cluster.placement.place(names(cluster))
  }
}

/** A host stands still while others get its shards; then it goes on where it was. */
function pause(cluster: SimulatedCluster, host: Sidecar): () => void {
  host.process.pause()
  cluster.network.stalled(host.process)
  const left = without(cluster, host)
  if (left.length > 0) cluster.placement.place(left)
  return () => host.process.resume()
}

function move(cluster: SimulatedCluster, drains: boolean): () => void {
  cluster.placement.drains = drains
  cluster.placement.place(names(cluster))
  return () => cluster.placement.place(names(cluster))
}

/** Sidecars that do not hear where shards are now. */
function late(cluster: SimulatedCluster, sidecars: readonly Sidecar[]): () => void {
  for (const sidecar of sidecars) sidecar.lagMs = 400
  cluster.placement.place(names(cluster))
  return () => {
    for (const sidecar of sidecars) cluster.placement.catchUp(sidecar)
  }
}

/** A host and some of its callers do not hear that all it has was given to others. */
function doubled(cluster: SimulatedCluster, random: Random): () => void {
  const { placement, clients } = cluster
  const busy = cluster.hosts.filter(({ name }) => placement.table.includes(name))
  const host = busy[random.below(busy.length)] ?? cluster.head
  const left = without(cluster, host)
  if (left.length === 0) return () => {}
  const deaf = [host, clients[0]!]
  for (const sidecar of deaf) sidecar.lagMs = 400
  placement.place(left)
  return () => {
    for (const sidecar of deaf) placement.catchUp(sidecar)
  }
}

/** Changes the links from every host to every other, to the store, and from the client. */
function disturb(
  cluster: SimulatedCluster,
  to: 'hosts' | 'store',
  change: Parameters<SimulatedCluster['network']['disturb']>[2],
  from: readonly Sidecar[] = [...cluster.hosts, ...cluster.clients],
): () => void {
  const { network } = cluster
  const targets = to === 'store' ? ['store'] : names(cluster)
  const all = (change: Parameters<typeof network.disturb>[2]) => {
    for (const { name } of from) {
      for (const target of targets) network.disturb(name, target, change)
    }
  }
  all(change)
  return () => all(calmLink)
}

export const clusterFaults: Readonly<Record<string, ClusterFault>> = {
  'a host is killed': (cluster, random) => down(cluster, cluster.hosts[1 + random.below(2)]!),
  'the host with the log is killed': (cluster) => down(cluster, cluster.head),
  'a host stands still': (cluster, random) => pause(cluster, anyHost(cluster, random)),
  'shards move when their turns are over': (cluster) => move(cluster, true),
  'shards move in the middle of turns': (cluster) => move(cluster, false),
  'a host does not hear that shards moved': (cluster, random) =>
    late(cluster, [anyHost(cluster, random)]),
  'a client does not hear that shards moved': (cluster) => late(cluster, [cluster.clients[0]!]),
  'two hosts have the same shards': (cluster, random) => doubled(cluster, random),
  'a host is cut off from the store': (cluster, random) =>
    disturb(cluster, 'store', { isCut: true }, [anyHost(cluster, random)]),
  'a host is cut off from the others': (cluster, random) =>
    disturb(cluster, 'hosts', { isCut: true }, [anyHost(cluster, random)]),
  'requests to hosts are lost': (cluster) => disturb(cluster, 'hosts', { lostRequests: 0.3 }),
  'replies of hosts are lost': (cluster) => disturb(cluster, 'hosts', { lostReplies: 0.3 }),
  'calls of hosts come twice': (cluster) => disturb(cluster, 'hosts', { twice: 0.6 }),
  'callers are impatient': (cluster) => disturb(cluster, 'hosts', { patienceMs: 12 }),
  'replies of the store are lost': (cluster) => disturb(cluster, 'store', { lostReplies: 0.2 }),
  'the network is slow': ({ network }) => {
    network.delayMs = 40
    return () => {
      network.delayMs = networkDefaults.delayMs
    }
  },
  'writes fail': (cluster) => {
    cluster.store.failing = 0.4
    return () => cluster.store.calm()
  },
  'reads are old': (cluster) => {
    cluster.store.stale = 0.3
    return () => cluster.store.calm()
  },
  'a clock jumps': (cluster, random) => {
    const { process } = anyHost(cluster, random)
    process.jump((random.below(2) * 2 - 1) * 86_400_000)
    return () => {}
  },
}
