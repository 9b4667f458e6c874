export {
  bipartiteClustering,
  type Centrality,
  type Clustering,
  type Communities,
  type Community,
  type CommunityOptions,
  centralityOf,
  communityDefaults,
  communityTopics,
  type DegreeLaws,
  type EffectiveTopics,
  type EgoOptions,
  egoDefaults,
  egoNetwork,
  findCommunities,
  type GexfOptions,
  type GraphStats,
  graphStats,
  type PinPath,
  type PinProjection,
  pathBetween,
  pathDefaults,
  projectionDefaults,
  projectPins,
  type Subgraph,
  type SubgraphNode,
  toGexf,
} from './analysis/index.ts'
export type { PinTopics } from './board-topics.ts'
export { GraphView } from './graph-view.ts'
export type { IdReader, NamedEdges } from './named-edges.ts'
export { GraphOverlay, type OverlayMemory, type OverlayOptions } from './overlay.ts'
export { exactPageRank, type PageRankOptions, pageRankDefaults } from './pagerank.ts'
export {
  buildGraph,
  buildGraphSteps,
  type EdgeList,
  type GraphMemory,
  PinBoardGraph,
} from './pin-board-graph.ts'
export {
  type PrunedGraph,
  type PruneOptions,
  pruneDefaults,
  pruneGraph,
} from './prune.ts'
export { graphFromBytes, graphToBytes, loadGraph, saveGraph } from './snapshot.ts'
export {
  type ThreeStepOptions,
  threeStep,
  threeStepDefaults,
} from './three-step.ts'
export { TopK } from './top-k.ts'
export {
  allocateSteps,
  type WalkOptions,
  type WalkResult,
  WalkScratch,
  type WalkSeed,
  walk,
  walkDefaults,
} from './walk.ts'
