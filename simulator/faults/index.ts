export { type ClusterFault, clusterFaults } from './cluster-faults.ts'
export { type Damage, damaged, damages } from './disk-damage.ts'
export { type Fault, faults, type World } from './faults.ts'
export { clusterBranches, Happenings } from './happenings.ts'
export { Network, type Outcome } from './network.ts'
export { type HostSizes, OperatedHost, type OperatedHostOptions } from './operated-host.ts'
export { PagePool } from './page-pool.ts'
export { ProcessDisk } from './process-disk.ts'
export {
  type ClusterBugs,
  clusterDefaults,
  partitionOf,
  SimulatedCluster,
} from './simulated-cluster.ts'
export { SimulatedDisk } from './simulated-disk.ts'
export type { ShardServer, Sidecar } from './simulated-placement.ts'
export { type Commit, SimulatedStore, STALE_MS } from './simulated-store.ts'
export { SimulatedThreads, type SimulatedThreadsOptions } from './simulated-threads.ts'
export { Trace } from './trace.ts'
export { SimulatedProcess, Stalled, VirtualTime } from './virtual-time.ts'
export { withoutStacks } from './without-stacks.ts'
