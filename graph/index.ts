export { type BoardRows, boardRows, type Edge, edgeDigest } from './board-rows.ts'
export type { PinTopics } from './board-topics.ts'
export { buildGraph, buildGraphSteps } from './build.ts'
export { type DeltaOptions, GraphDelta } from './delta.ts'
export { edgeFile } from './edge-file.ts'
export {
  type BoardCodes,
  type EdgeChunk,
  type EdgeList,
  type EdgeStream,
  UNKNOWN_CODE,
} from './edge-source.ts'
export { generatedEdges } from './generated-edges.ts'
export {
  type DeltaMemory,
  type GraphMemory,
  type GraphStore,
  heapStore,
  sharedStore,
  wasmStore,
} from './graph-store.ts'
export { GraphView, type ViewMemory } from './graph-view.ts'
export { kernelModule } from './kernel-module.ts'
export { landingShares } from './landing-shares.ts'
export { LiveGraph, type LiveGraphOptions, liveGraphDefaults } from './live-graph.ts'
export type { IdReader, NamedEdges } from './named-edges.ts'
export { exactPageRank, type PageRankOptions, pageRankDefaults } from './pagerank.ts'
export { type BoardGroup, PinBoardGraph } from './pin-board-graph.ts'
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
export { allocateSteps, type WalkSeed } from './walk/allocate-steps.ts'
export type { WalkBias } from './walk/bias.ts'
export type { ScoreParts } from './walk/score-parts.ts'
export { WalkScratch } from './walk/scratch.ts'
export { type WalkOptions, type WalkResult, walk, walkDefaults } from './walk/walk.ts'
