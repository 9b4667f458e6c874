export { type ClusterFault, clusterFaults } from './cluster-faults.ts'
export { clusterBranches, Happenings } from './happenings.ts'
export {
  type ClusterBugs,
  clusterDefaults,
  partitionOf,
  SimulatedCluster,
} from './simulated-cluster.ts'
export { SimulatedDisk } from './simulated-disk.ts'
export type { ShardServer, Sidecar } from './simulated-placement.ts'
export { type Commit, SimulatedStore, STALE_MS } from './simulated-store.ts'
export { SimulatedProcess, Stalled, VirtualTime } from './virtual-time.ts'
