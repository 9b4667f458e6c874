export { type Centrality, centralityOf } from './centrality.ts'
export {
  bipartiteClustering,
  type Clustering,
  type ClusteringOptions,
  clusteringDefaults,
} from './clustering.ts'
export {
  type Communities,
  type Community,
  type CommunityOptions,
  communityDefaults,
  communityTopics,
  findCommunities,
} from './communities.ts'
export { type DegreeLaws, degreeLaws, percentile, type Tail } from './degree-laws.ts'
export { type GexfOptions, toGexf } from './gexf.ts'
export {
  type EffectiveTopics,
  type GraphStats,
  type GraphStatsOptions,
  graphStats,
} from './graph-stats.ts'
export { type PathOptions, type PinPath, pathBetween, pathDefaults } from './paths.ts'
export {
  type PinProjection,
  type ProjectionOptions,
  projectionDefaults,
  projectPins,
} from './projection.ts'
export { shuffleEdges } from './shuffle.ts'
export {
  type EgoOptions,
  egoDefaults,
  egoNetwork,
  type Subgraph,
  type SubgraphNode,
} from './subgraph.ts'
